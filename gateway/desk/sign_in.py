"""Lets a person in who knows the password; tells nobody else whether the address exists."""

from dataclasses import dataclass

from gateway.desk import passwords, sessions
from gateway.wiring import Wiring
from ledger.wires import Connection

# A person mistypes; a whole office behind one address mistypes more.
FREE_TRIES_PER_PERSON = 3
FREE_TRIES_PER_CALLER = 20


@dataclass(frozen=True)
class Entered:
    """The password was right: `token` goes into the cookie."""

    token: str


@dataclass(frozen=True)
class Wrong:
    """Unknown address, no role, or wrong password: always the same answer."""


@dataclass(frozen=True)
class Wait:
    """Too many tries: nothing was looked at."""

    seconds: int


def plain_address(email: str) -> str:
    """An e-mail address as `users.email` keeps it: without spaces around it, lower case."""
    return email.strip().lower()


def enter(wiring: Wiring, email: str, password: str, *, person_key: bytes, caller_key: bytes) -> Entered | Wrong | Wait:
    """Tries a password. The keys are keyed hashes of the e-mail address and of the caller's address."""
    wait = _claim(wiring, person_key, caller_key)
    if wait:
        return Wait(wait)
    user_id, password_hash = _credentials(wiring, plain_address(email))
    if not passwords.matches(password_hash, password) or user_id is None:
        return Wrong()
    return Entered(_open(wiring, user_id, person_key, caller_key))


def prove(wiring: Wiring, user_id: int, password: str, *, person_key: bytes, caller_key: bytes) -> Wrong | Wait | None:
    """Whether somebody who is signed in knows her password; None when she does. The keys as in `enter`."""
    wait = _claim(wiring, person_key, caller_key)
    if wait:
        return Wait(wait)
    with wiring.acting_as(user_id) as conn:
        row = conn.execute("SELECT password_hash FROM users WHERE id = %s AND status = 'active'", [user_id]).fetchone()
    if not passwords.matches(row[0] if row else None, password):
        return Wrong()
    with wiring.acting_as(user_id) as conn:
        sessions.forgive(conn, person_key)
        sessions.give_back(conn, caller_key)
    return None


def _claim(wiring: Wiring, person_key: bytes, caller_key: bytes) -> int:
    with wiring.at_the_door("nothing", "") as conn:
        at = wiring.now()
        return sessions.claim_try(conn, caller_key, FREE_TRIES_PER_CALLER, at=at) or sessions.claim_try(
            conn, person_key, FREE_TRIES_PER_PERSON, at=at
        )


def _credentials(wiring: Wiring, email: str) -> tuple[int | None, str | None]:
    with wiring.holding("email", email) as conn:
        return _find(conn, email)


def _find(conn: Connection, email: str) -> tuple[int | None, str | None]:
    row = conn.execute(
        "SELECT id, password_hash FROM users"
        " WHERE email = %s AND status = 'active' AND platform_role IN ('admin', 'support')",
        [email],
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _open(wiring: Wiring, user_id: int, person_key: bytes, caller_key: bytes) -> str:
    """Only this one try is given back to the caller's address: one right password must not pay for guessing others."""
    with wiring.acting_as(user_id) as conn:
        sessions.forgive(conn, person_key)
        sessions.give_back(conn, caller_key)
        return sessions.begin(conn, user_id, at=wiring.now(), chance=wiring.chance)
