"""What people and programs see of the books and their seals. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from ledger.wires import Connection


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
    """What groups hold, in cents: what came by M-PESA, and what they brought with them, which M-PESA never saw."""

    mpesa_cents: int
    forward_cents: int

    @property
    def cents(self) -> int:
        return self.mpesa_cents + self.forward_cents


@dataclass(frozen=True)
class Position:
    """What one account of a member holds, in cents, positive on its normal side."""

    account_id: int
    book_id: int
    code: str
    kind: str
    balance_cents: int


@dataclass(frozen=True)
class Movement:
    """One posting on an account of a member, seen from her side: money in is positive.

    `id` is its place in the book: the page times 65,536 plus the line.
    """

    id: int
    book_id: int
    entry: int
    kind: str
    account: str
    amount_cents: int
    balance_after_cents: int
    occurred_at: datetime
    recorded_at: datetime
    code: str | None


@dataclass(frozen=True)
class Entry:
    """One page of a book; `amount_cents` is what its debits add up to, `batch` None until it is sealed."""

    entry: int
    season: int
    kind: str
    amount_cents: int
    occurred_at: datetime
    recorded_at: datetime
    entry_hash: str
    code: str | None
    batch: int | None


def batches(conn: Connection, *, before: int | None = None, limit: int = 50) -> list[Batch]:
    """Batches with a number below `before`, newest first."""
    rows = conn.execute(
        "SELECT number, state, witness, leaf_count, encode(root, 'hex'), sealed_at, encode(tx_hash, 'hex'),"
        " block_number, completed_at, error_message"
        " FROM batches WHERE (%(before)s::bigint IS NULL OR number < %(before)s) ORDER BY number DESC LIMIT %(limit)s",
        {"before": before, "limit": limit},
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
        " coalesce(sum(moved) FILTER (WHERE code = 'opening'), 0)::bigint"
        " FROM (SELECT a.code, a.debits_posted_cents - a.credits_posted_cents AS moved FROM accounts a"
        " JOIN books b ON b.id = a.book_id WHERE a.kind = 'asset' AND b.kind = 'chama') AS assets"
    ).fetchall()[0]
    return Held(*row)


def unsealed(conn: Connection) -> int:
    """How many entries wait for a batch."""
    return int(conn.execute("SELECT count(*) FROM sealing_queue").fetchall()[0][0])


def positions(conn: Connection, member_id: int, *, after: int | None = None, limit: int = 50) -> list[Position]:
    """The balances of a member, one for each of her accounts with an id above `after`."""
    rows = conn.execute(
        "SELECT id, book_id, code, kind, CASE normal_side WHEN 'debit' THEN debits_posted_cents - credits_posted_cents"
        " ELSE credits_posted_cents - debits_posted_cents END"
        " FROM accounts WHERE owner_member_id = %s AND id > %s ORDER BY id LIMIT %s",
        [member_id, after or 0, limit],
    ).fetchall()
    return [Position(*row) for row in rows]


def movements(conn: Connection, member_id: int, *, before: int | None = None, limit: int = 50) -> list[Movement]:
    """What moved on a member's accounts, newest first, with an id below `before`."""
    rows = conn.execute(
        "SELECT p.seq * 65536 + p.line, p.book_id, p.seq, e.kind, a.code,"
        " CASE a.normal_side WHEN 'debit' THEN p.amount_cents ELSE -p.amount_cents END,"
        " CASE a.normal_side WHEN 'debit' THEN p.balance_after_cents ELSE -p.balance_after_cents END,"
        " e.occurred_at, e.recorded_at, c.code"
        " FROM accounts a JOIN postings p ON p.account_id = a.id AND p.phase = 'posted'"
        " JOIN entries e ON (e.book_id, e.season, e.seq) = (p.book_id, p.season, p.seq)"
        " LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (p.book_id, p.seq)"
        " WHERE a.owner_member_id = %(member)s AND (%(before)s::bigint IS NULL"
        "   OR (p.seq, p.line) < (%(before)s::bigint / 65536, %(before)s::bigint %% 65536))"
        " ORDER BY p.seq DESC, p.line DESC LIMIT %(limit)s",
        {"member": member_id, "before": before, "limit": limit},
    ).fetchall()
    return [Movement(*row) for row in rows]


def entries(conn: Connection, book_id: int, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The pages of a book below page `before`, newest first."""
    rows = conn.execute(
        "SELECT e.seq, e.season, e.kind, (SELECT coalesce(sum(p.amount_cents), 0)::bigint FROM postings p"
        "   WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq) AND p.amount_cents > 0),"
        " e.occurred_at, e.recorded_at, encode(e.hash, 'hex'), c.code, l.batch"
        " FROM entries e LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (e.book_id, e.seq)"
        " LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (e.book_id, e.seq)"
        " WHERE e.book_id = %(book)s AND (%(before)s::bigint IS NULL OR e.seq < %(before)s)"
        " ORDER BY e.seq DESC LIMIT %(limit)s",
        {"book": book_id, "before": before, "limit": limit},
    ).fetchall()
    return [Entry(*row) for row in rows]
