"""Whatever has a table of moves goes no other way: of each table, every move that is not in it is refused."""

from typing import Any

import pytest

from gateway.lifecycles import LIFECYCLES
from ledger.moves import ForbiddenMove, Moves


@pytest.mark.parametrize("moves", [moves for _, _, moves in LIFECYCLES], ids=lambda moves: moves.column)
def test_no_other_move_is_made(moves: Moves[Any]) -> None:
    forbidden = [(old, new) for old in moves.following for new in moves.following if new not in moves.following[old]]
    assert forbidden
    for old, new in forbidden:
        with pytest.raises(ForbiddenMove):
            moves.require(old, new)
