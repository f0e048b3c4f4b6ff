"""Seasons that are put away: their partitions leave the books for tables of their own, and can come back.

What is put away is not gone: entries_<season> and postings_<season> stay readable for the owner (to dump, to move),
their guards stay on them, positions keep their totals and keys, codes and notes their rows. Only whole pages of them
cannot be shown until they are attached again. Seasons leave oldest first and return newest first, so that what is at
hand has no gap. Detaching takes no lock that a reader or a posting would feel; it cannot run inside a transaction, and
when it is interrupted the same call finishes it.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row, scalar_row

from ledger import refusals
from ledger.wires import Connection

# In this order they leave; a posting without its entry would be half a thing.
PARENTS = ("postings", "entries")


@dataclass(frozen=True)
class Season:
    """A season of the books. `attached`: both partitions belong to the books, so that it can be read and posted to."""

    number: int
    opens_at: datetime
    closes_at: datetime
    archived_at: datetime | None
    attached: bool


def all_seasons(conn: Connection) -> list[Season]:
    """The seasons of the books, oldest first."""
    cursor = conn.cursor(row_factory=class_row(Season))
    return cursor.execute(
        "SELECT s.number, s.opens_at, s.closes_at, s.archived_at, (SELECT count(*) = 2 FROM pg_inherits i"
        "   WHERE i.inhparent IN ('entries'::regclass, 'postings'::regclass) AND NOT i.inhdetachpending"
        "   AND i.inhrelid IN (to_regclass('entries_' || s.number), to_regclass('postings_' || s.number))) AS attached"
        " FROM seasons s WHERE s.source = 'books' ORDER BY s.number"
    ).fetchall()


def archive(conn: Connection, number: int, *, at: datetime) -> None:
    """Puts a season away. `conn` is the owner's, outside any transaction; a call that was interrupted is repeated.

    Raises SeasonInUse while it is open, has something unsealed or held, or is not the oldest that is at hand.
    """
    cursor = conn.cursor(row_factory=scalar_row)
    oldest = [season for season in all_seasons(conn) if season.attached or season.number == number]
    in_use = cursor.execute(
        "SELECT EXISTS (SELECT FROM sealing_queue WHERE season = %(number)s)"
        " OR EXISTS (SELECT FROM open_holds WHERE season = %(number)s)",
        {"number": number},
    ).fetchone()
    if not oldest or oldest[0].number != number or oldest[0].closes_at > at or in_use:
        raise refusals.SeasonInUse
    # Said first: whoever reads meanwhile must not take a page that is on its way out for one that never was.
    conn.execute("UPDATE seasons SET archived_at = %s WHERE (source, number) = ('books', %s)", [at, number])
    for parent in PARENTS:
        _detach(conn, parent, f"{parent}_{number}")


def _detach(conn: Connection, parent: str, partition: str) -> None:
    cursor = conn.cursor(row_factory=scalar_row)
    pending: bool | None = cursor.execute(
        "SELECT inhdetachpending FROM pg_inherits WHERE (inhparent, inhrelid) = (%s::regclass, to_regclass(%s))",
        [parent, partition],
    ).fetchone()
    if pending is None:
        return
    how = sql.SQL("FINALIZE") if pending else sql.SQL("CONCURRENTLY")
    conn.execute(
        sql.SQL("ALTER TABLE {} DETACH PARTITION {} {}").format(sql.Identifier(parent), sql.Identifier(partition), how)
    )


def attach(conn: Connection, number: int) -> None:
    """Brings a season back, with all that it had. Joins the caller's transaction, which is the owner's.

    Raises SeasonInUse when it is not the newest that is put away, or a part of it is still leaving.
    """
    away = [season.number for season in all_seasons(conn) if season.archived_at is not None]
    if not away or away[-1] != number:
        raise refusals.SeasonInUse
    for parent in reversed(PARENTS):
        query = sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})")
        partition = sql.Identifier(f"{parent}_{number}")
        conn.execute(query.format(sql.Identifier(parent), partition, sql.Literal(number)))
    conn.execute("UPDATE seasons SET archived_at = NULL WHERE (source, number) = ('books', %s)", [number])


def before_of_book(conn: Connection, book_id: int) -> datetime | None:
    """Pages of the book that were recorded before this instant are put away; None when all are at hand.

    Seasons leave oldest first: when the book's first page is at hand, all are.
    """
    cursor = conn.cursor(row_factory=scalar_row)
    found: datetime | None = cursor.execute(
        "SELECT max(closes_at) FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL "
        "AND number >= (SELECT season FROM entry_codes WHERE book_id = %s AND seq = 1)",
        [book_id],
    ).fetchone()
    return found


def before_of_member(conn: Connection, member_id: int) -> datetime | None:
    """What moved on the member's accounts before this instant is put away; None when all of it is at hand."""
    cursor = conn.cursor(row_factory=scalar_row)
    found: datetime | None = cursor.execute(
        "SELECT max(s.closes_at) FROM accounts a JOIN positions p ON (p.book_id, p.account_id) = (a.book_id, a.id) "
        "JOIN seasons s ON (s.source, s.number) = ('books', p.season) "
        "WHERE a.owner_member_id = %s AND s.archived_at IS NOT NULL",
        [member_id],
    ).fetchone()
    return found


def demand_all_pages(conn: Connection, book_id: int) -> None:
    """Raises SeasonArchived when pages of the book are put away: what is made of the others proves nothing."""
    away = conn.execute(
        "SELECT EXISTS (SELECT FROM entry_codes c JOIN seasons s ON (s.source, s.number) = ('books', c.season) "
        "WHERE c.book_id = %s AND s.archived_at IS NOT NULL)",
        [book_id],
    ).fetchone()
    if away == (True,):
        raise refusals.SeasonArchived
