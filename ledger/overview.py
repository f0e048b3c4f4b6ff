"""What people and programs see of the books and their seals. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from ledger.wires import Connection

TAKEN_OVER = "read back from the chain after a restore: what it sealed came after the backup"


@dataclass(frozen=True)
class Batch:
    """A sealed batch; `root` and `tx_hash` are hex, `block` is None until the anchoring was read back."""

    number: int
    state: str
    witness: str
    entries: int
    root: str
    sealed_at: datetime
    tx_hash: str | None
    block: int | None
    completed_at: datetime | None
    trouble: str | None


@dataclass(frozen=True)
class Held:
    """What groups hold, in cents: what came by M-PESA, what they brought with them and is elsewhere, and what is in
    their cash boxes; of the latter two M-PESA knows nothing."""

    mpesa_cents: int
    forward_cents: int
    box_cents: int = 0

    @property
    def cents(self) -> int:
        return self.mpesa_cents + self.forward_cents + self.box_cents


def batches(conn: Connection, *, before: int | None = None, limit: int = 50) -> list[Batch]:
    """Batches with a number below `before`, newest first."""
    rows = conn.execute(
        "SELECT number, state, witness, leaf_count, encode(root, 'hex'), sealed_at, encode(tx_hash, 'hex'),"
        " block_number, completed_at, CASE WHEN taken_over THEN %(lost)s ELSE error_message END"
        " FROM batches WHERE (%(before)s::bigint IS NULL OR number < %(before)s) ORDER BY number DESC LIMIT %(limit)s",
        {"before": before, "limit": limit, "lost": TAKEN_OVER},
    ).fetchall()
    return [Batch(*row) for row in rows]


def batch(conn: Connection, number: int) -> Batch | None:
    """One batch by its number."""
    found = batches(conn, before=number + 1, limit=1)
    return found[0] if found and found[0].number == number else None


def seal(conn: Connection, book_id: int, entry: int) -> Batch | None:
    """The batch that holds one page of a book; None until it is sealed."""
    row = conn.execute("SELECT batch FROM batch_leaves WHERE (book_id, seq) = (%s, %s)", [book_id, entry]).fetchone()
    return batch(conn, row[0]) if row else None


def held(conn: Connection) -> Held:
    """What all groups together hold, as the books have it; money in suspense belongs to no group yet."""
    row = conn.execute(
        "SELECT coalesce(sum(moved) FILTER (WHERE starts_with(code, 'mpesa')), 0)::bigint,"
        " coalesce(sum(moved) FILTER (WHERE code IN ('opening', 'outside_mpesa')), 0)::bigint,"
        " coalesce(sum(moved) FILTER (WHERE code = 'cash'), 0)::bigint"
        " FROM (SELECT a.code, a.debits_posted_cents - a.credits_posted_cents AS moved FROM accounts a"
        " JOIN books b ON b.id = a.book_id WHERE a.kind = 'asset' AND b.kind = 'chama') AS assets"
    ).fetchall()[0]
    return Held(*row)


def unsealed(conn: Connection) -> int:
    """How many entries wait for a batch."""
    return int(conn.execute("SELECT count(*) FROM sealing_queue").fetchall()[0][0])


def taken_over(conn: Connection) -> int:
    """How many batches are known from the chain only."""
    return int(conn.execute("SELECT count(*) FROM batches WHERE taken_over").fetchall()[0][0])
