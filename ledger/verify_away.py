"""Where the pages at hand begin when seasons before them are put away.

The last page that is away cannot be hashed again, but it was sealed before it went (ledger/archive): the hash that the
first page at hand names is right when it leads to that page's leaf. Balances carry on from the positions, which stay.
"""

from ledger import merkle
from ledger.verify_pages import Book
from ledger.wires import Connection


def books(conn: Connection) -> dict[int, Book]:
    """The last page of every book that is away; its hash is empty, and so fits nothing, when no leaf confirms it."""
    rows = conn.execute(
        "SELECT c.book_id, c.season, c.seq, l.salt, l.leaf, (SELECT e.prev_hash FROM entries e "
        "WHERE (e.book_id, e.seq) = (c.book_id, c.seq + 1)) "
        "FROM (SELECT DISTINCT ON (book_id) book_id, season, seq FROM entry_codes WHERE season IN "
        "(SELECT number FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL) "
        "ORDER BY book_id, seq DESC) AS c LEFT JOIN batch_leaves l USING (book_id, seq)"
    ).fetchall()
    ends = {}
    for book_id, season, seq, salt, leaf, named in rows:
        sealed = (
            salt and named and merkle.entry_leaf(book_id=book_id, season=season, seq=seq, entry_hash=named, salt=salt)
        )
        ends[book_id] = Book((book_id, season, seq), b"", seq, season, named if sealed and sealed == leaf else b"")
    return ends


def accounts(conn: Connection) -> dict[int, tuple[int, None]]:
    """What the postings that are away add up to, by account; how many they were, holds included, is not kept."""
    rows = conn.execute(
        "SELECT account_id, sum(debits_cents - credits_cents)::bigint FROM positions WHERE season IN "
        "(SELECT number FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL) GROUP BY account_id"
    ).fetchall()
    return {account_id: (cents, None) for account_id, cents in rows}
