"""Every guard taken away alone makes a named property fail; docs/storm.md is their list."""

import pytest

from tests.storm import guards, wave
from tests.storm.guard import Guard
from tests.storm.guards import GUARDS
from tests.storm.people import Stage

# In every run of the full tests; the others take minutes.
SAMPLE = ("the amount binds",)


def fails_without(stage: Stage, guard: Guard, rounds: int = 50) -> None:
    report = wave.play(stage, 1, 0, rounds, without=guard)
    assert set(report.broken) & set(guard.fails), (guard.stands, report.broken)


@pytest.mark.full
@pytest.mark.parametrize("guard", [one for one in GUARDS if one.stands in SAMPLE], ids=lambda one: one.stands)
def test_without_a_guard_a_property_fails(stage: Stage, guard: Guard) -> None:
    fails_without(stage, guard, 12)


@pytest.mark.long
@pytest.mark.parametrize("guard", GUARDS, ids=lambda one: one.stands)
def test_without_any_guard_a_property_fails(stage: Stage, guard: Guard) -> None:
    fails_without(stage, guard)


def test_the_page_has_the_table() -> None:
    assert guards.DOCUMENT.read_text() == guards.page(), "run `python -m tests.storm.guards`"
