"""Every way a prompt can end, all in one group at once: afterwards our books are what Safaricom moved."""

from tests.whole import Whole

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

# Past the questions about an unclear payment: 20 s, 45 s, 90 s, 3 min, 10 min after the push.
QUESTIONS = (20, 30, 50, 100, 430)


def let_end(whole: Whole, outcomes: tuple[str, ...]) -> dict[str, str]:
    """Each outcome on the phone of one member, up to the last question about it; returns names by outcome."""
    members = [person["name"] for person in whole.people if person["chama"] == "Umoja"]
    named = dict(zip(outcomes, members, strict=False))
    assert len(named) == len(outcomes)
    for outcome, name in named.items():
        whole.simulator.wish(outcome, phone=whole.phone(name))
        assert "M-PESA" in whole.ask_to_contribute(name)
    whole.settle()
    for seconds in QUESTIONS:
        whole.advance(seconds)
    return named


def test_money_that_moved_is_booked_once_and_told_once(whole: Whole) -> None:
    before = whole.value("SELECT sum(amount_cents)::bigint FROM allocations")
    named = let_end(whole, MOVES_WHAT_WAS_ASKED)
    assert {row["phone"]: row["amount_cents"] for row in whole.truth()} == {
        whole.phone(name): 50_000 for name in named.values()
    }
    assert whole.equals_truth()
    assert {outcome: len(whole.codes(name)) for outcome, name in named.items()} == dict.fromkeys(named, 1)
    assert whole.value("SELECT sum(amount_cents)::bigint FROM allocations") == before + 50_000 * len(named)


def test_money_that_did_not_move_is_not_booked(whole: Whole) -> None:
    named = let_end(whole, MOVES_NOTHING)
    assert whole.truth() == []
    assert whole.equals_truth()
    assert {outcome: whole.codes(name) for outcome, name in named.items()} == {outcome: [] for outcome in named}


def test_a_wrong_amount_is_booked_as_it_moved_and_credits_nobody(whole: Whole) -> None:
    let_end(whole, ("wrong_amount",))
    (moved,) = whole.truth()
    assert moved["amount_cents"] != 50_000
    assert whole.equals_truth()
    assert whole.codes("Amina") == []
    assert whole.rows("SELECT receipt FROM suspense WHERE state = 'open'") == [{"receipt": moved["receipt"]}]


def test_a_dead_token_is_renewed_and_the_prompt_comes_once(whole: Whole) -> None:
    whole.simulator.wish("token_invalid", phone=whole.phone("Wanjiku"))
    whole.contribute("Wanjiku")
    assert len(whole.truth()) == 1
    assert whole.equals_truth()
