"""Midnight and noon in Nairobi lie three hours before those of UTC."""

from datetime import UTC, datetime

from ledger.nairobi import clock, day_begins


def test_the_clock_reads_as_on_an_m_pesa_message() -> None:
    assert clock(datetime(2026, 11, 20, 11, 2, 7, tzinfo=UTC)) == "2:02 PM"
    assert clock(datetime(2026, 11, 20, 21, 2, 7, tzinfo=UTC), seconds=True) == "12:02:07 AM"
    assert clock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) == "12:00 PM"


def test_a_day_begins_at_nine_in_the_evening_of_utc() -> None:
    midnight = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)
    assert day_begins(midnight) == midnight
    assert day_begins(datetime(2026, 11, 20, 20, 59, 59, tzinfo=UTC)) == midnight
