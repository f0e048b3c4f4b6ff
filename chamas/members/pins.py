"""The chama PIN: exactly five digits, so that it cannot be M-PESA's, which has four. pins is written here only.

Hashed with argon2id under a pepper that is not in the database. A wrong PIN is counted with the person, over all her
sessions: every third in a row locks it, each time for longer. The right one starts the count again.
"""

import hashlib
import hmac
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type, hash_secret, verify_secret

from ledger.refusals import Refusal
from ledger.wires import Chance, Connection

# One more than M-PESA's, so that nobody is led to type that one here.
DIGITS = 5

# OWASP's smallest argon2id setting: it costs a thief some and a small server little.
MEMORY_KIB = 19 * 1024
PASSES = 2
SALT_BYTES = 16
HASH_BYTES = 32

# 19 MiB each: more at once would be a way to fill the memory of a worker.
HASHING = threading.BoundedSemaphore(2)

# Three guesses hit a PIN once in 33,000 times, and the locks leave a thief four such rounds on the first day.
TRIES = 3
LOCKS: Sequence[timedelta] = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
)


# What PostgreSQL calls a moment that never comes.
NEVER = "infinity"


class WeakPin(Refusal):
    """Not five digits, or five that anybody would try first."""

    code = "weak_pin"
    status = 422
    words = "Choose 5 digits that nobody guesses: not 12345, not your phone number."


class PinCheck(StrEnum):
    """What came of a PIN that was typed. NONE: this person has never chosen one."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    NONE = "none"


class PinTooNew(Refusal):
    """It was chosen anew a short time ago, or by the code of an SMS: it opens screens and decides nothing."""

    code = "pin_too_new"
    status = 403
    words = "Your CHAMA PIN is new. You can pay and look; it decides about money 3 days after others vouched for you."


def set_pin(
    conn: Connection, user_id: int, pin: str, *, phone: str | None, pepper: str, at: datetime, chance: Chance
) -> None:
    """From now on this is her PIN, and nothing is locked or counted. Raises WeakPin."""
    digest = hide(user_id, pin, phone=phone, pepper=pepper, chance=chance)
    if digest is None:
        raise WeakPin
    _keep(conn, user_id, digest, at)


def hide(user_id: int, pin: str, *, phone: str | None, pepper: str, chance: Chance) -> str | None:
    """The digest of a PIN that she wants, which may be kept until she has typed it again; None for a weak one."""
    if _weak(pin, phone or ""):
        return None
    with HASHING:
        digest = hash_secret(
            _secret(user_id, pin, pepper),
            chance.token_bytes(SALT_BYTES),
            time_cost=PASSES,
            memory_cost=MEMORY_KIB,
            parallelism=1,
            hash_len=HASH_BYTES,
            type=Type.ID,
        )
    return digest.decode()


def same(user_id: int, digest: str, pin: str, *, pepper: str) -> bool:
    """Whether she typed again what lies behind this digest (`hide`)."""
    return _matches(digest, _secret(user_id, pin, pepper))


def keep(
    conn: Connection, user_id: int, digest: str, *, at: datetime, decides_from: datetime | str | None = None
) -> None:
    """Takes the PIN behind a digest as hers. What it decides stays as it was, unless said: from when on, or NEVER."""
    _keep(conn, user_id, digest, at, decides_from)


def demand_decides(conn: Connection, user_id: int, *, at: datetime) -> None:
    """What somebody decides about money of others, by her PIN, is hers to decide now. Raises PinTooNew."""
    if conn.execute("SELECT TRUE FROM pins WHERE user_id = %s AND decides_from > %s", [user_id, at]).fetchone():
        raise PinTooNew


def locked_until(conn: Connection, user_id: int, *, at: datetime) -> datetime | None:
    """Until when no PIN of hers is looked at (UTC); None when one is."""
    row = conn.execute(
        "SELECT locked_until FROM pins WHERE user_id = %s AND locked_until > %s", [user_id, at]
    ).fetchone()
    return row[0] if row else None


def is_one(text: str) -> bool:
    """Whether this may be a chama PIN at all."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def _keep(
    conn: Connection, user_id: int, digest: str, at: datetime, decides_from: datetime | str | None = None
) -> None:
    conn.execute(
        """
        INSERT INTO pins (user_id, hash, changed_at, decides_from)
        VALUES (%(user)s, %(hash)s, %(at)s, coalesce(%(from)s::timestamptz, '-infinity'))
        ON CONFLICT (user_id) DO UPDATE
            SET hash = excluded.hash, tries = 0, locked_until = NULL, changed_at = excluded.changed_at,
                decides_from = coalesce(%(from)s::timestamptz, pins.decides_from)
        """,
        {"user": user_id, "hash": digest, "at": at, "from": decides_from},
    )


def check_pin(conn: Connection, user_id: int, pin: str, *, pepper: str, at: datetime) -> PinCheck:
    """Compares, and counts. The answer is a value and no exception, so that the caller commits the count.

    Checks of one person wait for each other: many guesses at once are no more than one after another.
    """
    row = conn.execute("SELECT hash, tries, locked_until FROM pins WHERE user_id = %s FOR UPDATE", [user_id]).fetchone()
    if row is None:
        return PinCheck.NONE
    digest, tries, locked_until = row
    if locked_until is not None and at < locked_until:
        return PinCheck.LOCKED
    right = _matches(digest, _secret(user_id, pin, pepper))
    tries = 0 if right else tries + 1
    conn.execute(
        "UPDATE pins SET tries = %s, locked_until = %s WHERE user_id = %s", [tries, _locked_until(tries, at), user_id]
    )
    return PinCheck.RIGHT if right else PinCheck.WRONG


def forget(conn: Connection, user_id: int) -> int:
    """Takes her PIN away; 1 when she had one."""
    return conn.execute("DELETE FROM pins WHERE user_id = %s", [user_id]).rowcount


def _locked_until(tries: int, at: datetime) -> datetime | None:
    """Until when `tries` wrong PINs in a row lock it: only each third one does."""
    rounds, rest = divmod(tries, TRIES)
    if rounds == 0 or rest:
        return None
    return at + LOCKS[min(rounds, len(LOCKS)) - 1]


def _secret(user_id: int, pin: str, pepper: str) -> bytes:
    """The PIN under the pepper, bound to its owner: a hash that is copied to another row matches nothing."""
    return hmac.digest(pepper.encode(), f"{user_id}:{pin}".encode(), hashlib.sha256)


def _matches(digest: str, secret: bytes) -> bool:
    try:
        with HASHING:
            return verify_secret(digest.encode(), secret, Type.ID)
    except VerifyMismatchError:
        return False


def _weak(pin: str, phone: str) -> bool:
    if not is_one(pin):
        return True
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return steps in ({0}, {1}, {-1}) or pin in phone
