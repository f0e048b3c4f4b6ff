"""What programs ask and say about changes of a group's rules. A reader returns None when there is no such thing.

A program speaks for the person whose token it holds, by the rules of the phone. To agree, it hands on her chama PIN.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas import directory
from chamas.approving.approvals import NotAsShown, Vote
from chamas.rulebook.rules import Rules
from chamas.ruling import proposals as proposing
from chamas.ruling import proposed as rows
from chamas.ruling.proposed import Proposal
from gateway.api.entry import Act
from gateway.api.payouts import wrong_pin
from ledger.refusals import Refusal
from ledger.wires import Connection


@dataclass(frozen=True)
class Proposed:
    """A change of rules. `digest` (hexadecimal) is of exactly what is proposed: an answer names it. UTC.

    `based_on` is the version that it changes, `yes` are those who agreed so far, of `needed`. `holds_from` is None for
    as soon as they have; `begins` is when the version that it became begins.
    """

    id: int
    chama_id: int
    based_on: int
    proposed_by: int
    rules: Rules
    holds_from: datetime | None
    state: str
    reason: str | None
    digest: str
    yes: int
    needed: int
    adopted_as: int | None
    begins: datetime | None
    proposed_at: datetime
    expires_at: datetime


def listed(conn: Connection, chama_id: int, *, before: int | None, limit: int) -> list[Proposed] | None:
    if directory.chama(conn, chama_id) is None:
        return None
    found = [one for one in rows.of_chama(conn, chama_id) if before is None or one.id < before]
    return [_told(conn, one) for one in found[:limit]]


def one(conn: Connection, proposal_id: int) -> Proposed | None:
    try:
        return _told(conn, rows.by_id(conn, proposal_id))
    except NotAsShown:
        return None


def propose(
    conn: Connection, chama_id: int, *, act: Act, holds_from: datetime | None, **changes: Any
) -> Proposed | None:
    """Proposes as the official of that group that the holder of the token is."""
    if directory.chama(conn, chama_id) is None:
        return None
    made = proposing.propose(conn, chama_id, changes, by_user_id=act.user_id, at=act.at, holds_from=holds_from)
    return _told(conn, made)


def propose_anew(
    conn: Connection, proposal_id: int, *, act: Act, holds_from: datetime | None, **changes: Any
) -> Proposed:
    """Something else, while it waits: every answer so far is void."""
    made = proposing.propose_anew(conn, proposal_id, changes, by_user_id=act.user_id, at=act.at, holds_from=holds_from)
    return _told(conn, made)


def approve(conn: Connection, proposal_id: int, *, act: Act, digest: bytes, pin: str) -> Proposed | Refusal:
    """Her yes."""
    wrong = wrong_pin(conn, pin, act=act)
    if wrong is not None:
        return wrong
    return _told(conn, proposing.vote(conn, proposal_id, act.word(Vote.APPROVE, digest)))


def reject(conn: Connection, proposal_id: int, *, act: Act, digest: bytes, reason: int) -> Proposed:
    return _told(conn, proposing.vote(conn, proposal_id, act.word(Vote.REJECT, digest, reason)))


def _told(conn: Connection, one: Proposal) -> Proposed:
    same = ("id", "chama_id", "based_on", "proposed_by", "rules", "holds_from", "reason", "needed", "adopted_as")
    told: dict[str, Any] = {name: getattr(one, name) for name in (*same, "begins", "proposed_at", "expires_at")}
    yes = len(rows.said(conn, one).yes & rows.asked(conn, one))
    return Proposed(**told, state=str(one.state), digest=one.digest.hex(), yes=yes)
