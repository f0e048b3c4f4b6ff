"""The books as they stood: balances, trial balances and pages at any past page or instant. Reads only.

A past state is a page: everything up to it, nothing after it. "Recorded by" an instant means the page that was written
last by then, which is what anybody could have seen at that moment. "Occurred by" an instant means whatever happened by
then, however late it was recorded: it is no state that the books ever had, and it changes when late facts come in.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row, scalar_row

from ledger import refusals
from ledger.wires import Connection
from ledger.words import words


@dataclass(frozen=True)
class Side:
    """What came on the debit and on the credit side of one account, in cents; the balance is on its normal side."""

    account_id: int
    account: str
    kind: str
    debits_cents: int
    credits_cents: int
    balance_cents: int


@dataclass(frozen=True)
class TrialBalance:
    """Every account of a book that was ever used; in a sound book both sums are the same.

    `entry` is the page after which it is taken, with its hash and check words; None when it is taken by what occurred,
    or of a book that has no page by then.
    """

    entry: int | None
    entry_hash: str | None
    words: str | None
    recorded_at: datetime | None
    debits_cents: int
    credits_cents: int
    accounts: tuple[Side, ...]


@dataclass(frozen=True)
class Point:
    """A page of a book with its season: a place in time."""

    season: int
    seq: int
    hash: bytes
    recorded_at: datetime


def point(conn: Connection, book_id: int, seq: int | None = None) -> Point | None:
    """The book's page `seq`, or its newest; None for a book without pages. Raises NoPage for a number it has not."""
    cursor = conn.cursor(row_factory=class_row(Point))
    found = cursor.execute(
        # Behind OFFSET 0 the number is a plain column: row policies let only plain comparisons reach an index.
        "SELECT c.season, c.seq, e.hash, e.recorded_at FROM ("
        "SELECT COALESCE(%(seq)s::bigint, next_seq - 1) AS seq FROM heads WHERE book_id = %(book)s OFFSET 0) AS wanted "
        "JOIN entry_codes c ON c.book_id = %(book)s AND c.seq = wanted.seq "
        "LEFT JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq)",
        {"book": book_id, "seq": seq},
    ).fetchone()
    if found is None and seq is not None:
        raise refusals.NoPage
    if found is not None and found.hash is None:
        raise refusals.SeasonArchived
    return found


def recorded_by(conn: Connection, book_id: int, at: datetime) -> Point | None:
    """The page that was recorded last by `at`; None when there was none yet. Looks into as few seasons as it can.

    Raises SeasonArchived when it may stand in a season that is put away.
    """
    cursor = conn.cursor(row_factory=class_row(Point))
    found = cursor.execute(
        "SELECT s.number AS season, e.seq, e.hash, e.recorded_at FROM seasons s CROSS JOIN LATERAL ("
        "SELECT seq, hash, recorded_at FROM entries e WHERE e.book_id = %(book)s AND e.season = s.number "
        "AND e.recorded_at <= %(at)s ORDER BY e.season DESC, e.seq DESC LIMIT 1) AS e "
        "WHERE s.source = 'books' AND s.opens_at <= %(at)s ORDER BY s.number DESC LIMIT 1",
        {"book": book_id, "at": at},
    ).fetchone()
    if found is None and _begins_away(conn, book_id, at):
        raise refusals.SeasonArchived
    return found


def _begins_away(conn: Connection, book_id: int, at: datetime) -> bool:
    """Whether the book's first page is put away, in a season that had begun by `at`."""
    cursor = conn.execute(
        "SELECT FROM entry_codes c JOIN seasons s ON (s.source, s.number) = ('books', c.season) "
        "WHERE (c.book_id, c.seq) = (%s, 1) AND s.archived_at IS NOT NULL AND s.opens_at <= %s",
        [book_id, at],
    )
    return cursor.fetchone() is not None


def balance_at(
    conn: Connection,
    account_id: int,
    *,
    seq: int | None = None,
    recorded: datetime | None = None,
    occurred: datetime | None = None,
) -> int:
    """What the account had (or owed) after page `seq`, by the instant `recorded`, or of all that `occurred` by one.

    One of the three, in cents on its normal side. Raises UnknownAccount, or NoPage for a page that is not written yet.
    """
    cursor = conn.cursor(row_factory=scalar_row)
    books: list[int] = cursor.execute("SELECT book_id FROM accounts WHERE id = %s", [account_id]).fetchall()
    if not books:
        raise refusals.UnknownAccount
    if occurred is not None:
        return _occurred(conn, account_id, occurred)
    there = recorded_by(conn, books[0], recorded) if recorded is not None else point(conn, books[0], seq)
    if there is None:
        return 0
    found: int | None = cursor.execute(
        # The page's own season apart from those before it, so that both are read from where they are wanted.
        "SELECT COALESCE((SELECT p.balance_after_cents FROM postings p WHERE p.account_id = a.id "
        "AND p.season = %(season)s AND p.seq <= %(seq)s ORDER BY p.seq DESC, p.line DESC LIMIT 1), "
        "(SELECT p.balance_after_cents FROM postings p WHERE p.account_id = a.id AND p.season < %(season)s "
        "ORDER BY p.season DESC, p.seq DESC, p.line DESC LIMIT 1)) "
        "* CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END FROM accounts a WHERE a.id = %(account)s",
        {"account": account_id, "season": there.season, "seq": there.seq},
    ).fetchone()
    # Nothing at hand: what the seasons that are put away have left, which the positions kept.
    return _carried(conn, account_id, there.season) if found is None else found


