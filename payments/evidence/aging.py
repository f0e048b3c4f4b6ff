"""Bodies whose period is over: everybody in them becomes a pseudonym, and what they say about money stays.

Theory of operation. Rows are gone through in the order of their ids, once, and `evidence_aged` remembers how far: a
batch and that number are one transaction, so a process that dies begins where it was. The first row that is too young,
or that is still in its reader's hands, ends the walk until later. A body by which the owner of unmatched money is still
looked for is spared, and taken when that money has found her; one that was erased for a person is left as it is.

The hash of the body as it came stays beside that of the body as it is kept: what Safaricom has can be held against the
first, and `pesachama verify` holds what we have against the second. A pseudonym is made under the key by which payers
are known again (payers.py), which the database does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg.rows import class_row

from ledger.retries import transact
from ledger.wires import Connection
from payments.evidence import store
from payments.evidence.pseudonyms import ERASED, under_key
from payments.payers import Payers
from payments.wires import Wires

# Some kilobytes each: a transaction of milliseconds.
AT_ONCE = 200


@dataclass(frozen=True)
class Old:
    """A row whose period may be over. `in_hand` is read again, `looked_for` money in suspense whose owner is found by
    this body.
    """

    id: int
    body: bytes = field(repr=False)
    received_at: datetime
    in_hand: bool
    erased: bool
    done: bool
    looked_for: bool


def age_due(wires: Wires, keep: timedelta) -> int:
    """Puts the next bodies that came longer than `keep` ago under the key; returns how many rows it went past."""
    return transact(wires, lambda conn: _age(conn, wires, keep))


def _age(conn: Connection, wires: Wires, keep: timedelta) -> int:
    row = conn.execute("SELECT up_to FROM evidence_aged FOR UPDATE SKIP LOCKED").fetchone()
    if row is None:
        return 0
    up_to: int = row[0]
    spared = _with_owners(conn, up_to=up_to, limit=AT_ONCE)
    _put(conn, spared, wires.payers)
    passed: list[Old] = []
    for one in _after(conn, up_to, limit=AT_ONCE):
        if one.in_hand or one.received_at > wires.now() - keep:
            break
        passed.append(one)
    if passed:
        _put(conn, passed, wires.payers)
        conn.execute("UPDATE evidence_aged SET up_to = %s", [passed[-1].id])
    return len(spared) + len(passed)


def _put(conn: Connection, rows: Sequence[Old], payers: Payers) -> None:
    bodies = {one.id: _aged(one.body, payers) for one in rows if not (one.erased or one.done or one.looked_for)}
    if bodies:
        store.put_under_key(conn, bodies)


def _aged(body: bytes, payers: Payers) -> bytes:
    """A body in which we cannot find the people is kept no longer."""
    try:
        return under_key(body, payers)
    except Exception:
        return ERASED


def _after(conn: Connection, number: int, *, limit: int) -> list[Old]:
    """The next rows by their ids, locked."""
    with conn.cursor(row_factory=class_row(Old)) as cursor:
        return cursor.execute(
            "SELECT e.id, e.body, e.received_at, e.due_at IS NOT NULL AS in_hand, e.erased_at IS NOT NULL AS erased, "
            "e.pseudonym_sha256 IS NOT NULL AS done, EXISTS (SELECT FROM receipts r JOIN suspense s USING (receipt) "
            "WHERE r.evidence_id = e.id AND s.state = 'open') AS looked_for FROM evidence e WHERE e.id > %s "
            "ORDER BY e.id LIMIT %s FOR UPDATE OF e",
            [number, limit],
        ).fetchall()


def _with_owners(conn: Connection, *, up_to: int, limit: int) -> list[Old]:
    """Rows up to this id that were spared while their money looked for its owner, and need not be any more; locked."""
    with conn.cursor(row_factory=class_row(Old)) as cursor:
        return cursor.execute(
            "SELECT e.id, e.body, e.received_at, FALSE AS in_hand, FALSE AS erased, FALSE AS done, FALSE AS looked_for "
            "FROM suspense s JOIN receipts r USING (receipt) JOIN evidence e ON e.id = r.evidence_id "
            "WHERE s.state = 'resolved' AND e.id <= %s AND e.erased_at IS NULL AND e.pseudonym_sha256 IS NULL "
            "ORDER BY e.id LIMIT %s FOR UPDATE OF e",
            [up_to, limit],
        ).fetchall()
