"""GSM-7: what a screen holds, and what happens to what it cannot show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus import gsm


def test_extended_characters_take_two() -> None:
    assert gsm.septets("KES 500") == 7
    assert gsm.septets("{a}") == 5
    assert gsm.septets("€") == 2


@pytest.mark.parametrize("alien", ["ẹ", "’", "\u00a0", "😀", "`"])
def test_what_no_phone_shows_is_not_counted_but_refused(alien: str) -> None:
    with pytest.raises(ValueError, match="not in GSM-7"):
        gsm.septets(alien)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Wanjikũ", "Wanjiku"),
        ("Ng’ang’a", "Ng'ang'a"),
        ("José", "José"),
        ("Adé\u0323", "Adé"),
        ("李", "?"),
        ("a\tb", "a b"),
    ],
)
def test_names_keep_their_letters(name: str, shown: str) -> None:
    assert gsm.plain(name) == shown


@given(st.text(max_size=60))
def test_plain_text_can_always_be_counted(text: str) -> None:
    gsm.septets(gsm.plain(text.replace("\0", "")))


@given(st.text("abc \n{€", max_size=300), st.text("0 Back", max_size=40))
def test_the_way_back_is_never_cut_off(head: str, foot: str) -> None:
    screen = gsm.fit(head, foot, 156)
    assert gsm.septets(screen) <= 156
    assert screen.endswith(foot)
