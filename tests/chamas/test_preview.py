"""The same money under other rules."""

from dataclasses import replace
from datetime import timedelta

from chamas.calendar import Frequency
from chamas.preview import Money, Past, replay
from chamas.rules import Rules
from tests.instruments import START

WEEK = timedelta(days=7)
RULES = Rules(500_00, Frequency.WEEKLY)
PAST = [Past(n, START + (n - 1) * WEEK, START + n * WEEK, n, RULES, (1, 2)) for n in (1, 2)]


def test_what_was_paid_of_a_round_at_its_close() -> None:
    money = [
        Money(1, START + timedelta(days=1), 700_00),
        Money(2, START + WEEK + timedelta(days=1), 600_00),
        Money(2, START + 3 * WEEK, 400_00),
    ]
    # The rest of 700 is credit for round 2; of 600 that came late, 500 settle round 1, which was closed by then.
    assert replay(PAST, money, lambda one: one.rules) == {(1, 1): 500_00, (1, 2): 0, (2, 1): 200_00, (2, 2): 100_00}
    current = replace(RULES, arrears_first=False)
    assert replay(PAST, money, lambda one: current)[2, 2] == 500_00
    dearer = replace(RULES, contribution_cents=700_00)
    assert replay(PAST, money, lambda one: dearer if one.number == 2 else one.rules)[2, 1] == 200_00
    assert replay(PAST, money, lambda one: dearer)[1, 1] == 700_00
