"""The log of changes to tables that may change: rows that wait are chained, and the whole chain is derived again.

Theory of operation. Triggers (migrations/0015_audit.sql) write a plain row for each change, in the transaction that
makes it. Nobody waits for a common chain there: rows queue, and a job chains them afterwards, in order,

    written (audit_logs, and in audit_queue) -> chained (audit_chain)

with hash = sha256 over the hash before, the place, the row, and the commitments of what is personal in it. Those values
stand apart with their salts (audit_values): forgetting a person takes both away, and the chain still holds.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from psycopg import sql

from ledger import preimage
from ledger.findings import Finding, Tally
from ledger.retries import transact
from ledger.wires import Connection, Wires

FORM = b"pesachama-audit/1"
SALT_BYTES = 16  # as of a note: a value that was forgotten cannot be found again by trying salts

# A transaction of a fraction of a second; the job comes again until nothing waits.
CHAINED_AT_ONCE = 200
# Rows of the chain are read in handfuls, so that years of it fit into the memory of a worker.
READ_AT_ONCE = 2_000


class Link(NamedTuple):
    """A row of the chain with the row of the log that it is about (None where that is gone) and its personal parts."""

    position: int
    audit_id: int
    prev_hash: bytes
    hash: bytes
    there: bool
    fields: tuple[Any, ...]
    values: tuple[str | None, ...]
    salts: tuple[bytes | None, ...]
    commitments: tuple[bytes | None, ...]


def chain_due(wires: Wires) -> int:
    """Chains up to CHAINED_AT_ONCE rows that wait, oldest first, in a transaction of its own; returns how many."""
    salts = [wires.chance.token_bytes(SALT_BYTES) for _ in range(2 * CHAINED_AT_ONCE)]
    at = wires.now()
    rows = transact(wires, lambda conn: conn.execute("SELECT chain_audit(%s, %s)", [at, salts]).fetchall())
    return int(rows[0][0])


def chain_all(wires: Wires) -> int:
    """Chains until nothing waits; each handful is a transaction, so a death loses nothing. Returns how many."""
    chained = 0
    while taken := chain_due(wires):
        chained += taken
    return chained


def waiting(conn: Connection) -> int:
    """How many changes are not chained yet."""
    return int(conn.execute("SELECT count(*) FROM audit_queue").fetchall()[0][0])


def verify(conn: Connection, *, new_only: bool = False) -> list[Finding]:
    """Derives the chain again from the rows of the log; names the first place that does not fit.

    With `new_only` rows that an earlier run found sound are not hashed again: of them only the numbers and the links
    are looked at, in one pass over the chain.
    """
    begin, head = _verified(conn) if new_only else (0, preimage.GENESIS)
    chained, bound, count, place = _broken_links(conn, begin), Tally(), 0, begin
    for link in _links(conn, begin):
        count += 1
        culprit = f"change {link.audit_id} at place {link.position}"
        hashed = preimage.hash_fields((FORM, link.prev_hash, link.position, *link.fields, *link.commitments))
        if not link.there or (link.position, link.prev_hash, link.hash) != (place + 1, head, hashed):
            chained.add(culprit)
        if not all(map(_bound, link.values, link.salts, link.commitments)):
            bound.add(culprit)
        # From what stands there, and not from what should: one spoilt row is one finding, not one for each after it.
        place, head = link.position, link.hash
    return [
        chained.finding("changes are chained as they were written", count),
        bound.finding("personal values of changes are those that were chained, or forgotten", count),
        _left_out(conn),
    ]


def newest(conn: Connection) -> int:
    """The last place of the chain; what `note_sound` is told after a sound run in the same snapshot."""
    return int(conn.execute("SELECT COALESCE(max(position), 0) FROM audit_chain").fetchall()[0][0])


def note_sound(conn: Connection, place: int) -> None:
    """Notes up to where the chain was found sound: where the next run over what is new begins."""
    conn.execute("SELECT note_audit_verified(%s)", [place])


def unseen(conn: Connection) -> int:
    """How many changes a run over what is new takes from the runs before it."""
    return _verified(conn)[0]


def _verified(conn: Connection) -> tuple[int, bytes]:
    """The place that an earlier run came to, with its hash; the beginning when nothing stands there."""
    row = conn.execute(
        "SELECT c.position, c.hash FROM audit_verified v JOIN audit_chain c ON c.position = v.position"
    ).fetchone()
    return row if row else (0, preimage.GENESIS)


def _broken_links(conn: Connection, up_to: int) -> Tally:
    """Of the places up to `up_to`: their numbers and what they name as the hash before them, by what stands there."""
    tally = Tally()
    rows = conn.execute(
        "SELECT audit_id, position FROM (SELECT audit_id, position, prev_hash, "
        "lag(position, 1, 0::bigint) OVER places AS place, lag(hash, 1, %s) OVER places AS head FROM audit_chain "
        "WHERE position <= %s WINDOW places AS (ORDER BY position)) AS c "
        "WHERE position <> place + 1 OR prev_hash <> head ORDER BY position",
        [preimage.GENESIS, up_to],
    ).fetchall()
    for audit_id, position in rows:
        tally.add(f"change {audit_id} at place {position}")
    return tally


def _left_out(conn: Connection) -> Finding:
    """Every row of the log is in the chain or waits for it."""
    tally = Tally()
    rows = conn.execute(
        "SELECT l.id FROM audit_logs l LEFT JOIN audit_chain c ON c.audit_id = l.id "
        "LEFT JOIN audit_queue q ON q.audit_id = l.id WHERE (c.audit_id IS NULL) = (q.audit_id IS NULL) "
        "UNION ALL SELECT q.audit_id FROM audit_queue q LEFT JOIN audit_logs l ON l.id = q.audit_id WHERE l.id IS NULL "
        "ORDER BY 1"
    ).fetchall()
    for (audit_id,) in rows:
        tally.add(f"change {audit_id}")
    [(count,)] = conn.execute("SELECT count(*) FROM audit_logs").fetchall()
    return tally.finding("every change is chained or waits to be", count)


def _bound(value: str | None, salt: bytes | None, commitment: bytes | None) -> bool:
    if value is None:
        return salt is None
    if salt is None or commitment is None:
        return False
    return hashlib.sha256(salt + value.encode()).digest() == commitment


_LINKS = sql.SQL(
    "SELECT c.position, c.audit_id, c.prev_hash, c.hash, c.chained_at, l.id, l.table_name, l.operation, "
    "l.row_key::text, l.actor_id, l.process, array_to_string(l.changed, ','), l.before::text, l.after::text, l.at, "
    "r.value::text, a.value::text, r.salt, a.salt, r.commitment, a.commitment "
    "FROM audit_chain c LEFT JOIN audit_logs l ON l.id = c.audit_id "
    "LEFT JOIN audit_values r ON r.audit_id = c.audit_id AND r.part = 'row' "
    "LEFT JOIN audit_values a ON a.audit_id = c.audit_id AND a.part = 'address' "
    "WHERE c.position > %s ORDER BY c.position LIMIT %s"
)


def _links(conn: Connection, after: int) -> Iterator[Link]:
    while True:
        rows = conn.execute(_LINKS, [after, READ_AT_ONCE]).fetchall()
        for position, audit_id, prev_hash, hashed, chained_at, *log_row in rows:
            log, personal = tuple(log_row[:10]), tuple(log_row[10:])
            parts = (personal[0:2], personal[2:4], personal[4:6])
            yield Link(position, audit_id, prev_hash, hashed, log[0] is not None, (chained_at, *log), *parts)
        if len(rows) < READ_AT_ONCE:
            return
        after = rows[-1][0]
