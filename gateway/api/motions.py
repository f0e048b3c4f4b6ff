"""What programs ask and say about members who leave, and about offices. A reader returns None for what there is not.

A program speaks for the person whose token it holds, by the rules of the phone. To ask and to agree, it hands on her
chama PIN.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas import directory
from chamas.approving.approvals import NotAsShown, Vote
from chamas.approving.voices import member_beside
from chamas.course import leaving, offices, substitution
from chamas.course import motions as rows
from chamas.course.leaving import Terms
from chamas.course.motions import Motion
from chamas.members.refusals import NotNow
from chamas.members.register import Role
from gateway.api.entry import Act
from gateway.api.payouts import wrong_pin
from ledger.refusals import Refusal
from ledger.wires import Connection


@dataclass(frozen=True)
class Moved:
    """What is asked about a member. `digest` (hexadecimal) is of exactly what is asked: an answer names it. UTC.

    `yes` are those who agreed so far, of `needed`. `how` is how an exit goes: at_once, before_turn or after_turn.
    `role` is an office: of a naming `other_id` holds it now, of a recall she follows.
    """

    id: int
    chama_id: int
    kind: str
    member_id: int
    asked_by: int
    how: str | None
    role: str | None
    other_id: int | None
    state: str
    reason: str | None
    digest: str
    yes: int
    needed: int
    asked_at: datetime
    expires_at: datetime


def listed(conn: Connection, chama_id: int, *, before: int | None, limit: int) -> list[Moved] | None:
    if directory.chama(conn, chama_id) is None:
        return None
    return [_told(conn, one) for one in rows.of_chama(conn, chama_id, before=before, limit=limit)]


def one(conn: Connection, motion_id: int) -> Moved | None:
    try:
        return _told(conn, rows.by_id(conn, motion_id))
    except NotAsShown:
        return None


def terms(conn: Connection, member_id: int) -> Terms | None:
    """What leaving would mean for this member today."""
    try:
        return leaving.terms(conn, member_id)
    except NotNow:
        return None


def leave(conn: Connection, chama_id: int, *, act: Act, pin: str) -> Moved | Refusal | None:
    """Asks to leave as the member of that group that the holder of the token is."""
    if directory.chama(conn, chama_id) is None:
        return None
    wrong = wrong_pin(conn, pin, act=act)
    return wrong or _told(conn, leaving.ask(conn, chama_id, by_user_id=act.user_id, at=act.at))


def name(conn: Connection, chama_id: int, *, act: Act, role: str, number: int, pin: str) -> Moved | Refusal | None:
    """Proposes a member for an office, as the official of that group that the holder of the token is."""
    if directory.chama(conn, chama_id) is None:
        return None
    wrong = wrong_pin(conn, pin, act=act)
    if wrong:
        return wrong
    made = offices.name(conn, chama_id, by_user_id=act.user_id, number=number, role=Role(role), at=act.at)
    return _told(conn, made)


def recall(
    conn: Connection, chama_id: int, *, act: Act, role: str, successor: int | None, pin: str
) -> Moved | Refusal | None:
    """Asks that who holds an office be recalled, as a member of that group."""
    if directory.chama(conn, chama_id) is None:
        return None
    wrong = wrong_pin(conn, pin, act=act)
    if wrong:
        return wrong
    made = offices.recall(conn, chama_id, by_user_id=act.user_id, role=Role(role), successor=successor, at=act.at)
    return _told(conn, made)


def take_back(conn: Connection, motion_id: int, *, act: Act) -> Moved:
    motion = rows.by_id(conn, motion_id)
    member_id = member_beside(conn, motion.member_id, act.user_id) or 0
    return _told(conn, substitution.take_back(conn, motion_id, by_member_id=member_id, at=act.at))


def approve(conn: Connection, motion_id: int, *, act: Act, digest: bytes, pin: str) -> Moved | Refusal:
    """Her yes."""
    wrong = wrong_pin(conn, pin, act=act)
    if wrong is not None:
        return wrong
    return _told(conn, rows.vote(conn, motion_id, act.word(Vote.APPROVE, digest)))


def reject(conn: Connection, motion_id: int, *, act: Act, digest: bytes, reason: int) -> Moved:
    return _told(conn, rows.vote(conn, motion_id, act.word(Vote.REJECT, digest, reason)))


def _told(conn: Connection, one: Motion) -> Moved:
    same = (
        "id",
        "chama_id",
        "member_id",
        "asked_by",
        "other_id",
        "how",
        "role",
        "reason",
        "needed",
        "asked_at",
        "expires_at",
    )
    told: dict[str, Any] = {name: getattr(one, name) for name in same}
    yes = rows.agreed(conn, one)
    return Moved(**told, kind=str(one.kind), state=str(one.state), digest=one.digest.hex(), yes=yes)
