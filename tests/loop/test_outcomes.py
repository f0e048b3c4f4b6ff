"""Every way a prompt can end: afterwards our books are Safaricom's, and the member has been told once or not at all."""

import pytest

from tests.whole import Whole

# For each outcome how many cents Safaricom moved; 'wrong_amount' moves another sum than was asked.
MOVES_WHAT_WAS_ASKED = (
    "pays",
    "pays_late",
    "pays_silently",
    "callback_twice",
    "callback_early",
    "answer_lost",
    "contradicts",
)
MOVES_NOTHING = ("wrong_pin", "cancels", "insufficient", "no_answer", "html_200", "spike_arrest")


def after_everything(whole: Whole) -> None:
    """Past the last question about an unclear payment: 20 s, 45 s, 90 s, 3 min, 10 min."""
    for seconds in (20, 30, 50, 100, 430):
        whole.advance(seconds)


@pytest.mark.parametrize("outcome", MOVES_WHAT_WAS_ASKED)
def test_money_that_moved_is_booked_and_told_once(whole: Whole, outcome: str) -> None:
    before = whole.value("SELECT count(*) FROM allocations")
    whole.simulator.wish(outcome, phone=whole.phone("Wanjiku"))
    whole.contribute("Wanjiku")
    after_everything(whole)
    assert [row["amount_cents"] for row in whole.truth()] == [50_000]
    assert whole.equals_truth()
    assert len(whole.codes("Wanjiku")) == 1
    assert whole.value("SELECT count(*) FROM allocations") == before + 1


@pytest.mark.parametrize("outcome", MOVES_NOTHING)
def test_money_that_did_not_move_is_not_booked(whole: Whole, outcome: str) -> None:
    whole.simulator.wish(outcome, phone=whole.phone("Wanjiku"))
    if outcome in ("html_200", "spike_arrest"):
        whole.ask_to_contribute("Wanjiku")
        whole.settle()
    else:
        whole.contribute("Wanjiku")
    after_everything(whole)
    assert whole.truth() == []
    assert whole.equals_truth()
    assert whole.codes("Wanjiku") == []


def test_a_wrong_amount_is_booked_as_it_moved_and_credits_nobody(whole: Whole) -> None:
    whole.simulator.wish("wrong_amount", phone=whole.phone("Wanjiku"))
    whole.contribute("Wanjiku")
    after_everything(whole)
    moved = whole.truth()
    assert len(moved) == 1 and moved[0]["amount_cents"] != 50_000
    assert whole.equals_truth()
    assert whole.codes("Wanjiku") == []
    assert [row["receipt"] for row in whole.rows("SELECT receipt FROM suspense WHERE state = 'open'")] == [
        moved[0]["receipt"]
    ]


def test_a_dead_token_is_renewed_and_the_prompt_comes_once(whole: Whole) -> None:
    whole.simulator.wish("token_invalid", phone=whole.phone("Wanjiku"))
    whole.contribute("Wanjiku")
    after_everything(whole)
    assert len(whole.truth()) == 1
    assert whole.equals_truth()
