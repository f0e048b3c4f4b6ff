"""Money that our books moved at a shortcode, in and out, by the time at which M-PESA moved it. Reads only.

What came in is the receipts. What went out is the payouts, and what a later entry took back from a receipt: money that
M-PESA returned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from ledger.wires import Connection
from payments.listings import Direction
from payments.payouts.states import OUT

# M-PESA returns what is weeks old at most; older receipts are not looked through for their reversal.
TAKEN_BACK_WITHIN = timedelta(days=60)
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
            "SELECT receipt, 'in' AS direction, amount_cents, paid_at AS at FROM receipts "
            "WHERE shortcode_id = %(id)s AND paid_at >= %(since)s AND paid_at < %(until)s AND seq IS NOT NULL "
            "UNION ALL SELECT receipt, 'out', paid_cents, paid_at FROM payouts "
            "WHERE shortcode_id = %(id)s AND state = 'paid' AND paid_at >= %(since)s AND paid_at < %(until)s "
            "UNION ALL SELECT NULL, 'out', r.amount_cents, e.occurred_at FROM receipts r "
            "JOIN endings x ON (x.book_id, x.seq) = (r.book_id, r.seq) AND x.how = 'reversed' "
            "JOIN entries e ON (e.book_id, e.season, e.seq) = (x.book_id, x.by_season, x.by_seq) "
            "WHERE r.shortcode_id = %(id)s AND r.paid_at >= %(old)s AND r.paid_at < %(until)s "
            "AND e.occurred_at >= %(since)s AND e.occurred_at < %(until)s ORDER BY at, receipt",
            {"id": shortcode_id, "since": since, "until": until, "old": since - TAKEN_BACK_WITHIN},
        ).fetchall()


def after(conn: Connection, shortcode_id: int, since: datetime) -> list[Movement]:
    """What moved from `since` on."""
    return between(conn, shortcode_id, since, since + FAR)


def booked_of(conn: Connection, shortcode_id: int, receipts: Sequence[str]) -> dict[str, int]:
    """Those of these receipts that are booked, with their cents."""
    rows = conn.execute(
        "SELECT receipt, amount_cents FROM receipts WHERE shortcode_id = %s AND receipt = ANY(%s) AND seq IS NOT NULL",
        [shortcode_id, list(receipts)],
    ).fetchall()
    return dict(rows)


def paid_at(conn: Connection, named: Sequence[str]) -> dict[str, datetime]:
    """When those of these receipts that are proved were paid, as Safaricom told it (UTC)."""
    rows = conn.execute(
        "SELECT receipt, paid_at FROM receipts WHERE receipt = ANY(%s)", [sorted(set(named))]
    ).fetchall()
    return dict(rows)


def on_their_way(conn: Connection, shortcode_id: int) -> bool:
    """Whether money is leaving whose end is not known."""
    row = conn.execute(
        "SELECT TRUE FROM payouts WHERE shortcode_id = %s AND state = ANY(%s) LIMIT 1", [shortcode_id, list(OUT)]
    ).fetchone()
    return row is not None
