"""The rows of evidence: the only module that writes them. What is asked of them stands in seen.py.

A body is kept byte for byte before anybody looks into it, except that secrets which Safaricom echoes are taken out
first and that what exceeds BODY_BYTES is cut. The same body from the same source under the same token is one row,
however often and however concurrently it comes: the unique key decides, and `seen_count` tells how often.
"""

import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.wires import Connection
from payments.evidence.pseudonyms import pseudonymised, spellings
from payments.tokens import token_hash

BODY_BYTES = 65_536

# A queue timeout echoes the whole request, our token in its addresses. The value may be cut off by the end of the body.
SECRETS = re.compile(rb'("(?:SecurityCredential|Password|\w+URL)"\s*:\s*")(?:[^"\\]|\\.)*+', re.IGNORECASE | re.DOTALL)
REMOVED = rb"\1removed before storing"

# What helps to understand a delivery later. Anything else may hold a secret of the host in front of us.
KEPT_HEADERS = ("businessshortcode", "content-length", "content-type", "user-agent", "x-forwarded-for")
HEADER_LETTERS = 300

# How the reasons of rows begin that we could not bring to an end: ours to repair, and looked for by these words.
UNSETTLED = "could not be settled"


class Verdict(StrEnum):
    """What the reader made of a row."""

    UNREAD = "unread"
    APPLIED = "applied"
    REPEATED = "repeated"
    LATE = "late"
    UNMATCHED = "unmatched"
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Received:
    """One delivery as it will be stored: secrets out, cut to size. `token_hash` is empty for a call without a token."""

    source: str
    token_hash: bytes
    body: bytes = field(repr=False)
    body_sha256: bytes
    truncated: bool
    headers: Mapping[str, str]
    remote_ip: str | None
    at: datetime


@dataclass(frozen=True)
class Row:
    """One stored delivery in the hands of its reader; `tries` counts this one."""

    id: int
    source: str
    token_hash: bytes
    body: bytes = field(repr=False)
    truncated: bool
    received_at: datetime
    tries: int


@dataclass(frozen=True)
class Note:
    """What the reader writes back. With a `due_at` the row is read again then."""

    id: int
    verdict: Verdict
    reason: str | None = None
    attempt_id: int | None = None
    receipt: str | None = None
    due_at: datetime | None = None
    payout_id: int | None = None
    # It was read to its end, and is read again for another reason than trouble.
    understood: bool = False


def receive(
    *,
    source: str,
    token: str | bytes | None,
    body: bytes,
    headers: Mapping[str, str],
    remote_ip: str | None,
    at: datetime,
) -> Received:
    """A delivery made ready to be stored, whatever its bytes are. `token` may be given as its hash (bytes)."""
    clean = SECRETS.sub(REMOVED, body)
    return Received(
        source=source,
        token_hash=token if isinstance(token, bytes) else token_hash(token),
        body=clean[:BODY_BYTES],
        body_sha256=hashlib.sha256(clean).digest(),
        truncated=len(clean) > BODY_BYTES,
        headers={name.lower(): _storable(value) for name, value in headers.items() if name.lower() in KEPT_HEADERS},
        remote_ip=_address(remote_ip),
        at=at,
    )


def keep(
    conn: Connection,
    *,
    source: str,
    token: str | None,
    body: bytes,
    headers: Mapping[str, str],
    remote_ip: str | None,
    at: datetime,
) -> bool:
    """Stores one delivery in one statement, which needs no context; True when it was not there yet."""
    return store(conn, receive(source=source, token=token, body=body, headers=headers, remote_ip=remote_ip, at=at))


def store(conn: Connection, received: Received) -> bool:
    """Stores what `receive` made ready; True when it was not there yet."""
    row = conn.execute(
        "SELECT keep_evidence(%s, %s, %s, %s, %s, %s, %s::inet, %s)",
        [
            received.source,
            received.token_hash,
            received.body_sha256,
            received.body,
            received.truncated,
            Jsonb(dict(received.headers)),
            received.remote_ip,
            received.at,
        ],
    ).fetchone()
    return row is not None and row[0] == 1


def claim(conn: Connection, *, at: datetime, limit: int, back: datetime) -> list[Row]:
    """Takes rows that are due, oldest first, with this try counted; commit before you look into one.

    They are due again at `back`, should their reader die. Those whose reading was begun before come one at a time,
    besides the `limit`: if one of them ends the process, no other is blamed with it.
    """
    with conn.cursor(row_factory=class_row(Row)) as cursor:
        rows = cursor.execute(
            "WITH fresh AS (SELECT id FROM evidence WHERE due_at <= %(at)s AND tries = 0 "
            "ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED), "
            "begun AS (SELECT id FROM evidence WHERE due_at <= %(at)s AND tries > 0 "
            "ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE evidence SET tries = tries + 1, due_at = %(back)s "
            "WHERE id IN (SELECT id FROM fresh UNION ALL SELECT id FROM begun) "
            "RETURNING id, source, token_hash, body, truncated, received_at, tries",
            {"at": at, "limit": limit, "back": back},
        ).fetchall()
    return sorted(rows, key=lambda row: (row.received_at, row.id))


