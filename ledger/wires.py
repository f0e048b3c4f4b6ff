"""What a function needs that owns its transaction: the shapes only, so that lower rooms never import the gateway."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar

import psycopg

Connection = psycopg.Connection[Any]
T = TypeVar("T")

# A restart of PostgreSQL takes seconds; each try waits as long for a connection as its process does.
WRITES_AT_MOST = 6


class Chance(Protocol):
    """Randomness from outside: `secrets` in production, a seeded generator in tests and storms."""

    def token_bytes(self, length: int) -> bytes: ...


class Wires(Protocol):
    """Clock, chance and database as the wiring of a process offers them."""

    @property
    def chance(self) -> Chance: ...

    def now(self) -> datetime:
        """The instant in UTC, from the one clock that everybody reads."""
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """Begins a transaction; commits at the end of the block, rolls back when it raises."""
        ...


def insist(wires: Wires, write: Callable[[Connection], T]) -> T:
    """Runs `write` in a transaction of its own, again while PostgreSQL is away for a moment; returns what it returns.

    For what only this process knows and nobody else would write down. `write` must be harmless when done twice: a
    connection may break after the commit. Raises psycopg.OperationalError when it is away for longer.
    """
    for _ in range(WRITES_AT_MOST - 1):
        try:
            with wires.transaction() as conn:
                return write(conn)
        except psycopg.OperationalError:
            continue
    with wires.transaction() as conn:
        return write(conn)
