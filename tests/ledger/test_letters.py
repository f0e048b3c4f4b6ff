"""What people read out has no two letters that look alike, and no letter that comes more often than another."""

from collections import Counter

from ledger.letters import READABLE, spell
from tests.instruments import SeededChance


def test_there_are_31_letters_and_no_twins() -> None:
    assert len(set(READABLE)) == 31
    assert not set("01ILO") & set(READABLE)


def test_every_letter_is_as_likely_as_any_other() -> None:
    counted = Counter(spell(31_000, SeededChance(5)))
    assert set(counted) == set(READABLE)
    # A byte taken modulo 31 would give the first eight letters one part in eight more: 1,090 and above.
    assert max(counted[letter] for letter in READABLE[:8]) < 1_075
    assert len(spell(7, SeededChance())) == 7
