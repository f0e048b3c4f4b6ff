"""A process that dies at a chosen statement: before it reaches PostgreSQL, or right after a commit.

`Death` is no Exception, so no handler of ours takes it for an error. Once blown, every later statement dies too, in
whatever thread: a dead process says nothing more. What was not committed is rolled back, as PostgreSQL does it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection, Cursor

from gateway.wiring import Wiring


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

    def burn(self) -> None:
        with self._lock:
            self.burnt += 1
            if self.length is not None and self.burnt >= self.length:
                raise Death


class MortalCursor(Cursor[Any]):
    """Passes every statement by the fuse of its connection."""

    def execute(self, *given: Any, **named: Any) -> "MortalCursor":
        self.connection.fuse.burn()  # type: ignore[attr-defined]
        super().execute(*given, **named)
        return self

    def executemany(self, *given: Any, **named: Any) -> None:
        self.connection.fuse.burn()  # type: ignore[attr-defined]
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
