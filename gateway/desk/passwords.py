"""Passwords of the desk: argon2id, and as slow for an unknown person as for a known one."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB and two passes: OWASP's smallest argon2id setting; a web process must stay under 150 MB.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
LONGEST = 200

# Each hash holds 19 MiB while it runs: two at once, so that a flood of guesses cannot eat the memory.
_room = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """The encoded argon2id hash that `users.password_hash` keeps."""
    with _room:
        return HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; without a hash it takes the same time and is False."""
    try:
        with _room:
            HASHER.verify(password_hash or _nobodys_hash(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None and len(password) <= LONGEST


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("the password of nobody")
