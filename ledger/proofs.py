"""Shows one entry inside its sealed batch: what anybody needs to check it, and whether it holds."""

from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.rows import class_row

from ledger import merkle
from ledger.wires import Connection


@dataclass(frozen=True)
class SealedEntry:
    """One entry and the batch that it is in.

    `amount_cents` is the sum of the entry's debits; `recorded_at` is UTC. Hashes are 32 bytes, `salt` 16. While the
    entry waits to be sealed, `state` is "waiting" and there is no batch, leaf or root. `root` is the one the batch was
    sealed with, `witnessed_root` what the chain's event shows; None as long as none was read.
    """

    code: str
    book_id: int
    season: int
    seq: int
    entry_hash: bytes
    amount_cents: int
    recorded_at: datetime
    batch: int | None
    state: str
    witness: str | None
    chain_id: int | None
    contract: str | None
    tx_hash: bytes | None
    block: int | None
    salt: bytes | None
    leaf: bytes | None
    position: int | None
    root: bytes | None
    witnessed_root: bytes | None


@dataclass(frozen=True)
class Proof(SealedEntry):
    """An entry with its way up to the root; `valid`: it leads there, and the chain shows no other root."""

    siblings: tuple[bytes, ...]
    valid: bool


def proof_of(conn: Connection, code: str) -> Proof | None:
    """The proof for the receipt code `code` (8 characters, capitals), or None when no entry has it."""
    entry = _find(conn, code)
    if entry is None:
        return None
    siblings: tuple[bytes, ...] = ()
    if entry.batch is not None and entry.position is not None:
        siblings = merkle.siblings_of(_tree(conn, entry.batch), entry.position)
    proof = Proof(**vars(entry), siblings=siblings, valid=False)
    return replace(proof, valid=verify_proof(proof))


def verify_proof(proof: Proof) -> bool:
    """Whether the entry's own fields lead to the sealed root; needs nothing but the proof: anybody can repeat it."""
    if proof.salt is None or proof.root is None:
        return False
    leaf = merkle.entry_leaf(
        book_id=proof.book_id, season=proof.season, seq=proof.seq, entry_hash=proof.entry_hash, salt=proof.salt
    )
    return (
        leaf == proof.leaf
        and merkle.climb(leaf, proof.siblings) == proof.root
        and proof.witnessed_root in (None, proof.root)
    )


def _find(conn: Connection, code: str) -> SealedEntry | None:
    with conn.cursor(row_factory=class_row(SealedEntry)) as cursor:
        return cursor.execute(
            "SELECT entry_codes.code, book_id, season, seq, entries.hash AS entry_hash, entries.recorded_at, "
            "(SELECT coalesce(sum(amount_cents), 0)::bigint FROM postings WHERE postings.book_id = entries.book_id "
            "AND postings.season = entries.season AND postings.seq = entries.seq AND amount_cents > 0) "
            "AS amount_cents, "
            "batches.number AS batch, coalesce(batches.state, 'waiting') AS state, batches.witness, batches.chain_id, "
            "batches.contract, batches.tx_hash, batches.block_number AS block, batch_leaves.salt, batch_leaves.leaf, "
            "batch_leaves.position, batches.root, (SELECT chain_logs.root FROM chain_logs "
            "WHERE chain_logs.batch = batches.number AND chain_logs.chain_id = batches.chain_id "
            "AND chain_logs.contract = batches.contract AND canonical) AS witnessed_root "
            "FROM entry_codes JOIN entries USING (book_id, season, seq) "
            "LEFT JOIN batch_leaves USING (book_id, season, seq) "
            "LEFT JOIN batches ON batches.number = batch_leaves.batch WHERE entry_codes.code = %s",
            [code],
        ).fetchone()


def _tree(conn: Connection, batch: int) -> list[bytes]:
    rows = conn.execute("SELECT leaf FROM batch_leaves WHERE batch = %s ORDER BY position", [batch]).fetchall()
    return merkle.tree_of([leaf for (leaf,) in rows])
