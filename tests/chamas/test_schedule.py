"""The parts of a loan: to the cent, in shillings, on days that there are."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chamas.dues import repaying, schedule
from ledger import nairobi

LENT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


@given(st.integers(1, 2_500), st.integers(0, 200), st.integers(1, 24), st.integers(0, 730))
@settings(max_examples=60, deadline=None)
def test_parts_add_up_to_the_cent(hundreds: int, tenths: int, months: int, day: int) -> None:
    cents, lent_at = hundreds * 100_00, LENT + timedelta(days=day)
    parts = schedule.parts(cents, tenths=tenths, months=months, lent_at=lent_at)
    interest = schedule.interest(cents, tenths, months)
    assert sum(part.principal_cents for part in parts) == cents
    assert sum(part.interest_cents for part in parts) == interest <= cents * tenths * months / 1000
    for of in ([part.principal_cents for part in parts], [part.interest_cents for part in parts]):
        assert min(of) >= 0 and all(one % 100 == 0 for one in of[:-1]) and max(of) - min(of) < 200
    assert [part.begins_at for part in parts[1:]] == [part.due_at for part in parts[:-1]]
    days = [nairobi.local(part.due_at - timedelta(seconds=1)) for part in parts]
    assert all(lent_at <= part.begins_at <= part.opens_at < part.due_at for part in parts)
    # The same day of each month, or the last one of it.
    assert all(
        last.day == nairobi.local(lent_at).day or (last + timedelta(days=1)).day == 1 < last.day for last in days
    )
    assert len({(last.year, last.month) for last in days}) == months


@given(st.integers(0, 500), st.integers(0, 200), st.lists(st.integers(1, 300), max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_was_lent_comes_back_first_and_goes_last(lent: int, interest: int, sums: list[int]) -> None:
    booked, moves = 0, []
    for most in sums:
        cents = min(most, lent + interest - booked)
        moves.append(repaying.moved(lent, booked, cents))
        booked += cents
        assert sum(one for one, _ in moves) == min(booked, lent)
    assert sum(one + other for one, other in moves) == booked
    assert repaying.moved(lent, booked, -booked) == (-min(booked, lent), -max(0, booked - lent))


def test_ten_percent_of_five_thousand_for_three_months() -> None:
    parts = schedule.parts(5_000_00, tenths=100, months=3, lent_at=LENT)
    assert [part.total_cents for part in parts] == [2_166_00, 2_167_00, 2_167_00]
    assert [f"{nairobi.local(part.due_at - timedelta(seconds=1)):%d %b}" for part in parts] == [
        "28 Feb",
        "31 Mar",
        "30 Apr",
    ]
    # A fraction of a cent is charged to nobody.
    assert schedule.interest(101_00, 15, 1) == 1_51
