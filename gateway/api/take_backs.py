"""What programs ask and say about money that is taken back. A program speaks for the holder of its token alone: she
asks as an operator, and agrees with her chama PIN as an official of the group.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from chamas.approving.approvals import Vote, Word
from chamas.arriving import taking_back
from gateway.api.entry import Act
from gateway.api.payouts import wrong_pin
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import take_backs


@dataclass(frozen=True)
class TakenBack:
    """One wish. Cents, UTC; `member_id` is None for money in suspense. `seq` is the page that reverses it. `digest`
    (hexadecimal) is of exactly what is asked: an answer names it.
    """

    id: int
    receipt: str
    amount_cents: int
    why: str
    return_receipt: str | None
    chama_id: int | None
    member_id: int | None
    state: str
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    done_at: datetime | None
    seq: int | None
    failure: str | None
    digest: str


def listed(conn: Connection, *, before: int | None = None, limit: int) -> list[TakenBack]:
    return [_told(one) for one in take_backs.newest(conn, before=before, limit=limit)]


def ask(
    conn: Connection, *, act: Act, receipt: str, why: take_backs.Why, return_receipt: str | None = None
) -> TakenBack:
    made = taking_back.ask(conn, receipt, why, return_receipt=return_receipt, by=act.user_id, at=act.at)
    return _told(made)


def approve(conn: Connection, take_back_id: int, *, act: Act, digest: bytes, pin: str) -> TakenBack | Refusal | None:
    """Her yes."""
    wrong = wrong_pin(conn, pin, act=act)
    return wrong or _answer(conn, take_back_id, act.word(Vote.APPROVE, digest))


def reject(conn: Connection, take_back_id: int, *, act: Act, digest: bytes, reason: int) -> TakenBack | None:
    return _answer(conn, take_back_id, act.word(Vote.REJECT, digest, reason))


def _answer(conn: Connection, take_back_id: int, word: Word) -> TakenBack | None:
    if not take_backs.read(conn, [take_back_id]):
        return None
    return _told(taking_back.decide(conn, take_back_id, word))


def _told(one: take_backs.TakeBack) -> TakenBack:
    told = asdict(one)
    del told["shortcode_id"]
    return TakenBack(**told | {"state": str(one.state)}, digest=taking_back.digest_of(one).hex())
