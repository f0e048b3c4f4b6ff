"""What an operator sees of money that goes out: stopped, on its way, or left to people. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from ledger.wires import Connection
from payments.payouts.states import OUT, PayoutState

# In flight for longer than this is worth a person's look, though it is still asked about.
LONG = timedelta(hours=1)


@dataclass(frozen=True)
class Open:
    """A payout that has not ended. Instants in UTC; `next_look` None: left to people."""

    id: int
    originator: str
    shortcode: str
    state: str
    amount_cents: int
    ordered_at: datetime
    sent_at: datetime | None
    next_look: datetime | None
    reason: str | None


@dataclass(frozen=True)
class Stopped:
    """A shortcode from which nothing leaves, since when, with Safaricom's code; so many payouts wait for it."""

    shortcode_id: int
    shortcode: str
    code: str
    since: datetime
    waiting: int


@dataclass(frozen=True)
class Long:
    """Payouts that have been out for longer than LONG, and their cents."""

    count: int
    cents: int


def stopped(conn: Connection) -> list[Stopped]:
    """Every closed gate."""
    with conn.cursor(row_factory=class_row(Stopped)) as cursor:
        return cursor.execute(
            "SELECT g.shortcode_id, s.number AS shortcode, g.stop_code AS code, g.stopped_at AS since, "
            "(SELECT count(*) FROM payouts p WHERE p.shortcode_id = g.shortcode_id AND p.due_at IS NOT NULL) "
            "AS waiting "
            "FROM payout_gates g JOIN shortcodes s ON s.id = g.shortcode_id "
            "WHERE g.stopped_at IS NOT NULL ORDER BY s.number"
        ).fetchall()


def open_payouts(conn: Connection, *, limit: int = 100) -> list[Open]:
    """Payouts that have not ended, those that nobody looks at any more first, then the oldest."""
    with conn.cursor(row_factory=class_row(Open)) as cursor:
        return cursor.execute(
            "SELECT p.id, p.originator, s.number AS shortcode, p.state, p.amount_cents, p.ordered_at, p.sent_at, "
            "p.due_at AS next_look, p.reason FROM payouts p JOIN shortcodes s ON s.id = p.shortcode_id "
            "WHERE p.state = ANY(%s) ORDER BY (p.due_at IS NULL AND p.state <> 'ordered') DESC, p.id LIMIT %s",
            [[PayoutState.ORDERED, *OUT], limit],
        ).fetchall()


def long_out(conn: Connection, *, at: datetime) -> Long:
    """Money in flight for longer than LONG."""
    row = conn.execute(
        "SELECT count(*), coalesce(sum(amount_cents), 0)::bigint FROM payouts WHERE state = ANY(%s) AND sent_at <= %s",
        [list(OUT), at - LONG],
    ).fetchone()
    return Long(*row) if row else Long(0, 0)


def kept_back(conn: Connection, *, at: datetime) -> dict[str, int]:
    """Why ordered payouts have not left though they should have for longer than LONG: how many, by reason."""
    rows = conn.execute(
        "SELECT coalesce(reason, 'waits for its turn'), count(*) FROM payouts WHERE state = 'ordered' "
        "AND due_at IS NOT NULL AND ordered_at <= %s GROUP BY 1 ORDER BY 1",
        [at - LONG],
    ).fetchall()
    return dict(rows)


def otherwise_paid(conn: Connection) -> int:
    """Payouts of which Safaricom paid another amount than was ordered, or that it had called failed before."""
    row = conn.execute(
        "SELECT count(*) FROM payouts WHERE state = 'paid' "
        "AND (paid_cents <> amount_cents OR reason = 'known to have failed before')"
    ).fetchone()
    return int(row[0]) if row else 0
