"""Signed-in browsers, and how often somebody guessed wrong.

A session is a random token in a cookie; the database keeps only its SHA-256, so that a leaked table opens no door.

Slow-down: a try is counted *before* the password is looked at, in a transaction of its own, and forgiven when it was
right. Counting afterwards would let a hundred guesses that are sent at once all pass as the first. The first few tries
are free; after that each wrong one doubles the wait. A try during the wait is refused unread and does not lengthen it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from chamas.members.access import IN_OFFICE
from chamas.members.register import OFFICIALS
from ledger.wires import Chance, Connection

# A working day: who leaves in the evening signs in again in the morning.
LIFETIME = timedelta(hours=12)

# 288 guesses a day at one address, and a person whose name is abused waits five minutes, not a day.
LONGEST_WAIT_SECONDS = 300
# After a quiet hour the count begins anew.
FORGOTTEN_AFTER = timedelta(hours=1)


OFFICIAL = "official"


@dataclass(frozen=True)
class Visitor:
    """A signed-in person; `role` is the platform role, or OFFICIAL for who has none and holds an office in a group."""

    user_id: int
    name: str
    role: str


def begin(conn: Connection, user_id: int, *, at: datetime, chance: Chance) -> str:
    """Opens a session for 12 hours and returns its token (64 hex digits) for the cookie."""
    token = chance.token_bytes(32).hex()
    conn.execute("DELETE FROM web_sessions WHERE user_id = %s AND expires_at <= %s", [user_id, at])
    conn.execute(
        "INSERT INTO web_sessions (token_hash, user_id, created_at, expires_at) VALUES (%s, %s, %s, %s)",
        [digest(token), user_id, at, at + LIFETIME],
    )
    return token


def visitor(conn: Connection, token: str, *, at: datetime) -> Visitor | None:
    """Who holds this token; None when it is unknown, expired, or its owner lost role, office or account."""
    row = conn.execute(
        "SELECT u.id, concat_ws(' ', u.first_name, u.last_name), coalesce(u.platform_role,"
        " (SELECT %s::text FROM chama_members m WHERE m.user_id = u.id AND m.role = ANY(%s) AND m.status = ANY(%s)"
        " LIMIT 1))"
        " FROM web_sessions s JOIN users u ON u.id = s.user_id"
        " WHERE s.token_hash = %s AND s.expires_at > %s AND u.status = 'active'",
        [OFFICIAL, list(OFFICIALS), list(IN_OFFICE), digest(token), at],
    ).fetchone()
    return Visitor(*row) if row and row[2] else None


def end(conn: Connection, token: str) -> None:
    """Signs out; a token that is unknown is fine."""
    conn.execute("DELETE FROM web_sessions WHERE token_hash = %s", [digest(token)])


def end_all(conn: Connection, user_id: int) -> int:
    """Signs a person out everywhere: the password has changed, or she is forgotten. Returns how many sessions ended."""
    return conn.execute("DELETE FROM web_sessions WHERE user_id = %s", [user_id]).rowcount


def claim_try(conn: Connection, key: bytes, free_tries: int, *, at: datetime) -> int:
    """Counts one try under `key` and returns 0; or the seconds still to wait, and then nothing is counted."""
    claimed = conn.execute(
        "INSERT INTO sign_in_failures AS f (login_key, failures, locked_until) VALUES (%(key)s, 1, %(at)s)"
        " ON CONFLICT (login_key) DO UPDATE SET"
        " failures = CASE WHEN f.locked_until < %(stale)s THEN 1 ELSE f.failures + 1 END,"
        " locked_until = CASE WHEN f.locked_until < %(stale)s OR f.failures < %(free)s THEN %(at)s ELSE %(at)s"
        "   + make_interval(secs => least(%(longest)s, 2 ^ least(f.failures + 1 - %(free)s, 20))) END"
        " WHERE f.locked_until IS NULL OR f.locked_until <= %(at)s"
        " RETURNING TRUE",
        {
            "key": key,
            "at": at,
            "stale": at - FORGOTTEN_AFTER,
            "free": free_tries,
            "longest": LONGEST_WAIT_SECONDS,
        },
    ).fetchone()
    if claimed:
        return 0
    row = conn.execute("SELECT locked_until FROM sign_in_failures WHERE login_key = %s", [key]).fetchone()
    return max(1, int((row[0] - at).total_seconds()) + 1) if row else 1


def forgive(conn: Connection, key: bytes) -> None:
    """Forgets the tries under `key`: the last one was right."""
    conn.execute("DELETE FROM sign_in_failures WHERE login_key = %s", [key])


def give_back(conn: Connection, key: bytes) -> None:
    """Takes one counted try back."""
    conn.execute("UPDATE sign_in_failures SET failures = failures - 1 WHERE login_key = %s AND failures > 0", [key])


def digest(token: str) -> bytes:
    """What the database knows a token by."""
    return hashlib.sha256(token.encode()).digest()
