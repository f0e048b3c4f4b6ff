"""What M-PESA itself says that it took for payouts: the charge lines of its statements, and its account of charges.

A result of a payout names what the account of charges holds after it, which is below zero and falls by each charge; a
statement names the charge itself. Written once each, and held against the books once a day. No receiver stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from ledger.wires import Connection


@dataclass(frozen=True)
class Told:
    """One source about the charge of one payout; UTC. `charge_cents` above zero, of a statement; `balance_cents` what
    the account of charges held after it, of a result.
    """

    source: Literal["statement", "result"]
    receipt: str
    at: datetime
    charge_cents: int | None = None
    balance_cents: int | None = None


@dataclass(frozen=True)
class Booked:
    """A payout that was paid (UTC) and what our books took for it, in cents; 0 where it is free."""

    receipt: str
    at: datetime
    charge_cents: int


def add(conn: Connection, shortcode_id: int, told: Iterable[Told], *, at: datetime) -> None:
    """Writes down what was not known yet; a source that tells of a receipt again is not heard again."""
    rows = sorted({(one.source, one.receipt): one for one in told}.items())
    if rows:
        conn.execute(
            "INSERT INTO told_charges (shortcode_id, source, receipt, charge_cents, balance_cents, at, told_at) "
            "SELECT %s, n.*, %s FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[]) "
            "AS n ON CONFLICT DO NOTHING",
            [
                shortcode_id,
                at,
                [one.source for _, one in rows],
                [one.receipt for _, one in rows],
                [one.charge_cents for _, one in rows],
                [one.balance_cents for _, one in rows],
                [one.at for _, one in rows],
            ],
        )


def between(conn: Connection, shortcode_id: int, since: datetime, until: datetime) -> list[Told]:
    """What was told of charges from `since` to before `until`, in order of time."""
    with conn.cursor(row_factory=class_row(Told)) as cursor:
        return cursor.execute(
            "SELECT source, receipt, at, charge_cents, balance_cents FROM told_charges "
            "WHERE shortcode_id = %s AND at >= %s AND at < %s ORDER BY at, receipt, source",
            [shortcode_id, since, until],
        ).fetchall()


def booked(conn: Connection, shortcode_id: int, since: datetime, until: datetime) -> list[Booked]:
    """Payouts that M-PESA paid from `since` to before `until`, with the charge on their pages, in order of time."""
    with conn.cursor(row_factory=class_row(Booked)) as cursor:
        return cursor.execute(
            "SELECT p.receipt, p.paid_at AS at, coalesce(-sum(o.amount_cents), 0)::bigint AS charge_cents "
            "FROM payouts p JOIN shortcodes s ON s.id = p.shortcode_id "
            "JOIN entry_codes c ON (c.book_id, c.seq) = (p.book_id, p.end_seq) "
            "LEFT JOIN accounts a ON a.book_id = p.book_id AND a.code = 'charges:' || s.number "
            "LEFT JOIN postings o ON (o.book_id, o.season, o.seq, o.account_id) = (c.book_id, c.season, c.seq, a.id) "
            "WHERE p.shortcode_id = %s AND p.state = 'paid' AND p.paid_at >= %s AND p.paid_at < %s "
            "GROUP BY p.id ORDER BY p.paid_at, p.receipt",
            [shortcode_id, since, until],
        ).fetchall()
