"""Spoilt bodies at every door: no 5xx, no lost body. `make storm BODIES=1000000` posts the million."""

import pytest

from tests.storm import flood
from tests.storm.people import Stage


def test_spoilt_bodies_are_kept_or_refused(stage: Stage) -> None:
    report = flood.play(stage, 1, 0, 600)
    assert report.broken == {}
    assert report.counts["answered 200"] > 400 and report.counts["distinct bodies"] > 300


@pytest.mark.full
def test_ten_thousand_spoilt_bodies(stage: Stage) -> None:
    assert flood.play(stage, 2, 0).broken == {}
