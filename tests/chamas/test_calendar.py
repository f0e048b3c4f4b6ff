"""Rounds by the calendar of Nairobi."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamas.rulebook.calendar import Frequency, Period, Rhythm, boundary, following, period
from ledger.nairobi import EAT

COUNTED = [Frequency.WEEKLY, Frequency.FORTNIGHTLY, Frequency.MONTHLY]
ANCHORS = st.integers(1_577_836_800, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
RHYTHMS = st.one_of(
    st.sampled_from(COUNTED).map(Rhythm), st.integers(1, 8784).map(lambda hours: Rhythm(Frequency.CUSTOM, hours))
)


def nairobi(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=EAT)


@pytest.mark.parametrize(
    ("frequency", "steps", "expected"),
    [
        (Frequency.WEEKLY, 1, nairobi(2026, 2, 7, 18)),
        (Frequency.FORTNIGHTLY, 2, nairobi(2026, 2, 28, 18)),
        (Frequency.MONTHLY, 1, nairobi(2026, 2, 28, 18)),
        (Frequency.MONTHLY, 2, nairobi(2026, 3, 31, 18)),
        (Frequency.MONTHLY, 3, nairobi(2026, 4, 30, 18)),
        (Frequency.MONTHLY, 25, nairobi(2028, 2, 29, 18)),
        (Frequency.MONTHLY, -1, nairobi(2025, 12, 31, 18)),
    ],
)
def test_boundaries_of_a_chama_that_began_on_the_31st(frequency: Frequency, steps: int, expected: datetime) -> None:
    assert boundary(nairobi(2026, 1, 31, 18), frequency, steps) == expected


def test_the_day_of_a_month_is_the_one_in_nairobi() -> None:
    """22:00 UTC on the 30th is 1 AM on the 31st in Nairobi: February gives its own last day, still at 1 AM."""
    assert boundary(datetime(2026, 1, 30, 22, tzinfo=UTC), Frequency.MONTHLY, 1) == nairobi(2026, 2, 28, 1)


def test_a_custom_calendar_counts_hours_or_is_told() -> None:
    assert boundary(nairobi(2026, 1, 31, 18), Frequency.CUSTOM, 3, 36) == nairobi(2026, 2, 5, 6)
    with pytest.raises(ValueError, match="custom"):
        boundary(nairobi(2026, 1, 31), Frequency.CUSTOM, 1)
    assert Rhythm(Frequency.CUSTOM).told
    assert not Rhythm(Frequency.CUSTOM, 36).told


@given(anchor=ANCHORS, frequency=st.sampled_from(COUNTED), steps=st.integers(-200, 200))
def test_boundaries_follow_each_other_at_the_same_hour(anchor: datetime, frequency: Frequency, steps: int) -> None:
    here, after = boundary(anchor, frequency, steps), boundary(anchor, frequency, steps + 1)
    assert timedelta(days=7) <= after - here <= timedelta(days=31)
    assert here.astimezone(EAT).time() == anchor.astimezone(EAT).time()
    assert boundary(anchor, frequency, 0) == anchor


@given(anchor=ANCHORS, rhythms=st.lists(RHYTHMS, min_size=1, max_size=40))
def test_whatever_a_group_changes_no_instant_is_left_out_or_counted_twice(
    anchor: datetime, rhythms: list[Rhythm]
) -> None:
    """Each round opens where the last one closes, and closes one full period of the new rhythm later."""
    rounds = [period(anchor, rhythms[0])]
    for old, new in pairwise(rhythms):
        rounds.append(following(rounds[-1], old, new))
    for (before, after), (old, new) in zip(pairwise(rounds), pairwise(rhythms), strict=True):
        assert after.opens_at == before.closes_at < after.closes_at
        if old == new:
            assert (after.anchor, after.step) == (before.anchor, before.step + 1)
        assert after == period(after.anchor, new, after.step)


@given(anchor=ANCHORS, rhythm=RHYTHMS, count=st.integers(1, 60))
def test_a_rhythm_never_drifts(anchor: datetime, rhythm: Rhythm, count: int) -> None:
    """Step by step comes out where counting at once does: 31 January, 28 February, 31 March."""
    last = period(anchor, rhythm)
    for _ in range(count):
        last = following(last, rhythm, rhythm)
    assert last == period(anchor, rhythm, count)


def test_a_round_that_people_timed_is_followed_from_its_close() -> None:
    told = Period(nairobi(2026, 1, 1), 0, nairobi(2026, 1, 1), nairobi(2026, 1, 10))
    after = following(told, Rhythm(Frequency.CUSTOM), Rhythm(Frequency.WEEKLY))
    assert (after.anchor, after.step, after.closes_at) == (nairobi(2026, 1, 10), 0, nairobi(2026, 1, 17))
    moved = Period(nairobi(2026, 1, 31), 1, nairobi(2026, 1, 2), nairobi(2026, 1, 30))
    assert following(moved, Rhythm(Frequency.MONTHLY), Rhythm(Frequency.MONTHLY)).opens_at == nairobi(2026, 1, 30)
