"""Seals entries into numbered batches, each with one Merkle root, and keeps the state of every batch.

Theory of operation. Posting leaves each entry in `sealing_queue`. `seal_due` takes up to BATCH_SIZE of them, oldest
page first within a book, and in one transaction writes the next batch, its leaves and the root of the batch before:
numbers have no gap and the roots form a chain. One sealer works at a time, and a sealed batch never changes.

It is a group commit: while a batch is on its way, entries gather for the next one, so that a slow chain gets few large
batches rather than many small ones. Only when a full batch waits is the next one sealed at once.

    pending    sealed; waits for its witness (an anchoring transaction, or a line in the checkpoint file)
    executing  a transaction with its root is signed, and perhaps sent
    completed  the chain's own event, or the signed line, was read and holds its root
    failed     the chain refused it or holds another root: `error_message` says why, `due_at` when it is tried again

Which batch is anchored next is decided by the contract's last number, never by these states alone. An event read from
the chain completes a batch from any state, and a reorganisation takes a completed one back to executing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Literal

from psycopg.rows import class_row

from ledger import merkle
from ledger.moves import Moves
from ledger.papers import PAPERS_BOOK
from ledger.wires import Chance, Connection, Wires

Witness = Literal["chain", "checkpoint"]

BATCH_SIZE = 10_000
# 128 bits: a leaf cannot be found by trying salts.
SALT_BYTES = 16
# What the first batch names as the root before it.
NO_ROOT = bytes(32)
# Held while sealing; "SEALING" read as a number, so that it meets nobody else's.
SEALING_LOCK = int.from_bytes(b"SEALING", "big")

# The log of changes (ledger/audit.py) is sealed like a book of its own, which has this number: its page is the place in
# its chain, and each batch takes up the newest one.
LOG_BOOK = 0
# Without entries the log alone is sealed this long after the last batch: for so long nobody outside knows its end.
LOG_ALONE_AFTER = timedelta(days=1)


class BatchState(StrEnum):
    PENDING = "pending"
    EXECUTING = "executing"
    COMPLETED = "completed"
    FAILED = "failed"


BATCH_MOVES: Moves[BatchState] = Moves(
    "batches.state",
    {
        BatchState.PENDING: frozenset({BatchState.EXECUTING, BatchState.COMPLETED, BatchState.FAILED}),
        BatchState.EXECUTING: frozenset({BatchState.PENDING, BatchState.COMPLETED, BatchState.FAILED}),
        BatchState.FAILED: frozenset({BatchState.EXECUTING, BatchState.COMPLETED}),
        BatchState.COMPLETED: frozenset({BatchState.EXECUTING}),
    },
)


@dataclass(frozen=True)
class Batch:
    """One sealed batch; roots are 32 bytes, `due_at` (UTC) is when somebody should look at it next, None for never."""

    number: int
    root: bytes
    previous_root: bytes
    leaf_count: int
    sealed_at: datetime
    witness: Witness
    state: BatchState
    due_at: datetime | None
    error_message: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", BatchState(self.state))


@dataclass(frozen=True)
class Page:
    """One entry on its way into a batch."""

    book_id: int
    season: int
    seq: int
    hash: bytes


def seal_due(wires: Wires, *, witness: Witness) -> int:
    """Seals the entries that wait, at most BATCH_SIZE, and the end of the log of changes with them; returns how many
    leaves there are, 0 when nothing should be sealed now.
    """
    at = wires.now()
    with wires.transaction() as conn:
        entries, log = _worth_sealing(conn, witness, at) if _may_seal(conn, witness) else (False, False)
        if not entries and not log:
            return 0
        pages = _take(conn)
        if pages or log:  # a row of the queue may name no entry; alone, it makes no batch
            pages += _end_of_the_log(conn)
            _seal(conn, pages, witness=witness, at=at, chance=wires.chance)
        return len(pages)


def get(conn: Connection, number: int) -> Batch | None:
    """The batch `number`, locked until the end of the transaction."""
    with conn.cursor(row_factory=class_row(Batch)) as cursor:
        return cursor.execute(
            "SELECT number, root, previous_root, leaf_count, sealed_at, witness, state, due_at, error_message "
            "FROM batches WHERE number = %s FOR UPDATE",
            [number],
        ).fetchone()


def take_over(
    conn: Connection, number: int, *, root: bytes, previous_root: bytes, leaf_count: int, at: datetime
) -> Batch | None:
    """A batch that only the chain's event knows, as our next one; None when it does not follow our last one."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING_LOCK])
    if _newest(conn) != (number - 1, previous_root):
        return get(conn, number)
    conn.execute(
        "INSERT INTO batches (number, root, previous_root, leaf_count, sealed_at, witness, state, due_at, taken_over) "
        "VALUES (%s, %s, %s, %s, %s, 'chain', 'pending', NULL, TRUE)",
        [number, root, previous_root, leaf_count, at],
    )
    return get(conn, number)


