"""What M-PESA itself lists of a shortcode: by its confirmations, by Pull, and by the statement of its portal.

One row per receipt, direction and source, written once: what the three say of a day is held against each other and
against the books (days.py). No payer stands here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from ledger.wires import Connection

Source = Literal["confirmation", "pull", "statement"]
Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Listed:
    """A movement of the utility account as one source tells it; cents above zero whichever way, UTC."""

    source: Source
    receipt: str
    direction: Direction
    amount_cents: int
    at: datetime
    balance_cents: int | None = None


def add(conn: Connection, shortcode_id: int, listed: Iterable[Listed], *, at: datetime) -> int:
    """Writes down what was not known yet; returns how many. A source that lists a receipt again is not heard again."""
    rows = sorted({(one.source, one.receipt, one.direction): one for one in listed}.items())
    if not rows:
        return 0
    return conn.execute(
        "INSERT INTO listed_payments (shortcode_id, source, receipt, direction, amount_cents, at, balance_cents, "
        "listed_at) SELECT %s, n.*, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], "
        "%s::timestamptz[], %s::bigint[]) AS n ON CONFLICT DO NOTHING",
        [
            shortcode_id,
            at,
            [one.source for _, one in rows],
            [one.receipt for _, one in rows],
            [one.direction for _, one in rows],
            [one.amount_cents for _, one in rows],
            [one.at for _, one in rows],
            [one.balance_cents for _, one in rows],
        ],
    ).rowcount


def known(conn: Connection, shortcode_id: int, source: Source, receipts: Sequence[str]) -> set[str]:
    """Which of these receipts the source has listed before."""
    rows = conn.execute(
        "SELECT receipt FROM listed_payments WHERE shortcode_id = %s AND source = %s AND receipt = ANY(%s)",
        [shortcode_id, source, list(receipts)],
    ).fetchall()
    return {receipt for (receipt,) in rows}


def between(conn: Connection, shortcode_id: int, since: datetime, until: datetime) -> list[Listed]:
    """What the sources list from `since` to before `until`, in order of time."""
    with conn.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(
            "SELECT source, receipt, direction, amount_cents, at, balance_cents FROM listed_payments "
            "WHERE shortcode_id = %s AND at >= %s AND at < %s ORDER BY at, receipt, source",
            [shortcode_id, since, until],
        ).fetchall()


def about(conn: Connection, shortcode_id: int, receipts: Sequence[str]) -> list[Listed]:
    """What the sources say about these receipts, whenever."""
    with conn.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(
            "SELECT source, receipt, direction, amount_cents, at, balance_cents FROM listed_payments "
            "WHERE shortcode_id = %s AND receipt = ANY(%s) ORDER BY receipt, source",
            [shortcode_id, list(receipts)],
        ).fetchall()


def last_balance(conn: Connection, shortcode_id: int, before: datetime) -> Listed | None:
    """The last confirmation before an instant that says what the utility account held."""
    with conn.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(
            "SELECT source, receipt, direction, amount_cents, at, balance_cents FROM listed_payments "
            "WHERE shortcode_id = %s AND at < %s AND source = 'confirmation' AND balance_cents IS NOT NULL "
            "ORDER BY at DESC, balance_cents DESC LIMIT 1",
            [shortcode_id, before],
        ).fetchone()
