"""What a member may hear of yesterday: her group's payments, and whether they matched M-PESA's lists. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.nairobi import day_begins, local
from ledger.wires import Connection
from payments.reconciliation.comparison import State


@dataclass(frozen=True)
class Heard:
    """Payments of one group, in cents, and how the day of their shortcodes stands: the worst of several."""

    count: int
    cents: int
    state: State


def yesterday(conn: Connection, *, book_id: int, at: datetime) -> Heard:
    """Yesterday in Nairobi, for the group with this book. A day without a certificate is not compared yet."""
    until = day_begins(at)
    since = day_begins(until - timedelta(seconds=1))
    rows = conn.execute(
        "SELECT count(*), sum(r.amount_cents)::bigint, (SELECT d.result FROM reconciliation_days d "
        "WHERE d.shortcode_id = r.shortcode_id AND d.day = %s ORDER BY d.version DESC LIMIT 1) FROM receipts r "
        "WHERE r.book_id = %s AND r.shortcode_id IN (SELECT id FROM shortcodes) AND r.paid_at >= %s AND r.paid_at < %s "
        "GROUP BY r.shortcode_id",
        [local(since).date(), book_id, since, until],
    ).fetchall()
    stands: list[State] = [state or "not_compared" for _, _, state in rows]
    worst: State = "differs" if "differs" in stands else "not_compared" if "not_compared" in stands else "matched"
    return Heard(sum(count for count, _, _ in rows), sum(cents for _, cents, _ in rows), worst)
