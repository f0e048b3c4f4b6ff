"""Positions: what each account did in each season, kept by delta beside the postings.

The rows are written by a trigger in the statement that writes the postings (migrations/0011_reading_the_books.sql), so
a repeated request, which writes no posting, changes nothing. A season that is put away keeps its rows: a position over
all seasons stays whole. Here they are read, and held against a shadow that is made of the postings alone.
"""

from dataclasses import dataclass

from psycopg.rows import class_row, scalar_row

from ledger.findings import Finding
from ledger.wires import Connection


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


def differences(conn: Connection) -> list[Difference]:
    """Where the table and a shadow made of the postings differ: empty when all is well.

    Call it inside a transaction, REPEATABLE READ while others post. Seasons that are put away are not looked at.
    """
    cursor = conn.cursor(row_factory=class_row(Difference))
    return cursor.execute(
        "WITH shadow AS MATERIALIZED (SELECT * FROM derived_positions(NULL)),"
        " kept AS MATERIALIZED (SELECT p.* FROM positions p LEFT JOIN seasons s"
        "   ON s.source = 'books' AND s.number = p.season WHERE s.archived_at IS NULL),"
        " differing AS ((TABLE kept EXCEPT TABLE shadow) UNION (TABLE shadow EXCEPT TABLE kept))"
        " SELECT DISTINCT book_id, account_id, season FROM differing ORDER BY book_id, account_id, season"
    ).fetchall()


def finding(conn: Connection) -> Finding:
    """The line of `pesachama verify` about positions."""
    wrong = differences(conn)
    first = f"account {wrong[0].account_id} of book {wrong[0].book_id} in season {wrong[0].season}" if wrong else ""
    detail = f"not so for {first}, {len(wrong)} in all" if wrong else ""
    [counted] = conn.execute("SELECT count(*) FROM positions").fetchall()[0]
    return Finding("positions equal their postings", not wrong, detail, counted)


def rebuild(conn: Connection, book_id: int) -> int:
    """Puts the positions of a book right, from its postings; returns how many rows were not so."""
    cursor = conn.cursor(row_factory=scalar_row)
    changed: list[int] = cursor.execute("SELECT rebuild_positions(%s)", [book_id]).fetchall()
    return changed[0]
