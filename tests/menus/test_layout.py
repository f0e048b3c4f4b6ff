"""How dialogs are laid out: pages of whole rows, keys that never clash, a way back that always fits."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus import gsm, layout, locale
from menus.dialog import AT_HOME, BACK, HOME, MORE, Confirm, End, List, Menu, Option, Row, go
from menus.screens import more, paid

CODE = "*384*123#"
SAY = partial(locale.say, "en")

TEXTS = st.text("abcdefgh 0123456789{€", min_size=1, max_size=60)
NEXT_PAGE = go(paid.unpaid, chama=1)


def pages(texts: list[str], *, lead: bool) -> list[Menu]:
    """All pages of a list, as she turns them."""
    rows = tuple(Row(mark, text, AT_HOME if lead else None) for mark, text in enumerate(texts, 1))
    found: list[Menu] = []
    after = 0
    while True:
        page = layout.laid_out(List("Not yet", rows, NEXT_PAGE, after), SAY)
        assert isinstance(page, Menu)
        found.append(page)
        onward = [option.to for option in page.options if option.key == MORE]
        if not onward:
            return found
        assert onward[0].args["after"] > after
        after = onward[0].args["after"]


@given(st.lists(TEXTS, min_size=1, max_size=20), st.booleans())
def test_every_row_stands_on_one_page_whole(texts: list[str], lead: bool) -> None:
    shown = pages(texts, lead=lead)
    rows = []
    for page in shown:
        screen = layout.fitted(page, SAY)
        assert gsm.septets(screen) <= layout.ROOM
        assert screen.split("\n")[-1].startswith("0 Back 00 Home")
        numbered = [(option.key, option.label) for option in page.options if option.key != MORE]
        assert {BACK, HOME, MORE}.isdisjoint(key for key, _label in numbered)
        rows += [label for _key, label in numbered] if lead else page.text.split("\n")[1:]
        assert 1 <= (len(numbered) or len(page.text.split("\n")) - 1) <= layout.LINES
    assert rows == texts
    keys = [option.key for page in shown for option in page.options if option.key != MORE]
    assert keys == ([str(number) for number in range(1, len(texts) + 1)] if lead else [])


def test_a_row_that_came_meanwhile_moves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tuple(Row(mark, f"row {mark}") for mark in (2, 4, 6, 8, 10, 12))
    first = layout.laid_out(List("Not yet", rows, NEXT_PAGE), SAY)
    assert isinstance(first, Menu)
    after = first.options[-1].to.args["after"]
    grown = layout.laid_out(List("Not yet", (Row(1, "new"), *rows), NEXT_PAGE, after), SAY)
    assert isinstance(grown, Menu)
    assert grown.text == "Not yet, 7-7 of 7\nrow 12"


def test_an_empty_list_says_so() -> None:
    assert layout.laid_out(List("Not yet", (), NEXT_PAGE), SAY) == Menu("Not yet: nobody")


def test_yes_is_1_and_no_is_2() -> None:
    asked = layout.laid_out(Confirm("Sure?", yes=go(more.menu), no=AT_HOME), SAY)
    assert asked == Menu("Sure?", (Option("1", "Yes", go(more.menu)), Option("2", "No", AT_HOME)), shown="back")


@pytest.mark.parametrize("length", [100, 120, 128, 130, 131, 140, 150, 156])
def test_quick_codes_are_taught_where_there_is_room(length: int) -> None:
    menu, end = Menu("x" * (length - len("\n0 Back 00 Home")), quick="2*1"), End("x" * length, quick="2*1")
    for dialog in (menu, end):
        taught = layout.taught(dialog, SAY, CODE)
        fits = length + len(" Next time: *384*123*2*1#") <= layout.ROOM
        assert ("Next time: *384*123*2*1#" in taught.text) is fits
        assert gsm.septets(layout.whole(taught, SAY)) <= layout.ROOM
        assert gsm.septets(layout.fitted(taught, SAY)) <= layout.ROOM