def _carried(conn: Connection, account_id: int, before: int) -> int:
    """What all seasons before one have left on an account."""
    rows = conn.execute(
        "SELECT CASE a.normal_side WHEN 'debit' THEN p.debits_cents - p.credits_cents "
        "ELSE p.credits_cents - p.debits_cents END "
        "FROM accounts a JOIN positions p ON (p.book_id, p.account_id) = (a.book_id, a.id) "
        "WHERE a.id = %s AND p.season < %s",
        [account_id, before],
    ).fetchall()
    return sum(int(cents) for (cents,) in rows)


def _demand_all_seasons(conn: Connection) -> None:
    """What is asked by the day it occurred needs every page there is."""
    if conn.execute("SELECT FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL").fetchone() is not None:
        raise refusals.SeasonArchived


def _occurred(conn: Connection, account_id: int, by: datetime) -> int:
    """Every posting of the account is looked at: what occurred early may be recorded late."""
    _demand_all_seasons(conn)
    cursor = conn.cursor(row_factory=scalar_row)
    [cents] = cursor.execute(
        """
        SELECT COALESCE(sum(CASE a.normal_side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END), 0)::bigint
        FROM accounts a
            JOIN postings p ON p.account_id = a.id AND p.phase = 'posted'
            CROSS JOIN LATERAL (
                SELECT FROM entries e WHERE (e.book_id, e.season, e.seq) = (p.book_id, p.season, p.seq)
                    AND e.occurred_at <= %(by)s LIMIT 1) AS e
        WHERE a.id = %(account)s
        """,
        {"account": account_id, "by": by},
    ).fetchall()
    return int(cents)


def trial_balance(
    conn: Connection,
    book_id: int,
    *,
    seq: int | None = None,
    recorded: datetime | None = None,
    occurred: datetime | None = None,
) -> TrialBalance:
    """The book's trial balance now, after page `seq`, by the instant `recorded`, or of all that `occurred` by one.

    Raises NoPage for a page that is not written yet, SeasonArchived for one that is put away.
    """
    if occurred is not None:
        return _summed(None, _sides_occurred(conn, book_id, occurred))
    there = recorded_by(conn, book_id, recorded) if recorded is not None else point(conn, book_id, seq)
    return _summed(there, _sides(conn, book_id, there) if there else [])


def _sides(conn: Connection, book_id: int, there: Point) -> list[Side]:
    """Whole seasons come from the positions; of the season of the page its postings are added up."""
    rows = conn.execute(
        """
        SELECT a.id, a.code, a.kind, sum(m.debits)::bigint, sum(m.credits)::bigint
        FROM (
            SELECT account_id, debits_cents AS debits, credits_cents AS credits FROM positions
            WHERE book_id = %(book)s AND season < %(season)s
            UNION ALL
            SELECT account_id, greatest(amount_cents, 0), greatest(-amount_cents, 0) FROM postings
            WHERE book_id = %(book)s AND season = %(season)s AND seq <= %(seq)s AND phase = 'posted') AS m
            JOIN accounts a ON a.id = m.account_id
        GROUP BY a.id ORDER BY a.code
        """,
        {"book": book_id, "season": there.season, "seq": there.seq},
    ).fetchall()
    return [_side(*row) for row in rows]


def _sides_occurred(conn: Connection, book_id: int, by: datetime) -> list[Side]:
    _demand_all_seasons(conn)
    rows = conn.execute(
        """
        SELECT a.id, a.code, a.kind, sum(greatest(p.amount_cents, 0))::bigint, sum(greatest(-p.amount_cents, 0))::bigint
        FROM postings p
            JOIN entries e ON (e.book_id, e.season, e.seq) = (p.book_id, p.season, p.seq)
            JOIN accounts a ON a.id = p.account_id
        WHERE p.book_id = %(book)s AND e.book_id = %(book)s AND p.phase = 'posted' AND e.occurred_at <= %(by)s
        GROUP BY a.id ORDER BY a.code
        """,
        {"book": book_id, "by": by},
    ).fetchall()
    return [_side(*row) for row in rows]


def _side(account_id: int, code: str, kind: str, debits_cents: int, credits_cents: int) -> Side:
    """An account's side of a trial balance; assets and expenses are counted by their debits."""
    sign = 1 if kind in ("asset", "expense") else -1
    return Side(account_id, code, kind, debits_cents, credits_cents, sign * (debits_cents - credits_cents))


def _summed(there: Point | None, sides: list[Side]) -> TrialBalance:
    return TrialBalance(
        entry=there.seq if there else None,
        entry_hash=there.hash.hex() if there else None,
        words=words(there.hash) if there else None,
        recorded_at=there.recorded_at if there else None,
        debits_cents=sum(side.debits_cents for side in sides),
        credits_cents=sum(side.credits_cents for side in sides),
        accounts=tuple(sides),
    )
