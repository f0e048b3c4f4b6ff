"""Deeds of a walk: done for real and taken back, so that each way is tried from the same data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from menus.dialog import Go
from menus.visit import Outcome


@dataclass
class Forgetful:
    """Does every action for real and takes it back: the walk tries each way from the same data.

    Over a connection of their own, where there is one: after a rollback psycopg prepares every question anew.
    """

    conn: Connection[Any]
    apart: Connection[Any] | None = None
    done: set[str] = field(default_factory=set)

    def of(self, user_id: int) -> "Forgetful":
        return self

    def recorded(self, hop: int, said: str) -> Outcome | None:
        return None

    def decline(self, hop: int, said: str, asked: Go) -> None:
        pass

    def once(self, hop: int, said: str, name: str, act: Callable[[bytes], Outcome]) -> Outcome:
        self.done.add(name)
        reads, self.conn = self.conn, self.apart or self.conn
        try:
            with self.conn.transaction(force_rollback=True):
                return act(said.encode().rjust(32, b"\0"))
        finally:
            self.conn = reads
