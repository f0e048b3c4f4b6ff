"""Money as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import parse_shillings, print_kes
from ledger.refusals import NotAnAmount


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0"), (5, "0.05"), (-5, "-0.05"), (125_000, "1,250"), (125_050, "1,250.50"), (-125_000_000, "-1,250,000")],
)
def test_cents_are_printed_as_shillings(cents: int, text: str) -> None:
    assert print_kes(cents) == text


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("500", 50_000),
        (" 500 ", 50_000),
        ("0500", 50_000),
        ("1,250", 125_000),
        ("1250.50", 125_050),
        ("0.05", 5),
        ("KES 1,250", 125_000),
        ("Ksh1,250.00", 125_000),
        ("ksh. 500/=", 50_000),
        ("500/-", 50_000),
        ("9" * 13, (10**13 - 1) * 100),
    ],
)
def test_what_people_type_is_read(text: str, cents: int) -> None:
    assert parse_shillings(text) == cents


NO_AMOUNTS = (
    *("", " ", "0", "0.00", "-5", "+5", "5.5", "1.250", "1,25", "12,50", "1,,250", "5e3", "0x5", "five", "500*1"),
    *("٥٠٠", "5 00", "500.", ".50", "KES", "$5", "9" * 14, "9" * 5_000, "1_000", "500\n600"),
)


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotAnAmount, match="for example 500"):
        parse_shillings(text)


@given(st.integers(1, 10**15 - 1))
def test_what_is_printed_is_read_back(cents: int) -> None:
    assert parse_shillings(print_kes(cents)) == cents


@given(st.text(max_size=20))
def test_no_text_is_anything_but_cents_or_refused(text: str) -> None:
    try:
        cents = parse_shillings(text)
    except NotAnAmount:
        return
    assert type(cents) is int
    assert cents > 0
