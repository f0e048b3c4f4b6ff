"""A process that dies at a chosen statement, before it reaches PostgreSQL or right after a commit, or that loses there.

`Death` is no Exception, so no handler of ours takes it for an error. Once blown, every later statement dies too, in
whatever thread: a dead process says nothing more. What was not committed is rolled back, as PostgreSQL does it.

Who loses goes on living: PostgreSQL ends the transaction with the very error that it has for two that wait for each
other, or that could not have run one after the other.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import Connection, Cursor

from gateway.wiring import Wiring
from tests.instruments import SeededChance

LOST: tuple[LiteralString, ...] = (
    "DO $$ BEGIN RAISE EXCEPTION 'a deadlock' USING ERRCODE = 'deadlock_detected'; END $$",
    "DO $$ BEGIN RAISE EXCEPTION 'could not serialize' USING ERRCODE = 'serialization_failure'; END $$",
)


class Death(BaseException):
    """The process ended here."""


@dataclass
class Fuse:
    """Blows at the statement `length`, counted from 1; `None` never blows."""

    length: int | None = None
    burnt: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def light(self, length: int | None) -> None:
        self.length, self.burnt = length, 0

    def burn(self, conn: Connection[Any] | None = None) -> None:
        """One statement is about to be sent over `conn`; None: a transaction was committed."""
        with self._lock:
            self.burnt += 1
            if self.length is not None and self.burnt >= self.length:
                raise Death


@dataclass
class Losing(Fuse):
    """Loses at the statement `length`; the next try goes one statement further, unless this was to be the only loss."""

    only_once: bool = False
    losses: int = 0

    def burn(self, conn: Connection[Any] | None = None) -> None:
        with self._lock:
            self.burnt += conn is not None
            if conn is None or self.length is None or self.burnt < self.length:
                return
            self.losses += 1
            self.light(None if self.only_once else self.length + 1)
        Cursor(conn).execute(LOST[self.losses % 2])


class MortalCursor(Cursor[Any]):
    """Passes every statement by the fuse of its connection."""

    def execute(self, *given: Any, **named: Any) -> "MortalCursor":
        self.connection.fuse.burn(self.connection)  # type: ignore[attr-defined]
        super().execute(*given, **named)
        return self

    def executemany(self, *given: Any, **named: Any) -> None:
        self.connection.fuse.burn(self.connection)  # type: ignore[attr-defined]
        super().executemany(*given, **named)


@dataclass(frozen=True)
class MortalWiring(Wiring):
    """A worker's wiring whose transactions pass by a fuse, the moment after their commit included."""

    fuse: Fuse = field(default_factory=Fuse)

    @contextmanager
    def _begun(self, acting: str = "", user_id: int = 0, shown: str = "") -> Iterator[Connection[Any]]:
        with super()._begun(acting, user_id, shown) as conn:
            conn.fuse = self.fuse  # type: ignore[attr-defined]
            conn.cursor_factory = MortalCursor
            try:
                yield conn
            finally:
                conn.cursor_factory = Cursor
        self.fuse.burn()


# More statements than any loop sends before it is through.
FOR_EVER = 150


def dies_everywhere(wiring: Wiring, work: Callable[[Wiring], int]) -> int:
    """Runs `work` until it finds nothing to do, dying at its first statement, then at the second and so on.

    Returns how often it died.
    """
    mortal = MortalWiring(wiring.settings, "worker", wiring.clock, SeededChance(), fuse=Fuse())
    try:
        for died in range(FOR_EVER):
            mortal.fuse.light(died + 1)
            try:
                while work(mortal):
                    pass
            except Death:
                continue
            return died
    finally:
        mortal.close()
    raise AssertionError("it dies for ever")
