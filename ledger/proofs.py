"""Shows one entry inside its sealed batch: what anybody needs to check it, and whether it holds."""

from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.rows import class_row

from ledger import merkle
from ledger.wires import Connection


@dataclass(frozen=True)
class SealedEntry:
    """One entry and the batch that it is in.

    `amount_cents` is the sum of the entry's debits, those of a hold included; `recorded_at` is UTC. Hashes are 32
    bytes, `salt` 16. While the entry waits to be sealed, `state` is "waiting" and there is no batch, leaf or root.
    `root` is the one the batch was sealed with, `witnessed_root` what the chain's event shows; None as long as none was
    read.
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


@dataclass(frozen=True)
class Away:
    """An entry that has its code and whose page stands in a season that is put away, from `opens_at` to `closes_at`.

    Its number and its batch, None for one that was never sealed, stayed; instants are UTC.
    """

    code: str
    book_id: int
    season: int
    seq: int
    batch: int | None
    opens_at: datetime
    closes_at: datetime


def away(conn: Connection, code: str) -> Away | None:
    """What is known of the entry with this code while its season is put away; None when it is not."""
    with conn.cursor(row_factory=class_row(Away)) as cursor:
        return cursor.execute(
            "SELECT c.code, c.book_id, c.season, c.seq, l.batch, s.opens_at, s.closes_at FROM entry_codes c "
            "JOIN seasons s ON (s.source, s.number) = ('books', c.season) AND s.archived_at IS NOT NULL "
            "LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (c.book_id, c.seq) WHERE c.code = %s",
            [code],
        ).fetchone()


def proof_of(conn: Connection, code: str) -> Proof | None:
    """The proof for the receipt code `code` (8 characters, capitals), or None when no entry at hand has it."""
    entry = _find(conn, code)
    if entry is None:
        return None
    way_up: tuple[bytes, ...] = ()
    if entry.batch is not None and entry.position is not None:
        way_up = siblings(conn, entry.batch, entry.position)
    proof = Proof(**vars(entry), siblings=way_up, valid=False)
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
    # The entry's hash is computed again from what the books say now: a changed amount or date leads to another leaf.
    with conn.cursor(row_factory=class_row(SealedEntry)) as cursor:
        return cursor.execute(
            "SELECT c.code, e.book_id, e.season, e.seq, lines.amount_cents, e.recorded_at, "
            "entry_hash(e.version, e.prev_hash, e.book_id, e.season, e.seq, e.kind, e.occurred_at, e.recorded_at, "
            "e.about_season, e.actor_id, e.reverses_seq, e.expires_at, e.resolves_seq, e.resolution, e.commitment, "
            "lines.account_ids, lines.amounts_cents, lines.phases) AS entry_hash, "
            "b.number AS batch, coalesce(b.state, 'waiting') AS state, b.witness, b.chain_id, b.contract, b.tx_hash, "
            "b.block_number AS block, l.salt, l.leaf, l.position, b.root, log.root AS witnessed_root "
            "FROM entry_codes c JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq) "
            "CROSS JOIN LATERAL (SELECT array_agg(account_id ORDER BY line) AS account_ids, "
            "array_agg(amount_cents ORDER BY line) AS amounts_cents, array_agg(phase ORDER BY line) AS phases, "
            "coalesce(sum(amount_cents) FILTER (WHERE amount_cents > 0 AND phase <> 'released'), 0)::bigint "
            "AS amount_cents FROM postings p "
            "WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq)) AS lines "
            "LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (e.book_id, e.seq) "
            "LEFT JOIN batches b ON b.number = l.batch "
            "LEFT JOIN chain_logs log ON (log.batch, log.chain_id, log.contract) = (b.number, b.chain_id, b.contract) "
            "AND log.canonical WHERE c.code = %s",
            [code],
        ).fetchone()


def siblings(conn: Connection, batch: int, position: int) -> tuple[bytes, ...]:
    """The way up from the leaf at `position` of a batch to its root, lowest first."""
    [(count,)] = conn.execute("SELECT leaf_count FROM batches WHERE number = %s", [batch]).fetchall()
    rows = conn.execute(
        "SELECT coalesce(l.leaf, substring(t.nodes FROM node * 32 + 1 FOR 32)) "
        "FROM unnest(%(path)s::integer[]) WITH ORDINALITY AS steps (node, step) "
        "JOIN batch_trees t ON t.batch = %(batch)s "
        "LEFT JOIN batch_leaves l ON l.batch = t.batch AND l.position = %(last)s - node ORDER BY step",
        {"path": merkle.path_of(count, position), "batch": batch, "last": 2 * count - 2},
    ).fetchall()
    return tuple(sibling for (sibling,) in rows)
