"""Tables of moves: which state of a thing may follow which. The one shape for every subject that has states.

Theory of operation. A subject has a StrEnum of its states, its first one the beginning, and one `Moves` beside it. The
module that writes the subject's table asks the `Moves` before it writes: `require` for one row that it holds locked,
`leading_to` as the condition of an UPDATE that moves many rows at once or must not care who came first. The CHECK of
the column lists the same states, and docs/states.md is drawn from these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)


class ForbiddenMove(Exception):
    """A thing was told to go to a state that cannot follow its own. A mistake of ours, never of a member."""


@dataclass(frozen=True)
class Moves(Generic[State]):
    """One table of moves. `column` is the table and column in the database that holds the state: `rounds.state`."""

    column: str
    following: Mapping[State, frozenset[State]]

    @property
    def states(self) -> tuple[State, ...]:
        """Every state, in the order of its enum."""
        return tuple(type(next(iter(self.following))))

    def require(self, old: State, new: State) -> None:
        """Raises ForbiddenMove unless `new` may follow `old`."""
        if new not in self.following[old]:
            raise ForbiddenMove(f"{self.column}: {old} does not lead to {new}")

    def leading_to(self, new: State) -> list[State]:
        """The states that `new` may follow."""
        return [old for old in self.states if new in self.following[old]]
