"""Positions: what each account did in each season, kept by delta beside the postings.

The rows are written by a trigger in the statement that writes the postings (migrations/0011_reading_the_books.sql), so
a repeated request, which writes no posting, changes nothing. A season that is put away keeps its rows: a position over
all seasons stays whole. Here they are read, and held against a shadow that is made of the postings alone.
"""

from dataclasses import dataclass

from psycopg.rows import class_row, scalar_row

from ledger.findings import Finding, Tally
from ledger.wires import Connection

NAME = "I16 positions equal their postings"


@dataclass(frozen=True)
class SeasonPosition:
    """One season of one account: cents on its debit and on its credit side, and how many postings they were."""

    season: int
    debits_cents: int
    credits_cents: int
    postings: int
    first_entry: int
    last_entry: int


@dataclass(frozen=True)
class Position:
    """What one account of a member holds over all seasons, in cents, positive on its normal side; seasons in order."""

    account_id: int
    book_id: int
    code: str
    kind: str
    balance_cents: int
    seasons: tuple[SeasonPosition, ...]


@dataclass(frozen=True)
class Difference:
    """A position that is not what its postings add up to, or is missing, or has none."""

    book_id: int
    account_id: int
    season: int

    def told(self) -> str:
        return f"account {self.account_id} of book {self.book_id} in season {self.season}"


def positions(conn: Connection, member_id: int, *, after: int | None = None, limit: int = 50) -> list[Position]:
    """The positions of a member, one for each of her accounts with an id above `after`, by account."""
    rows = conn.execute(
        """
        SELECT a.id, a.book_id, a.code, a.kind, p.cents * CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END, p.seasons
        FROM (SELECT * FROM accounts WHERE owner_member_id = %s AND id > %s ORDER BY id LIMIT %s) AS a
            CROSS JOIN LATERAL (
                SELECT COALESCE(sum(debits_cents - credits_cents), 0)::bigint AS cents,
                    array_agg(ARRAY[season, debits_cents, credits_cents, postings, first_seq, last_seq] ORDER BY season)
                        AS seasons
                FROM positions WHERE (book_id, account_id) = (a.book_id, a.id)) AS p
        ORDER BY a.id
        """,
        [member_id, after or 0, limit],
    ).fetchall()
    return [
        Position(account_id, book_id, code, kind, cents, tuple(SeasonPosition(*season) for season in seasons or ()))
        for account_id, book_id, code, kind, cents, seasons in rows
    ]


def differences(conn: Connection, book_id: int | None = None) -> list[Difference]:
    """Where the table and a shadow made of the postings differ: empty when all is well.

    Call it inside a transaction, REPEATABLE READ while others post. Seasons that are put away are not looked at.
    """
    cursor = conn.cursor(row_factory=class_row(Difference))
    return cursor.execute(
        "SELECT book_id, account_id, season FROM ("
        "SELECT p.* FROM positions p LEFT JOIN seasons s ON (s.source, s.number) = ('books', p.season) "
        "WHERE s.archived_at IS NULL AND (%(book)s::bigint IS NULL OR p.book_id = %(book)s)) AS kept "
        "FULL JOIN derived_positions(%(book)s) AS shadow USING (book_id, account_id, season) WHERE (kept.debits_cents, "
        "kept.credits_cents, kept.postings, kept.first_seq, kept.last_seq) IS DISTINCT FROM (shadow.debits_cents, "
        "shadow.credits_cents, shadow.postings, shadow.first_seq, shadow.last_seq) "
        "ORDER BY book_id, account_id, season",
        {"book": book_id},
    ).fetchall()


def finding(conn: Connection) -> Finding:
    """The line of `pesachama verify` about positions, which the nightly job takes too."""
    tally = Tally()
    for wrong in differences(conn):
        tally.add(wrong.told())
    [counted] = conn.execute("SELECT count(*) FROM positions").fetchall()[0]
    return tally.finding(NAME, counted)


class StillDiffer(Exception):
    """What was made anew is not what its postings add up to: nothing of it may be committed."""


def rebuild(conn: Connection, book_id: int) -> int:
    """Puts the positions of a book right, from its postings; returns how many rows were not so.

    They are made in a shadow, under the lock of the book's head, and the rows that differ are swapped in; then both are
    compared once more. Raises StillDiffer when they are not the same: roll back.
    """
    cursor = conn.cursor(row_factory=scalar_row)
    changed: list[int] = cursor.execute("SELECT rebuild_positions(%s)", [book_id]).fetchall()
    if differences(conn, book_id):
        raise StillDiffer
    return changed[0]
