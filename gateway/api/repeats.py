"""The same request of a program once more: one effect, and the same answer. api_repeats is written here only.

Who sends money on its way gives a key of her own (Idempotency-Key). What was answered is kept with what was asked, as
a keyed hash, in the transaction that did it: a program that lost the answer asks again and gets it. A refusal is not
kept, because what was refused may be possible a moment later.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from gateway.here import keyed_hash
from ledger.refusals import KeyReused
from ledger.wires import Connection

HEADER = "Idempotency-Key"
# A UUID has 36 letters, and programs put a word of their own before it.
LONGEST = 100
# A program that has not asked again within a day never will.
KEPT_FOR = timedelta(days=1)


def answered(conn: Connection, user_id: int, key: str, asked: str) -> Any | None:
    """What the same request was answered before, as JSON; None for a new one. Raises KeyReused for another request.

    Two at the same moment: the second waits until the first one's transaction has ended.
    """
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('api:' || %s || ':' || %s, 0))", [user_id, key])
    row = conn.execute(
        "SELECT fingerprint, answer FROM api_repeats WHERE (user_id, key) = (%s, %s)", [user_id, key]
    ).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != keyed_hash("api repeat", asked):
        raise KeyReused
    return row[1]


def keep(conn: Connection, user_id: int, key: str, asked: str, answer: Any, *, at: datetime) -> None:
    """Keeps the answer with what was asked."""
    conn.execute(
        "INSERT INTO api_repeats (user_id, key, fingerprint, answer, answered_at) VALUES (%s, %s, %s, %s, %s)",
        [user_id, key, keyed_hash("api repeat", asked), Jsonb(answer), at],
    )


def forget(conn: Connection, *, user_id: int | None = None, before: datetime | None = None) -> int:
    """Drops what a person was answered, or everybody before an instant; how many."""
    return conn.execute("DELETE FROM api_repeats WHERE user_id = %s OR answered_at < %s", [user_id, before]).rowcount
