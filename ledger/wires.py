"""What a function needs that owns its transaction: the shapes only, so that lower rooms never import the gateway."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

import psycopg

Connection = psycopg.Connection[Any]


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
