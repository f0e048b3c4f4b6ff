"""Derives all about sealing again from the tables: what is in which batch, its root, and what the chain showed."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import LiteralString

from ledger import merkle
from ledger.batches import LOG_BOOK
from ledger.findings import Finding
from ledger.wires import Connection

# What is wrong, by its number or numbers.
Wrong = Sequence[tuple[int, ...]]
# How many of them a finding names.
NAMED = 5


def verify_seals(conn: Connection) -> list[Finding]:
    """Every invariant of sealing, inside the caller's transaction; reads all entries, leaves and batches once."""
    entries = conn.execute("SELECT count(*) FROM entries").fetchall()[0][0]
    changes = conn.execute("SELECT count(*) FROM batch_leaves WHERE book_id = %s", [LOG_BOOK]).fetchall()[0][0]
    batches = conn.execute("SELECT number, root, previous_root FROM batches ORDER BY number").fetchall()
    completed = conn.execute("SELECT count(*) FROM batches WHERE state = 'completed'").fetchall()[0][0]
    return [
        _none(conn, "every entry is sealed or waits to be", "entry {}/{}", entries, _UNSEALED),
        _none(conn, "no entry is sealed and waits too", "entry {}/{}", entries, _TWICE),
        _none(conn, "every sealed leaf has its entry", "leaf {1} of batch {0}", entries, _STRAY),
        _none(conn, "the log of changes reaches as far as it was sealed", "change {1} in batch {0}", changes, _CUT_OFF),
        _finding("batches are numbered without a gap", "batch {}", len(batches), _gaps(batches)),
        _finding("every batch names the root before it", "batch {}", len(batches), _unchained(batches)),
        _finding("every leaf is computed again from its entry", "batch {}", entries, _wrong_leaves(conn)),
        _finding("every root is computed again from its leaves", "batch {}", len(batches), _wrong_roots(conn)),
        _none(conn, "the leaves of a batch are numbered from 0", "batch {}", entries, _UNNUMBERED),
        _none(conn, "completed batches have the root that the chain showed", "batch {}", completed, _UNWITNESSED),
    ]


_UNSEALED: LiteralString = (
    "SELECT e.book_id, e.seq FROM entries e "
    "WHERE NOT EXISTS (SELECT FROM batch_leaves l WHERE (l.book_id, l.seq) = (e.book_id, e.seq)) "
    "AND NOT EXISTS (SELECT FROM sealing_queue q WHERE (q.book_id, q.seq) = (e.book_id, e.seq)) ORDER BY 1, 2"
)
_TWICE: LiteralString = "SELECT book_id, seq FROM sealing_queue JOIN batch_leaves USING (book_id, seq) ORDER BY 1, 2"
_STRAY: LiteralString = (
    "SELECT l.batch, l.position FROM batch_leaves l WHERE NOT EXISTS "
    "(SELECT FROM entries e WHERE (e.book_id, e.season, e.seq) = (l.book_id, l.season, l.seq)) "
    # pages that are put away (ledger/archive) were compared before they went
    "AND l.season NOT IN (SELECT number FROM seasons WHERE source = 'books' AND archived_at IS NOT NULL) "
    # the log of changes is looked at below
    "AND l.book_id <> 0 "
    # papers have no entry
    "AND NOT (l.book_id = 9223372036854775807 AND EXISTS (SELECT FROM papers p WHERE p.id = l.seq)) ORDER BY 1, 2"
)
_CUT_OFF: LiteralString = (
    "SELECT l.batch, l.seq FROM batch_leaves l WHERE l.book_id = 0 "
    "AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.position = l.seq) ORDER BY 1, 2"
)
_UNNUMBERED: LiteralString = (
    "SELECT batch FROM batch_leaves GROUP BY batch "
    "HAVING min(position) <> 0 OR max(position) <> count(*) - 1 ORDER BY 1"
)
_UNWITNESSED: LiteralString = (
    "SELECT number FROM batches b WHERE state = 'completed' AND witness = 'chain' AND NOT EXISTS "
    "(SELECT FROM chain_logs l WHERE (l.chain_id, l.contract, l.batch, l.root, l.previous_root, l.leaf_count) "
    "= (b.chain_id, b.contract, b.number, b.root, b.previous_root, b.leaf_count) AND l.canonical "
    # where the event stands: what /v/<code> shows to whoever looks it up on the chain
    "AND (l.tx_hash, l.block_number, l.block_hash) = (b.tx_hash, b.block_number, b.block_hash)) ORDER BY 1"
)


def _none(conn: Connection, name: str, what: str, looked_at: int, query: LiteralString) -> Finding:
    """Holds when the query finds nothing."""
    return _finding(name, what, looked_at, conn.execute(query).fetchall())


def _finding(name: str, what: str, looked_at: int, wrong: Wrong) -> Finding:
    named = ", ".join(what.format(*row) for row in wrong[:NAMED])
    more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
    return Finding(name, not wrong, named + more, looked_at)


def _gaps(batches: list[tuple[int, bytes, bytes]]) -> Wrong:
    return [(number,) for place, (number, _, _) in enumerate(batches, start=1) if number != place][:1]


def _unchained(batches: list[tuple[int, bytes, bytes]]) -> Wrong:
    first = [(0, bytes(32), b""), *batches]
    return [(later[0],) for earlier, later in pairwise(first) if later[2] != earlier[1]]


def _wrong_leaves(conn: Connection) -> Wrong:
    wrong = set()
    with conn.cursor(name="leaves_and_entries") as cursor:
        cursor.itersize = 10_000
        cursor.execute(
            "SELECT l.batch, l.book_id, l.season, l.seq, e.hash, l.salt, l.leaf FROM batch_leaves l "
            "JOIN entries e ON (e.book_id, e.season, e.seq) = (l.book_id, l.season, l.seq) UNION ALL "
            "SELECT l.batch, l.book_id, l.season, l.seq, c.hash, l.salt, l.leaf FROM batch_leaves l "
            "JOIN audit_chain c ON c.position = l.seq WHERE l.book_id = 0 UNION ALL "
            "SELECT l.batch, l.book_id, l.season, l.seq, p.hash, l.salt, l.leaf FROM batch_leaves l "
            "JOIN papers p ON p.id = l.seq WHERE l.book_id = 9223372036854775807"
        )
        for batch, book_id, season, seq, entry_hash, salt, leaf in cursor:
            again = merkle.entry_leaf(book_id=book_id, season=season, seq=seq, entry_hash=entry_hash, salt=salt)
            if again != leaf:
                wrong.add(batch)
    return [(batch,) for batch in sorted(wrong)]


def _wrong_roots(conn: Connection) -> Wrong:
    return [
        (number,)
        for number, root, count, leaves in _leaves_by_batch(conn)
        if len(leaves) != count or merkle.root_of(leaves) != root
    ]


def _leaves_by_batch(conn: Connection) -> Iterator[tuple[int, bytes, int, list[bytes]]]:
    with conn.cursor(name="leaves_by_batch") as cursor:
        cursor.itersize = 10_000
        cursor.execute(
            "SELECT b.number, b.root, b.leaf_count, l.leaf FROM batches b "
            # of those that were taken over from the chain only the event is known
            "LEFT JOIN batch_leaves l ON l.batch = b.number WHERE NOT b.taken_over ORDER BY b.number, l.position"
        )
        for (number, root, count), rows in groupby(cursor, key=itemgetter(0, 1, 2)):
            yield number, root, count, [row[3] for row in rows if row[3] is not None]
