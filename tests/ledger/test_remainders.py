"""Largest remainders: exact, fair to the cent, and blind to the order of a list."""

import random
from fractions import Fraction

import pytest

from ledger.remainders import divide

CASES = 10_000


def test_ten_thousand_divisions_are_exact_fair_and_blind_to_order() -> None:
    chance = random.Random(20261121)
    for _ in range(CASES):
        people = chance.randint(1, 30)
        weights = {key: chance.choice((0, 1, 1, 2, chance.randint(1, 10**9))) for key in range(people)}
        weights[chance.randrange(people)] = chance.randint(1, 10**9)
        total = chance.choice((0, 1, people - 1, chance.randint(0, 10**12)))
        parts = divide(total, weights)
        assert sum(parts.values()) == total
        whole = sum(weights.values())
        for key, part in parts.items():
            assert abs(part - Fraction(total * weights[key], whole)) < 1
            assert weights[key] or not part
        shuffled = list(weights.items())
        chance.shuffle(shuffled)
        assert divide(total, dict(shuffled)) == parts
        # Who has more weight never gets less.
        ranked = sorted(weights, key=lambda key: weights[key])
        assert [parts[key] for key in ranked] == sorted(parts[key] for key in ranked) or len(
            set(weights.values())
        ) < people


def test_equal_remainders_go_by_key() -> None:
    assert divide(100, {"c": 1, "a": 1, "b": 1}) == {"a": 34, "b": 33, "c": 33}
    assert divide(2, {3: 1, 1: 1, 2: 1}) == {1: 1, 2: 1, 3: 0}


def test_what_cannot_be_divided_is_refused() -> None:
    for total, weights in ((-1, {1: 1}), (1, {1: -1}), (1, {1: 0}), (1, {})):
        with pytest.raises(ValueError, match=r"weight|negative"):
            divide(total, weights)
    assert divide(0, {1: 0, 2: 0}) == {1: 0, 2: 0}
