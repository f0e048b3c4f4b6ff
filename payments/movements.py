"""Money that our books moved at a shortcode, in and out, by the time at which M-PESA moved it. Reads only.

What came in is the receipts, without those whose entry was taken back because M-PESA has no such payment
(take_backs.py). What went out is payouts, and what M-PESA gave back to its payer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg.rows import class_row

from ledger.wires import Connection
from payments.listings import Direction

# Of a receipt `r`: two officials took its entry back because M-PESA has no such payment. Money that M-PESA gave back to
# its payer did come, and went out again: that is a reversal.
TAKEN_BACK: Final = (
    "EXISTS (SELECT FROM take_backs t WHERE t.receipt = r.receipt AND t.state = 'done' AND t.why = 'unknown')"
)

BETWEEN: Final = (
    "SELECT r.receipt, 'in' AS direction, r.amount_cents, r.paid_at AS at FROM receipts r "
    "WHERE r.shortcode_id = %(id)s AND r.paid_at >= %(since)s AND r.paid_at < %(until)s "
    "AND r.seq IS NOT NULL AND NOT ({taken_back}) "
    "UNION ALL SELECT b.return_receipt, 'out', b.amount_cents, b.settled_at FROM reversals b "
    "WHERE b.shortcode_id = %(id)s AND b.state = 'booked' "
    "AND b.settled_at >= %(since)s AND b.settled_at < %(until)s "
    "UNION ALL SELECT p.receipt, 'out', p.paid_cents, p.paid_at FROM payouts p "
    "WHERE p.shortcode_id = %(id)s AND p.state = 'paid' AND p.paid_at >= %(since)s AND p.paid_at < %(until)s "
    "ORDER BY at, receipt"
).replace("{taken_back}", TAKEN_BACK)
BOOKED_OF: Final = (
    "SELECT r.receipt, r.amount_cents FROM receipts r WHERE r.shortcode_id = %(id)s "
    "AND r.receipt = ANY(%(named)s) AND r.seq IS NOT NULL AND NOT ({taken_back}) "
    "UNION ALL SELECT b.return_receipt, b.amount_cents FROM reversals b WHERE b.shortcode_id = %(id)s "
    "AND b.return_receipt = ANY(%(named)s) AND b.state = 'booked' "
    "UNION ALL SELECT p.receipt, p.paid_cents FROM payouts p WHERE p.shortcode_id = %(id)s "
    "AND p.receipt = ANY(%(named)s) AND p.state = 'paid'"
).replace("{taken_back}", TAKEN_BACK)
TAKEN: Final = (
    "SELECT r.receipt FROM receipts r WHERE r.shortcode_id = %s AND r.receipt = ANY(%s) AND {taken_back}"
).replace("{taken_back}", TAKEN_BACK)

# Beyond anything that is looked at.
FAR = timedelta(days=36_500)


@dataclass(frozen=True)
class Movement:
    """`receipt` is M-PESA's name of it, None where the books do not know it. Cents above zero whichever way, UTC."""

    receipt: str | None
    direction: Direction
    amount_cents: int
    at: datetime

    @property
    def signed_cents(self) -> int:
        return self.amount_cents if self.direction == "in" else -self.amount_cents


def between(conn: Connection, shortcode_id: int, since: datetime, until: datetime) -> list[Movement]:
    """What moved from `since` to before `until`, in order of time."""
    with conn.cursor(row_factory=class_row(Movement)) as cursor:
        return cursor.execute(
            BETWEEN,
            {"id": shortcode_id, "since": since, "until": until},
        ).fetchall()


def after(conn: Connection, shortcode_id: int, since: datetime) -> list[Movement]:
    """What moved from `since` on."""
    return between(conn, shortcode_id, since, since + FAR)


def booked_of(conn: Connection, shortcode_id: int, receipts: Sequence[str]) -> dict[str, int]:
    """Those of these receipts that the books know as money that came in or went out, with their cents."""
    rows = conn.execute(
        BOOKED_OF,
        {"id": shortcode_id, "named": list(receipts)},
    ).fetchall()
    return dict(rows)


def taken_back(conn: Connection, shortcode_id: int, receipts: Sequence[str]) -> set[str]:
    """Those of these receipts whose entry two officials took back: whoever told them is not believed any more."""
    rows = conn.execute(
        TAKEN,
        [shortcode_id, list(receipts)],
    ).fetchall()
    return {receipt for (receipt,) in rows}


def paid_at(conn: Connection, named: Sequence[str]) -> dict[str, datetime]:
    """When those of these receipts that are proved were paid, as Safaricom told it (UTC)."""
    rows = conn.execute(
        "SELECT receipt, paid_at FROM receipts WHERE receipt = ANY(%s)", [sorted(set(named))]
    ).fetchall()
    return dict(rows)


def on_their_way(conn: Connection, shortcode_id: int) -> bool:
    """Whether money is on its way out, or back, whose end the books do not know yet."""
    row = conn.execute(
        "SELECT TRUE FROM reversals WHERE shortcode_id = %(id)s AND state IN ('unclear', 'accepted', 'reversed') "
        "UNION ALL SELECT TRUE FROM payouts WHERE shortcode_id = %(id)s "
        "AND state IN ('sending', 'accepted', 'unknown') LIMIT 1",
        {"id": shortcode_id},
    ).fetchone()
    return row is not None
