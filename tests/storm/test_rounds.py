"""A sample of the storm: everything goes wrong, and P1 to P9 hold; `make storm` plays thousands of rounds."""

import pytest

from tests.storm import wave
from tests.storm.wave import Stage


def test_a_small_storm_leaves_the_books_as_safaricoms_and_is_the_same_every_time(stage: Stage) -> None:
    first = wave.play(stage, 1, 0, 8)
    assert first.broken == {}
    assert first.counts["receipts"] > 5 and first.counts["crashes"] and first.counts["letters"] > 20
    assert wave.play(stage, 1, 0, 8).digest == first.digest


@pytest.mark.full
@pytest.mark.parametrize("number", [0, 1])
def test_a_hundred_rounds(stage: Stage, number: int) -> None:
    assert wave.play(stage, 2, number).broken == {}