def lock_claimed(conn: Connection, rows: Sequence[Row]) -> list[Row]:
    """Those of the rows that nobody has claimed since, locked."""
    locked = conn.execute(
        "SELECT e.id FROM evidence e JOIN unnest(%s::bigint[], %s::integer[]) AS c (id, tries) USING (id) "
        "WHERE e.due_at IS NOT NULL AND e.tries = c.tries ORDER BY e.id FOR UPDATE OF e SKIP LOCKED",
        [[row.id for row in rows], [row.tries for row in rows]],
    ).fetchall()
    ours = {number for (number,) in locked}
    return [row for row in rows if row.id in ours]


def give_back(conn: Connection, rows: Sequence[Row], *, at: datetime) -> None:
    """They were not to blame: due at once, as if never taken."""
    conn.execute(
        "UPDATE evidence e SET tries = e.tries - 1, due_at = %s FROM unnest(%s::bigint[], %s::integer[]) "
        "AS c (id, tries) WHERE e.id = c.id AND e.tries = c.tries AND e.due_at IS NOT NULL",
        [at, [row.id for row in rows], [row.tries for row in rows]],
    )


def read_again(conn: Connection, *, at: datetime) -> int:
    """A person has repaired what kept rows from being settled: those set aside for it are due; returns how many."""
    return conn.execute(
        "UPDATE evidence SET verdict = 'unread', tries = 0, due_at = %s "
        "WHERE verdict = 'unreadable' AND starts_with(reason, %s)",
        [at, UNSETTLED],
    ).rowcount


def note(conn: Connection, notes: Sequence[Note], *, at: datetime) -> None:
    """Writes what was made of each row, all in one statement."""
    conn.execute(
        "UPDATE evidence e SET verdict = n.verdict, reason = n.reason, attempt_id = n.attempt_id, receipt = n.receipt, "
        "due_at = n.due_at, payout_id = n.payout_id, tries = CASE WHEN n.understood THEN 0 ELSE e.tries END, "
        "read_at = %s FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[], "
        "%s::bigint[], %s::boolean[]) "
        "AS n (id, verdict, reason, attempt_id, receipt, due_at, payout_id, understood) WHERE e.id = n.id",
        [
            at,
            [one.id for one in notes],
            [one.verdict for one in notes],
            [one.reason for one in notes],
            [one.attempt_id for one in notes],
            [one.receipt for one in notes],
            [one.due_at for one in notes],
            [one.payout_id for one in notes],
            [one.understood for one in notes],
        ],
    )


def pseudonymise(
    conn: Connection,
    *,
    attempt_ids: Sequence[int],
    receipts: Sequence[str],
    phones: Sequence[str],
    names: Sequence[str],
    at: datetime,
) -> int:
    """Takes a person out of every body that speaks of these payments or holds these numbers (E.164); returns how many.

    The hash stays that of the body as it came. Reads all bodies: for an operator who has time.
    """
    told = [spelling for phone in phones for spelling in spellings(phone)]
    rows = conn.execute(
        "SELECT id, body FROM evidence e WHERE (attempt_id = ANY(%s) OR receipt = ANY(%s) "
        "OR EXISTS (SELECT FROM unnest(%s::bytea[]) AS t (told) WHERE position(t.told IN e.body) > 0)) "
        "AND erased_at IS NULL ORDER BY id FOR UPDATE",
        [list(attempt_ids), list(receipts), told],
    ).fetchall()
    conn.execute(
        "UPDATE evidence e SET body = n.body, erased_at = %s FROM unnest(%s::bigint[], %s::bytea[]) AS n (id, body) "
        "WHERE e.id = n.id",
        [at, [row[0] for row in rows], [pseudonymised(row[1], phones=phones, names=names) for row in rows]],
    )
    return len(rows)


def put_under_key(conn: Connection, bodies: Mapping[int, bytes]) -> None:
    """Bodies by id, with pseudonyms instead of people. The hash of what came stays; that of what is kept joins it."""
    cut = [body[:BODY_BYTES] for body in bodies.values()]
    conn.execute(
        "UPDATE evidence e SET body = n.body, pseudonym_sha256 = sha256(n.body) "
        "FROM unnest(%s::bigint[], %s::bytea[]) AS n (id, body) WHERE e.id = n.id",
        [list(bodies), cut],
    )


def _storable(value: str) -> str:
    """Text that PostgreSQL takes as JSON: a header may hold any byte."""
    kept = value[:HEADER_LETTERS]
    return kept if kept.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in kept)


def _address(text: str | None) -> str | None:
    try:
        return None if text is None else str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None
