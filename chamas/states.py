"""The shape of every table of moves in this room, and the refusal of a move that is not in it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)

Moves = Mapping[State, frozenset[State]]


class ForbiddenMove(Exception):
    """A thing was told to go to a state that cannot follow its own. A mistake of ours, never of a member."""


def require(moves: Moves[State], old: State, new: State) -> None:
    """Raises ForbiddenMove unless `moves` leads from `old` to `new`."""
    if new not in moves[old]:
        raise ForbiddenMove(f"{type(old).__name__}: {old} does not lead to {new}")


def leading_to(moves: Moves[State], new: State) -> list[State]:
    """The states from which `moves` leads to `new`; for an UPDATE that moves many rows at once."""
    return [old for old, following in moves.items() if new in following]
