"""An attempt's state is a height: evidence in any order, any number of times, comes to the same end."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from payments.daraja import codes
from payments.states import HEIGHT, MOVES, AttemptState, ForbiddenMove, check, merge

states = st.sampled_from(list(AttemptState))


def test_states_equal_the_check_in_the_schema(conn: Connection) -> None:
    (written,) = conn.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'payment_attempts'::regclass "
        "AND conname = 'payment_attempts_state_check'"
    ).fetchone() or [""]
    in_schema = {part.split("'")[1] for part in written.split("[")[1].split(",")}
    assert in_schema == {state.value for state in AttemptState} == {state.value for state in MOVES}


@given(states, states, states)
def test_merging_is_a_lattice(a: AttemptState, b: AttemptState, c: AttemptState) -> None:
    assert merge(a, b) is merge(b, a)
    assert merge(a, merge(b, c)) is merge(merge(a, b), c)
    assert merge(a, a) is a
    assert HEIGHT[merge(a, b)] >= HEIGHT[a]


@given(states, states)
def test_every_merge_is_a_move_of_the_table(a: AttemptState, b: AttemptState) -> None:
    check(a, merge(a, b))


def test_paid_is_the_end_and_only_the_sender_steps_down() -> None:
    assert MOVES[AttemptState.PAID] == frozenset()
    down = {(a, b) for a, b in itertools.product(AttemptState, repeat=2) if b in MOVES[a] and HEIGHT[b] < HEIGHT[a]}
    assert down == {(AttemptState.UNCLEAR, AttemptState.CREATED)}
    with pytest.raises(ForbiddenMove):
        check(AttemptState.PAID, AttemptState.FAILED_FINAL)


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
