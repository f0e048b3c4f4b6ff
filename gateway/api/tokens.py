"""Bearer tokens of programs. The database keeps their SHA-256 only: a token is shown once, when it is issued."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ledger.wires import Chance, Connection

# Makes a leaked token recognisable in a log or a repository.
PREFIX = "pesachama_"


@dataclass(frozen=True)
class Holder:
    """For whom a program acts: `role` is the platform role, `token_name` what the token was called."""

    user_id: int
    role: str
    token_name: str


def issue(conn: Connection, name: str, user_id: int, at: datetime, chance: Chance) -> str:
    """A new token for a user, called `name`; the raw token is returned here and never again."""
    token = PREFIX + chance.token_bytes(32).hex()
    conn.execute(
        "INSERT INTO api_tokens (token_hash, name, user_id, created_at) VALUES (%s, %s, %s, %s)",
        [digest(token), name, user_id, at],
    )
    return token


def revoke(conn: Connection, name: str, user_id: int, at: datetime) -> int:
    """Ends all tokens of a user with this name and returns how many there were."""
    return conn.execute(
        "UPDATE api_tokens SET revoked_at = %s WHERE name = %s AND user_id = %s AND revoked_at IS NULL",
        [at, name, user_id],
    ).rowcount


def forget(conn: Connection, user_id: int) -> int:
    """Ends all tokens of a user and forgets what they were called; returns how many there were."""
    return conn.execute("DELETE FROM api_tokens WHERE user_id = %s", [user_id]).rowcount


def holder(conn: Connection, token: str) -> Holder | None:
    """Who holds a token; None when it is unknown or revoked, or when its user lost the role or the account."""
    row = conn.execute(
        "SELECT u.id, u.platform_role, t.name FROM api_tokens t JOIN users u ON u.id = t.user_id"
        " WHERE t.token_hash = %s AND t.revoked_at IS NULL AND u.status = 'active' AND u.platform_role = 'admin'",
        [digest(token)],
    ).fetchone()
    return Holder(*row) if row else None


def digest(token: str) -> bytes:
    """What the database knows a token by."""
    return hashlib.sha256(token.encode()).digest()
