"""What is asked of the rows of evidence: whose a token is, what waits or was set aside, who called. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger.wires import Connection
from payments.evidence.store import UNSETTLED
from payments.tokens import token_hash
from payments.witnesses import AWAITS


def is_ours(conn: Connection, token: str) -> bool:
    """Whether a push, a payout or a question of ours went out with this token."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM payment_attempts WHERE token_hash = %(own)s) "
        "OR EXISTS (SELECT FROM inquiries WHERE token_hash = %(own)s) "
        "OR EXISTS (SELECT FROM balance_questions WHERE token_hash = %(own)s) "
        "OR EXISTS (SELECT FROM payout_calls WHERE token_hash = %(own)s) "
        "OR EXISTS (SELECT FROM reversals WHERE token_hashes @> ARRAY[%(own)s])",
        {"own": token_hash(token)},
    ).fetchone()
    return row is not None and bool(row[0])


def strangers(conn: Connection, *, since: datetime, more_than: int, secret: str) -> set[str]:
    """Addresses from which more than so many deliveries came since then that neither a token nor `secret` explains."""
    rows = conn.execute(
        "SELECT host(remote_ip) FROM evidence "
        "WHERE received_at > %s AND remote_ip IS NOT NULL AND attempt_id IS NULL "
        "AND token_hash <> %s AND verdict IN ('unmatched', 'refused', 'unreadable') "
        "GROUP BY remote_ip HAVING count(*) > %s",
        [since, token_hash(secret), more_than],
    ).fetchall()
    return {address for (address,) in rows}


def unsettled(conn: Connection) -> int:
    """How many rows were set aside though their source says such things: perhaps money."""
    counted = conn.execute(
        "SELECT count(*) FROM evidence WHERE verdict = 'unreadable' AND starts_with(reason, %s)", [UNSETTLED]
    ).fetchone()
    return int(counted[0]) if counted else 0


@dataclass(frozen=True)
class Unsettled:
    """A row of evidence that was set aside: the receipt that it names, and the kind of trouble. UTC."""

    id: int
    source: str
    receipt: str | None
    reason: str
    received_at: datetime


def set_aside(conn: Connection, *, limit: int) -> list[Unsettled]:
    """Those that `unsettled` counts, the oldest first."""
    with conn.cursor(row_factory=class_row(Unsettled)) as cursor:
        return cursor.execute(
            "SELECT id, source, receipt, reason, received_at FROM evidence "
            "WHERE verdict = 'unreadable' AND starts_with(reason, %s) ORDER BY id LIMIT %s",
            [UNSETTLED, limit],
        ).fetchall()


def unread_about(conn: Connection, attempt_ids: Sequence[int]) -> bool:
    """Whether a delivery under a token of these attempts waits for its reader."""
    row = conn.execute(
        "SELECT TRUE FROM evidence e WHERE e.due_at IS NOT NULL AND (e.attempt_id = ANY(%(ids)s) OR e.token_hash IN "
        "(SELECT token_hash FROM payment_attempts WHERE id = ANY(%(ids)s))) LIMIT 1",
        {"ids": list(attempt_ids)},
    ).fetchone()
    return row is not None


def awaiting(conn: Connection, attempt_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Of these attempts, those of which money was told that waits for a second witness; each with the receipt."""
    if not attempt_ids:
        return set()
    rows = conn.execute(
        "SELECT attempt_id, receipt FROM evidence WHERE attempt_id = ANY(%s) AND verdict = 'unread' AND reason = %s "
        "AND receipt IS NOT NULL",
        [list(attempt_ids), AWAITS],
    ).fetchall()
    return set(rows)