def first_unwitnessed(conn: Connection, witness: Witness) -> Batch | None:
    """The lowest batch of this witness that is not completed, locked until the end of the transaction."""
    row = conn.execute(
        "SELECT number FROM batches WHERE witness = %s AND state <> 'completed' ORDER BY number LIMIT 1", [witness]
    ).fetchone()
    return get(conn, row[0]) if row else None


def execute(conn: Connection, batch: Batch) -> None:
    """Notes that a transaction with this batch's root is signed; one that has its checkpoint stays completed."""
    if batch.state in (BatchState.PENDING, BatchState.FAILED):
        _move(conn, batch, BatchState.EXECUTING)
    conn.execute("UPDATE batches SET due_at = NULL, error_message = NULL WHERE number = %s", [batch.number])


def release(conn: Connection, batch: Batch, *, at: datetime) -> None:
    """Takes an executing batch back to the start: its transaction can no longer be mined."""
    if batch.state is BatchState.EXECUTING:
        _move(conn, batch, BatchState.PENDING)
        conn.execute("UPDATE batches SET due_at = %s WHERE number = %s", [at, batch.number])


def fail(conn: Connection, batch: Batch, *, message: str, due_at: datetime) -> None:
    """Notes why the witness refused this batch and when to try again; a completed batch only keeps the message."""
    if batch.state in (BatchState.PENDING, BatchState.EXECUTING):
        _move(conn, batch, BatchState.FAILED)
    conn.execute(
        "UPDATE batches SET error_message = %s, due_at = %s, retry_count = retry_count + 1 WHERE number = %s",
        [message, due_at, batch.number],
    )


def complete(conn: Connection, batch: Batch, *, at: datetime) -> None:
    """Notes that the witness shows this batch's root."""
    if batch.state is not BatchState.COMPLETED:
        _move(conn, batch, BatchState.COMPLETED)
        conn.execute(
            "UPDATE batches SET due_at = NULL, error_message = NULL, completed_at = %s WHERE number = %s",
            [at, batch.number],
        )


def place(
    conn: Connection, number: int, *, chain_id: int, contract: str, tx_hash: bytes, block_number: int, block_hash: bytes
) -> None:
    """Notes where on the chain the batch's event stands."""
    conn.execute(
        "UPDATE batches SET chain_id = %s, contract = %s, tx_hash = %s, block_number = %s, block_hash = %s "
        "WHERE number = %s",
        [chain_id, contract, tx_hash, block_number, block_hash, number],
    )


def reopen(conn: Connection, batch: Batch) -> None:
    """Takes back what a removed block had shown; a batch that has its checkpoint stays completed."""
    if batch.state is BatchState.COMPLETED and batch.witness == "chain":
        _move(conn, batch, BatchState.EXECUTING)
        conn.execute("UPDATE batches SET completed_at = NULL WHERE number = %s", [batch.number])
    conn.execute(
        "UPDATE batches SET tx_hash = NULL, block_number = NULL, block_hash = NULL WHERE number = %s", [batch.number]
    )


def _move(conn: Connection, batch: Batch, to: BatchState) -> None:
    BATCH_MOVES.require(batch.state, to)
    conn.execute("UPDATE batches SET state = %s WHERE number = %s", [to, batch.number])


def _may_seal(conn: Connection, witness: Witness) -> bool:
    """Nobody else seals now, and what a contract took after the backup that the rows came from was read back."""
    row = conn.execute(
        "SELECT pg_try_advisory_xact_lock(%s) AND (%s <> 'chain' OR NOT EXISTS "
        "(SELECT FROM chain_cursors WHERE NOT read_back))",
        [SEALING_LOCK, witness],
    ).fetchone()
    return bool(row and row[0])


def _newest(conn: Connection) -> tuple[int, bytes]:
    """Number and root of the newest batch; before the first, what that one names as the root before it."""
    return conn.execute("SELECT number, root FROM batches ORDER BY number DESC LIMIT 1").fetchone() or (0, NO_ROOT)


