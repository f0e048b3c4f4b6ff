"""What programs ask and say about fines. A reader returns None when there is no such thing.

A program speaks for the person whose token it holds, by the rules of the phone: she disputes her own fine, officials
ask to waive one and agree, with the chama PIN, or say that it stands.
"""

from dataclasses import dataclass
from datetime import datetime

from chamas import directory
from chamas.approving.approvals import NOT_AGREED, Vote, Word
from chamas.approving.voices import member_beside
from chamas.dues import penalties
from chamas.dues.penalties import Penalty
from chamas.members import pins
from gateway.api.entry import Act
from gateway.api.payouts import wrong_pin
from ledger.refusals import Refusal
from ledger.wires import Connection


@dataclass(frozen=True)
class Fine:
    """A fine for a late contribution, in cents. `asked_by` is the member who asks to waive it, for `reason` (1 to 4);
    `digest` (hexadecimal) is of exactly what is waived: an answer names it. UTC.
    """

    id: int
    chama_id: int
    member_id: int
    round_number: int
    due_cents: int
    paid_cents: int
    state: str
    assessed_at: datetime
    asked_by: int | None
    reason: int | None
    digest: str


def of_member(conn: Connection, member_id: int, *, before: int | None, limit: int) -> list[Fine] | None:
    """Hers, newest first."""
    if not directory.member_exists(conn, member_id):
        return None
    found = [one for one in penalties.of_member(conn, member_id) if before is None or one.id < before]
    return [_told(one) for one in found[:limit]]


def dispute(conn: Connection, fine_id: int, *, act: Act) -> Fine:
    """She says that it is wrong."""
    penalties.dispute(conn, fine_id, member_id=_as_member(conn, fine_id, act), at=act.at)
    return _told(penalties.by_id(conn, fine_id))


def ask_waiver(conn: Connection, fine_id: int, *, act: Act, reason: int) -> Fine:
    penalties.ask_waiver(conn, fine_id, by_member_id=_as_member(conn, fine_id, act), reason=reason, at=act.at)
    return _told(penalties.by_id(conn, fine_id))


def waive(conn: Connection, fine_id: int, *, act: Act, digest: bytes, pin: str) -> Fine | Refusal:
    """Another one agrees."""
    wrong = wrong_pin(conn, pin, act=act)
    if wrong is not None:
        return wrong
    pins.demand_decides(conn, act.user_id, at=act.at)
    return _answer(conn, fine_id, act.word(Vote.APPROVE, digest))


def uphold(conn: Connection, fine_id: int, *, act: Act, digest: bytes) -> Fine:
    """It stands."""
    return _answer(conn, fine_id, act.word(Vote.REJECT, digest, NOT_AGREED))


def _answer(conn: Connection, fine_id: int, word: Word) -> Fine:
    penalties.answer(conn, fine_id, word)
    return _told(penalties.by_id(conn, fine_id))


def _as_member(conn: Connection, fine_id: int, act: Act) -> int:
    """As which member of that group she speaks; 0 decides nothing."""
    return member_beside(conn, penalties.by_id(conn, fine_id).member_id, act.user_id) or 0


def _told(one: Penalty) -> Fine:
    same = (
        "id",
        "chama_id",
        "member_id",
        "round_number",
        "due_cents",
        "paid_cents",
        "assessed_at",
        "asked_by",
        "reason",
    )
    return Fine(**{name: getattr(one, name) for name in same}, state=str(one.state), digest=one.digest.hex())
