"""Rounds by the calendar of Nairobi."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamas.calendar import Frequency, boundary
from ledger.nairobi import EAT

COUNTED = [Frequency.WEEKLY, Frequency.FORTNIGHTLY, Frequency.MONTHLY]


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


def test_a_custom_calendar_is_not_counted() -> None:
    with pytest.raises(ValueError, match="custom"):
        boundary(nairobi(2026, 1, 31), Frequency.CUSTOM, 1)


@given(
    anchor=st.integers(1_577_836_800, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    frequency=st.sampled_from(COUNTED),
    steps=st.integers(-200, 200),
)
def test_boundaries_follow_each_other_at_the_same_hour(anchor: datetime, frequency: Frequency, steps: int) -> None:
    here, after = boundary(anchor, frequency, steps), boundary(anchor, frequency, steps + 1)
    assert timedelta(days=7) <= after - here <= timedelta(days=31)
    assert here.astimezone(EAT).time() == anchor.astimezone(EAT).time()
    assert boundary(anchor, frequency, 0) == anchor
