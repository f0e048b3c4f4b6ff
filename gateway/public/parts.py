"""Which parts of the house are up, as the public page tells it: no names, no money, and an answer whatever is down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import redis
from psycopg_pool import PoolTimeout

from gateway.wiring import Wiring
from ledger.wires import Connection

# Work is picked up within a second; a minute of delay is a worker that is gone, five are a chain that stalls.
WORKER_LATE_AFTER = timedelta(minutes=1)
SEAL_LATE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Part:
    """One part: `state` is `up`, `late`, `down` or `unknown`, `words` say what that means for people."""

    name: str
    state: str
    words: str


@dataclass(frozen=True)
class Seal:
    """The newest batch that is witnessed outside."""

    number: int
    at: datetime


@dataclass(frozen=True)
class Health:
    """All parts, and the last seal as far as it is known."""

    parts: tuple[Part, ...]
    last_seal: Seal | None

    @property
    def state(self) -> str:
        """The worst of all parts: `up`, `late` or `down`."""
        states = {part.state for part in self.parts}
        return "down" if "down" in states else "late" if "late" in states else "up"


def look(wiring: Wiring) -> Health:
    """Asks every part; none may keep the page waiting longer than its own time-out."""
    sessions = _sessions(wiring)
    try:
        with wiring.counting() as conn:
            work, seals, last = _worker(conn, wiring.now()), _seals(conn, wiring.now()), _last_seal(conn)
    except (psycopg.Error, PoolTimeout):
        unknown = "Not known while the books cannot be reached."
        books = Part("Books", "down", "The books cannot be reached. Money that arrives now is kept and booked later.")
        return Health((books, sessions, Part("Work", "unknown", unknown), Part("Seals", "unknown", unknown)), None)
    return Health((Part("Books", "up", "The books are open."), sessions, work, seals), last)


def _sessions(wiring: Wiring) -> Part:
    try:
        wiring.redis.ping()
    except redis.RedisError:
        return Part("Dialling", "down", "Dialling is slow or starts over at each step.")
    return Part("Dialling", "up", "Members can dial.")


def _worker(conn: Connection, at: datetime) -> Part:
    oldest = conn.execute(
        "SELECT least((SELECT min(due_at) FROM payment_attempts), (SELECT min(due_at) FROM evidence),"
        " (SELECT min(due_at) FROM inquiries), (SELECT min(due_at) FROM notifications))"
    ).fetchall()[0][0]
    if oldest is not None and at - oldest > WORKER_LATE_AFTER:
        return Part("Work", "late", "Prompts, bookings and messages are late. They will be caught up with.")
    return Part("Work", "up", "Prompts, bookings and messages go out at once.")


def _seals(conn: Connection, at: datetime) -> Part:
    stuck = conn.execute(
        "SELECT count(*) FROM batches WHERE state = 'failed' OR (state IN ('pending', 'executing') AND sealed_at < %s)",
        [at - SEAL_LATE_AFTER],
    ).fetchall()[0][0]
    if stuck:
        return Part("Seals", "late", "New entries wait for their seal. They are booked and safe.")
    return Part("Seals", "up", "New entries are sealed as they come.")


def _last_seal(conn: Connection) -> Seal | None:
    row = conn.execute(
        "SELECT number, coalesce(completed_at, sealed_at) FROM batches WHERE state = 'completed'"
        " ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return Seal(*row) if row else None
