"""The trail of each session: which screen came, and how the one before was answered. ussd_turns is written here only.

Theory of operation. A turn costs PostgreSQL nothing for it: the script that stores state and answer also adds a line to
a stream in Redis, and the worker's calendar writes what is there into the table, a minute later. A line that was
written and not yet taken off the stream is written again and changes nothing. A Redis that is emptied takes a minute's
lines with it: these are figures and memories, no books.

How a screen was answered is the key of its option, or the kind of what was typed: `amount`, `pin`. Never what it was.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.wiring import Wiring
from ledger.wires import Connection
from menus.steps import Reply, Session

STREAM = "ussd-trail"
# Some hours of a busy day without a worker, in about 20 MB.
LONGEST = 100_000
# One statement of some milliseconds.
AT_ONCE = 500
# Long enough for a complaint about the last quarter; afterwards nobody's steps are kept.
KEPT = timedelta(days=90)

FIRST, DIALLED = "", "dialled"


def line(session_key: bytes, session: Session, reply: Reply, answered: str, at: datetime) -> str:
    """One step, for the stream."""
    caller = session.caller.user_id if session.caller else None
    milliseconds = round(at.timestamp() * 1000)
    step = [session_key.hex(), session.hop, caller, reply.screen, answered, not reply.more, milliseconds]
    return json.dumps(step, separators=(",", ":"))


def keep_all(wiring: Wiring) -> int:
    """Writes down what waits in the stream; returns how many lines it took. Raises redis.RedisError."""
    taken = 0
    while lines := _lines(wiring):
        steps = [step for _id, fields in lines if (step := _read(fields))]
        with wiring.transaction() as conn:
            conn.cursor().executemany(
                """
                INSERT INTO ussd_turns (session_key, hop, user_id, screen, answered, ended, at)
                SELECT %s, %s, (SELECT id FROM users WHERE id = %s AND status <> 'erased'), %s, %s, %s, %s
                ON CONFLICT (session_key, hop) DO NOTHING
                """,
                steps,
            )
        wiring.redis.xdel(STREAM, *(each for each, _fields in lines))
        taken += len(lines)
    return taken


def _lines(wiring: Wiring) -> list[tuple[bytes, Mapping[bytes, bytes]]]:
    """The oldest of the stream, by id; the client leaves what it reads untyped."""
    found: Any = wiring.redis.xrange(STREAM, count=AT_ONCE)
    return list(found)


def _read(fields: Mapping[bytes, bytes]) -> list[Any] | None:
    """A line as a row; None for one that is not ours."""
    try:
        key, hop, user_id, screen, answered, ended, milliseconds = json.loads(fields[b"t"])
        at = datetime.fromtimestamp(milliseconds / 1000, UTC)
        return [bytes.fromhex(key), int(hop), user_id, str(screen), str(answered), bool(ended), at]
    except (KeyError, ValueError, TypeError):
        return None


def forget(conn: Connection, user_id: int) -> int:
    """Her steps were somebody's: for figures only. Returns how many there were."""
    return conn.execute("UPDATE ussd_turns SET user_id = NULL WHERE user_id = %s", [user_id]).rowcount


def forget_old(conn: Connection, at: datetime) -> int:
    """Takes away what is older than KEPT; returns how many steps."""
    return conn.execute("DELETE FROM ussd_turns WHERE at < %s", [at - KEPT]).rowcount
