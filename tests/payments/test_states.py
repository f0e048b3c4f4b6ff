"""An attempt's state is a height: evidence in any order, any number of times, comes to the same end."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.moves import ForbiddenMove
from payments.daraja import codes
from payments.states import ATTEMPT_MOVES, HEIGHT, AttemptState, merge

states = st.sampled_from(list(AttemptState))


@given(states, states, states)
def test_merging_is_a_lattice(a: AttemptState, b: AttemptState, c: AttemptState) -> None:
    assert merge(a, b) is merge(b, a)
    assert merge(a, merge(b, c)) is merge(merge(a, b), c)
    assert merge(a, a) is a
    assert HEIGHT[merge(a, b)] >= HEIGHT[a]


@given(states, states)
def test_every_merge_is_a_move_of_the_table(a: AttemptState, b: AttemptState) -> None:
    merged = merge(a, b)
    assert merged is a or merged in ATTEMPT_MOVES.following[a]


def test_paid_is_the_end_and_only_the_sender_steps_down() -> None:
    following = ATTEMPT_MOVES.following
    assert following[AttemptState.PAID] == frozenset()
    down = {(a, b) for a, b in itertools.product(AttemptState, repeat=2) if b in following[a] and HEIGHT[b] < HEIGHT[a]}
    assert down == {(AttemptState.UNCLEAR, AttemptState.CREATED)}
    with pytest.raises(ForbiddenMove):
        ATTEMPT_MOVES.require(AttemptState.PAID, AttemptState.FAILED_FINAL)


def test_a_late_success_beats_a_failure_and_a_late_failure_beats_nothing() -> None:
    assert merge(AttemptState.FAILED_FINAL, AttemptState.PAID) is AttemptState.PAID
    assert merge(AttemptState.PAID, AttemptState.FAILED_FINAL) is AttemptState.PAID


@pytest.mark.parametrize(
    ("code", "state"),
    [
        *((str(code), "failed_final") for code in (1, 2, 3, 4, 8, 17, 1025, 1032, 2001, 2028, 8006, 9999)),
        *((str(code), "failed_soft") for code in (1001, 1019, 1031, 1036, 1037)),
        ("SFC_IC0003", "failed_final"),
        ("26", "unclear"),
        ("4999", "pending"),
        ("0", "proven"),
        ("77777", "unclear"),
    ],
)
def test_the_code_table_says_how_to_treat_a_code(code: str, state: str) -> None:
    assert codes.look_up("stk", code).treat_as == state


def test_a_code_of_another_api_is_not_looked_up_here() -> None:
    assert codes.look_up("b2c", "2001") is codes.UNHEARD_OF
