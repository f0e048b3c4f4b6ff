"""The chain of balances that confirmations tell: what it shows to be missing, and what it forgives."""

from datetime import timedelta
from random import Random

from payments.movements import Movement
from payments.reconciliation.balance_chain import Gap, Link, gaps
from tests.instruments import START

START_LINK = Link("AAA0000001", 500, START, 10_000)


def link(receipt: str, cents: int, after_cents: int, seconds: float) -> Link:
    return Link(receipt, cents, START + timedelta(seconds=seconds), after_cents)


def other(direction: str, cents: int, seconds: float) -> Movement:
    return Movement(None, direction, cents, START + timedelta(seconds=seconds))  # type: ignore[arg-type]


def test_a_chain_without_gaps_shows_none() -> None:
    links = [link("B", 300, 10_300, 60), link("C", 200, 10_500, 120)]
    assert gaps(links, [], START_LINK) == []
    assert gaps(links, [], None) == []


def test_a_payment_that_nobody_told_is_found_at_the_next_one() -> None:
    links = [link("B", 300, 10_300, 60), link("C", 200, 10_900, 120)]
    assert gaps(links, [], START_LINK) == [Gap("B", "C", links[0].at, links[1].at, 400)]
    assert gaps(links, [other("in", 400, 90)], START_LINK) == []


def test_a_debit_that_nobody_told_is_found_and_one_that_we_know_is_none() -> None:
    links = [link("B", 300, 9_300, 60)]
    assert [gap.cents for gap in gaps(links, [], START_LINK)] == [-1_000]
    assert gaps(links, [other("out", 1_000, 30)], START_LINK) == []


def test_without_a_start_nothing_is_said_about_what_was_before() -> None:
    assert gaps([link("B", 300, 99_300, 60), link("C", 1, 99_301, 70)], [other("in", 5, 10)], None) == []


def test_payments_of_the_same_moment_may_be_told_in_any_order() -> None:
    """By times that cross, as parallel bookings have them."""
    links = [link("B", 300, 10_800, 60), link("C", 500, 10_500, 64), link("D", 700, 11_500, 66)]
    assert gaps(links, [], START_LINK) == []
    far = [link("B", 300, 10_800, 60), link("C", 500, 10_500, 90)]
    assert len(gaps(far, [], START_LINK)) == 2


def test_what_moved_at_the_edge_may_belong_to_either_side() -> None:
    links = [link("B", 300, 10_300, 60), link("C", 200, 10_100, 80)]
    assert gaps(links, [other("out", 400, 59)], START_LINK) == []
    assert gaps(links, [other("out", 400, 82)], START_LINK) == []
    assert [gap.cents for gap in gaps(links, [other("out", 400, 10)], START_LINK)] == [400, -400]


def test_what_moved_around_the_start_may_be_in_what_the_start_held() -> None:
    """A prompt without a notice, seconds before the last notice of the day before."""
    day, around = [link("B", 300, 10_300, 40_000), link("C", 200, 10_500, 40_060)], other("in", 370, -5)
    assert gaps(day, [around], START_LINK) == gaps(day, [other("in", 370, 5)], START_LINK) == []
    after = [link("B", 300, 10_670, 40_000), link("C", 200, 10_870, 40_060)]
    assert gaps(after, [around], START_LINK) == []
    # What is missing besides is found all the same.
    assert [gap.cents for gap in gaps([link("B", 300, 10_400, 40_000)], [around], START_LINK)] == [100]


def test_a_break_heals_behind_itself() -> None:
    links = [link("B", 300, 10_700, 60), link("C", 200, 10_900, 120), link("D", 50, 10_950, 180)]
    assert [(gap.after, gap.before, gap.cents) for gap in gaps(links, [], START_LINK)] == [("AAA0000001", "B", 400)]


def test_long_days_with_every_gap_planted_at_a_known_place() -> None:
    chance = Random(20261120)
    for _ in range(60):
        held, links, others, planted = START_LINK.after_cents, [], [], []
        for number in range(40):
            seconds = 60 * (number + 1)
            kind = chance.choice(["link", "link", "link", "known", "hidden"])
            cents = chance.choice([100, 500, 1_000]) * (1 if kind == "link" else chance.choice([1, -1]))
            held += cents
            if kind == "link":
                links.append(link(f"R{number:03}", cents, held, seconds))
            elif kind == "known":
                others.append(other("in" if cents > 0 else "out", abs(cents), seconds))
            else:
                planted.append((seconds, cents))
        chance.shuffle(links)
        last = max((one.at for one in links), default=START)
        seen = sum(cents for seconds, cents in planted if START + timedelta(seconds=seconds) < last)
        assert sum(gap.cents for gap in gaps(links, others, START_LINK)) == seen
