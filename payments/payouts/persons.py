"""What payouts say of one person, for whoever follows a payout or must forget her. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.wires import Connection
from payments.daraja import payout_codes
from payments.payouts.states import ENDED, TOO_OLD, PayoutState
from payments.phones import ERASED_PHONE


@dataclass(frozen=True)
class End:
    """How far a payout has come, for those who follow it: `words` is the English msgid of a failure."""

    state: PayoutState
    receipt: str | None
    paid_at: datetime | None
    end_seq: int | None
    reason: str | None
    words: str


def end_of(conn: Connection, payout_id: int) -> End:
    """Raises LookupError for one that there is not."""
    row = conn.execute(
        "SELECT state, receipt, paid_at, end_seq, reason, result_code, way FROM payouts WHERE id = %s", [payout_id]
    ).fetchone()
    if row is None:
        raise LookupError(f"no payout {payout_id}")
    state, receipt, paid_at, end_seq, reason, code, way = row
    words = payout_codes.look_up(code or "", way).words or payout_codes.OPERATOR
    if reason == TOO_OLD:
        words = "It waited too long and was not sent to M-PESA. Ask for it anew."
    return End(PayoutState(state), receipt, paid_at, end_seq, reason, words)


def out_of_person(conn: Connection, *, user_id: int, phone: str | None) -> bool:
    """Whether money to this person is ordered or on its way."""
    row = conn.execute(
        "SELECT TRUE FROM payouts WHERE (user_id = %s OR phone = %s) AND state <> ALL(%s) LIMIT 1",
        [user_id, phone, list(ENDED)],
    ).fetchone()
    return row is not None


def receipts_of(conn: Connection, *, user_id: int, phones: Sequence[str]) -> dict[str, tuple[int, int] | None]:
    """Receipts of payouts to this person or these numbers, each with its page."""
    rows = conn.execute(
        "SELECT receipt, book_id, end_seq FROM payouts WHERE (user_id = %s OR phone = ANY(%s)) "
        "AND receipt IS NOT NULL ORDER BY receipt",
        [user_id, list(phones)],
    ).fetchall()
    return {receipt: (book_id, seq) for receipt, book_id, seq in rows}


def phones_of(conn: Connection, user_id: int) -> set[str]:
    """Every number (E.164) to which this person was paid."""
    rows = conn.execute(
        "SELECT DISTINCT phone FROM payouts WHERE user_id = %s AND phone <> %s", [user_id, ERASED_PHONE]
    ).fetchall()
    return {phone for (phone,) in rows}
