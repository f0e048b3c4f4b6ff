"""The one live token of an app, shared by every process and every shortcode of it through PostgreSQL.

Each token that Safaricom issues ends the one before, so a token per process would be a war. The row holds the token and
an expiring lease: whoever takes the lease fetches, everybody else waits for the row to change. The lease expires, so a
process that dies while fetching holds nobody up for long. No transaction is open during the HTTP call.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledger.wires import Connection
from payments.daraja.client import FreshToken
from payments.daraja.errors import Meaning, meaning_of
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Outcome, Rejected
from payments.wires import Wires

# A token is renewed after this part of its life, long before a call could meet its end halfway.
USED_PART = 0.8
# Longer than fetching may take (connect and read timeout), so that two never fetch at once.
LEASE_SECONDS = 30
WAIT_SECONDS = 0.05
WAITS = 240


@dataclass(frozen=True)
class _Lease:
    version: int


@dataclass(frozen=True)
class _Live:
    token: str = field(repr=False)


def with_token(
    wires: Wires, shortcode_id: int, keys: Keys, send: Callable[[str], Outcome], *, live: str | None = None
) -> Outcome:
    """Sends with the live token; after an invalid-token answer, which executed nothing, once more with a new one.

    `live` is what the caller has just read, with the keys: it need not be looked for again.
    """
    token = live or live_token(wires, shortcode_id, keys)
    if isinstance(token, Rejected):
        return token
    outcome = send(token)
    if not (isinstance(outcome, Rejected) and meaning_of(outcome.code, outcome.message) is Meaning.TOKEN):
        return outcome
    token = live_token(wires, shortcode_id, keys, worn=token)
    return token if isinstance(token, Rejected) else send(token)


def live_token(wires: Wires, shortcode_id: int, keys: Keys, *, worn: str | None = None) -> str | Rejected:
    """The token to use now; fetches one when there is none, when it is old, or when it is the `worn` one."""
    for _ in range(WAITS):
        with wires.transaction() as conn:
            found = _look(conn, shortcode_id, keys.app, worn, wires.now())
        if isinstance(found, _Live):
            return found.token
        if isinstance(found, _Lease):
            return _fetch(wires, keys, found)
        threading.Event().wait(WAIT_SECONDS)
    return Rejected("token", "somebody else is fetching a token", again=True)


def read_live(conn: Connection, app: bytes, *, at: datetime) -> str | None:
    """The app's token, if it has one that lives."""
    row = conn.execute(
        "SELECT token FROM daraja_tokens WHERE app = %s AND token IS NOT NULL AND expires_at > %s", [app, at]
    ).fetchone()
    return None if row is None else row[0]


def _look(conn: Connection, shortcode_id: int, app: bytes, worn: str | None, at: datetime) -> _Live | _Lease | None:
    """The live token of the app, or the lease to fetch one for this shortcode; None while another has the lease."""
    found = read_live(conn, app, at=at)
    if found is not None and found != worn:
        return _Live(found)
    taken = conn.execute(
        "INSERT INTO daraja_tokens AS mine (app, shortcode_id, lease_until) VALUES (%s, %s, %s) ON CONFLICT (app) DO "
        "UPDATE SET shortcode_id = excluded.shortcode_id, lease_until = excluded.lease_until, "
        "version = mine.version + 1 "
        "WHERE (mine.lease_until IS NULL OR mine.lease_until <= %s) "
        "AND (mine.token IS NULL OR mine.token = %s OR mine.expires_at <= %s) RETURNING version",
        [app, shortcode_id, at + timedelta(seconds=LEASE_SECONDS), at, worn, at],
    ).fetchone()
    return None if taken is None else _Lease(taken[0])


def _fetch(wires: Wires, keys: Keys, lease: _Lease) -> str | Rejected:
    """Fetches under the lease and gives it back; a lease that was lost meanwhile writes nothing."""
    at = wires.now()
    fresh = wires.daraja.fetch_token(keys)
    with wires.transaction() as conn:
        conn.execute(
            "UPDATE daraja_tokens SET token = %s, expires_at = %s, lease_until = NULL WHERE app = %s AND version = %s",
            [
                fresh.text if isinstance(fresh, FreshToken) else None,
                at + timedelta(seconds=fresh.seconds * USED_PART) if isinstance(fresh, FreshToken) else None,
                keys.app,
                lease.version,
            ],
        )
    return fresh.text if isinstance(fresh, FreshToken) else fresh
