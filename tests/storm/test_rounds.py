"""A sample of the storm: everything goes wrong, and P1 to P9 hold; `make storm` plays thousands of rounds."""

import pytest

from tests.storm import wave
from tests.storm.wave import Stage


def test_a_small_storm_leaves_the_books_as_safaricoms(stage: Stage) -> None:
    report = wave.play(stage, 1, 0, 8)
    assert report.broken == {}
    assert report.counts["receipts"] > 5 and report.counts["crashes"] and report.counts["letters"] > 20


@pytest.mark.full
def test_a_hundred_rounds(stage: Stage) -> None:
    assert wave.play(stage, 2, 0).broken == {}
