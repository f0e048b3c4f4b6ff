"""A member's own payments, newest first, as her phone lists them. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger.wires import Connection
from payments.states import AttemptState


@dataclass(frozen=True)
class Payment:
    """One wish to pay and how far it came: the state of its newest attempt, and its place in the books."""

    id: int
    chama_id: int
    amount_cents: int
    created_at: datetime
    state: AttemptState
    receipt: str | None
    book_id: int | None
    seq: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", AttemptState(self.state))


def of_payer(conn: Connection, payer_id: int, *, limit: int, payment_id: int | None = None) -> list[Payment]:
    """The payments that this person asked for; only the one with `payment_id` when that is given."""
    cursor = conn.cursor(row_factory=class_row(Payment))
    return cursor.execute(
        "SELECT i.id, i.chama_id, i.amount_cents, i.created_at, a.state, r.receipt, r.book_id, r.seq "
        "FROM payment_intents i "
        "CROSS JOIN LATERAL (SELECT id, state FROM payment_attempts WHERE intent_id = i.id ORDER BY id DESC LIMIT 1) a "
        "LEFT JOIN receipts r ON r.attempt_id = a.id "
        "WHERE i.payer_id = %(payer)s AND (%(only)s::bigint IS NULL OR i.id = %(only)s) "
        "ORDER BY i.id DESC LIMIT %(limit)s",
        {"payer": payer_id, "only": payment_id, "limit": limit},
    ).fetchall()
