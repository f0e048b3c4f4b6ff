"""A sample of the storm: everything goes wrong, and P1 to P9 hold; `make storm` plays thousands of rounds."""

import pytest

from tests.storm import wave
from tests.storm.guard import Guard
from tests.storm.people import Stage


def test_a_small_storm_leaves_the_books_as_safaricoms(stage: Stage) -> None:
    report = wave.play(stage, 1, 0, 8)
    assert report.broken == {}
    assert report.counts["receipts"] > 5 and report.counts["crashes"] and report.counts["letters"] > 20


@pytest.mark.long
def test_the_same_seed_is_the_same_run(stage: Stage) -> None:
    first, again = (wave.play(stage, 2026, 8, 30) for _ in range(2))
    assert first.counts["push callback_early"], "a callback and a notice race"
    assert first.digest == again.digest


@pytest.mark.long
def test_when_pull_is_silent_for_longer_than_safaricom_keeps_a_statement_heals(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody told and Pull lost is missing without the operator, and nothing else is."""
    outage = Guard("Pull answers", ("P1",), wished=(("pull", "fails", 12),))
    monkeypatch.setattr(wave, "DAYS", 0.2)
    healed = wave.play(stage, 7, 1, 10, without=outage)
    assert healed.broken == {} and healed.counts["statements handed over"]
    monkeypatch.setattr(wave, "fill_holes", lambda house: False)
    assert wave.play(stage, 7, 1, 10, without=outage).broken.keys() >= {"P1"}


@pytest.mark.full
def test_a_hundred_rounds(stage: Stage) -> None:
    assert wave.play(stage, 2, 0).broken == {}