def _worth_sealing(conn: Connection, witness: Witness, at: datetime) -> tuple[bool, bool]:
    """Whether the entries that wait make a batch, and whether the log of changes makes one alone."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM (SELECT FROM sealing_queue LIMIT %s) AS waiting), "
        "EXISTS (SELECT FROM batches WHERE state <> 'completed' AND witness = %s), "
        "(SELECT max(position) FROM audit_chain) > coalesce((SELECT max(seq) FROM batch_leaves WHERE book_id = %s), 0) "
        "AND coalesce((SELECT sealed_at FROM batches ORDER BY number DESC LIMIT 1) <= %s, TRUE)",
        [BATCH_SIZE, witness, LOG_BOOK, at - LOG_ALONE_AFTER],
    ).fetchone()
    assert row  # noqa: S101 - a SELECT without FROM always has one row
    waiting, on_its_way, log = row
    return bool(waiting >= BATCH_SIZE or (waiting and not on_its_way)), bool(log and not on_its_way)


def _take(conn: Connection) -> list[Page]:
    # Rows that other transactions are still writing are invisible here; what is visible of a book is a run without
    # holes, because its pages are numbered under the lock of its head.
    with conn.cursor(row_factory=class_row(Page)) as cursor:
        return cursor.execute(
            "WITH taken AS (DELETE FROM sealing_queue AS queue USING "
            "(SELECT book_id, seq FROM sealing_queue ORDER BY book_id, seq LIMIT %s) AS first "
            "WHERE queue.book_id = first.book_id AND queue.seq = first.seq "
            "RETURNING queue.book_id, queue.season, queue.seq) "
            "SELECT book_id, season, seq, entries.hash FROM taken JOIN entries USING (book_id, season, seq) UNION ALL "
            "SELECT taken.book_id, season, seq, papers.hash FROM taken JOIN papers ON papers.id = seq "
            "WHERE taken.book_id = %s",
            [BATCH_SIZE, PAPERS_BOOK],
        ).fetchall()


def _end_of_the_log(conn: Connection) -> list[Page]:
    """The last place in the chain of changes, unless it is sealed."""
    with conn.cursor(row_factory=class_row(Page)) as cursor:
        return cursor.execute(
            "SELECT %(log)s::bigint AS book_id, 0 AS season, last.seq, last.hash FROM ("
            "SELECT position AS seq, hash FROM audit_chain ORDER BY position DESC LIMIT 1) AS last WHERE NOT EXISTS ("
            "SELECT FROM batch_leaves l WHERE (l.book_id, l.seq) = (%(log)s, last.seq))",
            {"log": LOG_BOOK},
        ).fetchall()


def _seal(conn: Connection, pages: list[Page], *, witness: Witness, at: datetime, chance: Chance) -> None:
    leaves = sorted(_leaves(pages, chance), key=itemgetter(0))
    tree = merkle.tree_of([leaf for leaf, _, _ in leaves])
    last, previous_root = _newest(conn)
    number = last + 1
    conn.execute(
        "INSERT INTO batches (number, root, previous_root, leaf_count, sealed_at, witness, state, due_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, 'pending', %s)",
        [number, tree[0], previous_root, len(leaves), at, witness, at],
    )
    inner_nodes = b"".join(tree[: len(leaves) - 1])
    conn.execute("INSERT INTO batch_trees (batch, nodes) VALUES (%s, %s)", [number, inner_nodes])
    # No COPY: PostgreSQL refuses it on a table with row policies. Bytes in one piece are the quickest way for so many.
    conn.execute(
        "INSERT INTO batch_leaves (batch, position, book_id, season, seq, salt, leaf) "
        "SELECT %(batch)s, place - 1, book_id, season, seq, "
        "substring(%(salts)b FROM (place::integer - 1) * 16 + 1 FOR 16), "
        "substring(%(leaves)b FROM (place::integer - 1) * 32 + 1 FOR 32) "
        "FROM unnest(%(books)b::bigint[], %(seasons)b::integer[], %(seqs)b::bigint[]) "
        "WITH ORDINALITY AS sealed (book_id, season, seq, place)",
        {
            "batch": number,
            "salts": b"".join(salt for _, _, salt in leaves),
            "leaves": b"".join(leaf for leaf, _, _ in leaves),
            "books": [page.book_id for _, page, _ in leaves],
            "seasons": [page.season for _, page, _ in leaves],
            "seqs": [page.seq for _, page, _ in leaves],
        },
    )


def _leaves(pages: list[Page], chance: Chance) -> Iterator[tuple[bytes, Page, bytes]]:
    """Every page with its leaf and its salt."""
    salts = chance.token_bytes(SALT_BYTES * len(pages))
    for index, page in enumerate(pages):
        salt = salts[SALT_BYTES * index : SALT_BYTES * (index + 1)]
        leaf = merkle.entry_leaf(
            book_id=page.book_id, season=page.season, seq=page.seq, entry_hash=page.hash, salt=salt
        )
        yield leaf, page, salt
