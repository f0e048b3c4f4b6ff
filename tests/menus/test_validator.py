"""The validator finds nothing wrong with our menu, and every kind of fault when there is one."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.app import create_app
from gateway.wiring import Wiring
from menus import locale, map, validator
from menus.dialog import AT_HOME, ROOMS, Ask, Dialog, List, Menu, Option, Room, Row, go, screen
from menus.screens import more, paid
from menus.visit import Visit


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Room]]:
    """The screens, to be added to."""
    kept = dict(ROOMS)
    yield ROOMS
    ROOMS.clear()
    ROOMS.update(kept)
    validator.sentences.cache_clear()


def says(monkeypatch: pytest.MonkeyPatch, *texts: str, where: str = "more.menu") -> None:
    found = dict(validator.sentences())
    found[where] = (*found[where], *texts)
    monkeypatch.setattr(validator, "sentences", lambda: found)


def test_our_menu_has_no_fault() -> None:
    assert validator.faults() == []


def test_a_weekly_errand_has_few_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = validator.turns_to()
    assert turns["contribute.pay"] == 4
    monkeypatch.setattr(validator, "TURNS", 3)
    assert "contribute.pay takes more than 3 turns" in validator.faults()
    monkeypatch.setattr(validator, "WEEKLY", ("stranger.join",))
    assert "stranger.join takes more than 3 turns" in validator.faults()


# What a new user tries first, from her dial to its last screen: contribute, pay for another, hear a payment, the whole
# order, choose a PIN, say another cash figure, say yes to a payout under a PIN, stop one, join out of a member's menu.
TOURS = {
    "home.start": 1,
    "contribute.pay": 4,
    "contribute.other": 4,
    "check.payment": 3,
    "turn.whole": 4,
    "pin.keep": 5,
    "cash.say": 5,
    "payout.approve": 6,
    "payout.freeze": 5,
    "join.enter": 8,
}


def test_the_tours_of_a_new_user_get_no_longer() -> None:
    turns = validator.turns_to()
    assert {place: turns[place] for place, most in TOURS.items() if turns[place] > most} == {}


def test_a_quick_code_leads_where_it_is_taught(monkeypatch: pytest.MonkeyPatch, rooms: dict[str, Room]) -> None:
    @screen
    def taught(visit: Visit) -> Dialog:
        return Menu("x", (Option("1", "x", go(more.menu)),), quick="2*1")

    here = __name__.rpartition(".")[2]
    monkeypatch.setattr(validator, "TAUGHT", ("more.menu",))
    told = [fault for fault in validator.faults() if "teaches" in fault]
    assert told == [f"{here}.taught teaches 2*1, which leads to ['balance.last']", "more.menu teaches no quick code"]


def test_the_web_does_not_start_on_a_menu_with_a_fault(monkeypatch: pytest.MonkeyPatch, web_wiring: Wiring) -> None:
    monkeypatch.setattr(validator, "check", inspect.unwrap(validator.check))
    monkeypatch.setattr(validator, "TURNS", 3)
    with pytest.raises(ValueError, match="takes more than 3 turns"):
        create_app(web_wiring)


def test_screens_that_lead_wrong_are_told(rooms: dict[str, Room]) -> None:
    @screen
    def lonely(visit: Visit) -> Dialog:
        return Menu(
            "x", (Option("0", "x", AT_HOME), Option("1", "x", go(more.menu)), Option("1", "x", go(more.assistance)))
        )

    @screen
    def wordless(visit: Visit) -> Dialog:
        return Menu("x", shown="none")

    @screen
    def unfinished(visit: Visit, to: Any = None) -> Dialog:
        return Ask(
            "x", (Option("1", "x", to), Option("2", "x", go(paid.totals))), to=go(lonely), fill="x", kind="number"
        )

    @screen
    def endless(visit: Visit) -> Dialog:
        return List("x", (Row(1, "x", go(endless)),), go(endless))

    wrong = validator.faults()
    here = __name__.rpartition(".")[2]
    for fault in (
        f"{here}.lonely uses the key 0, which leads back",
        f"{here}.lonely uses the key 1 twice",
        f"{here}.wordless is a dead end",
        f"nothing leads to {here}.wordless",
        f"nothing leads to {here}.unfinished",
        f"{here}.unfinished leads to ? with [], which is no such screen",
        f"{here}.unfinished leads to paid.totals without ['chama']",
        f"{here}.unfinished leads to {here}.lonely with ['x'], which is no such screen",
        f"{here}.endless leads to {here}.endless with ['after'], which is no such screen",
    ):
        assert fault in wrong, fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Nobody has translated this.", "sw has no words for 'Nobody has translated this.'"),
        ("How long is {that}?", "nobody says how long ['that'] may be in 'How long is {that}?'"),
        ("A curly ’ quote", "en has letters that no phone shows in 'A curly ’ quote'"),
        ("x" * 157, f"en is too long for a screen: {'x' * 157!r}"),
        ("x" * 140, "more.menu does not fit a screen in en"),
    ],
)
def test_words_that_do_not_do_are_told(monkeypatch: pytest.MonkeyPatch, text: str, fault: str) -> None:
    says(monkeypatch, text)
    assert fault in validator.faults()


def test_other_places_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        validator,
        "_translated",
        lambda language, text: text.replace("{helpline}", "{line}" if language == "sw" else "0"),
    )
    told = [fault for fault in validator.faults() if "has other places than" in fault]
    assert {fault.partition(" ")[0] for fault in told} == set(locale.LANGUAGES)


def test_the_page_of_the_map_is_up_to_date() -> None:
    page = map.drawn()
    assert map.DOCUMENT.read_text() == page, "run `make menus`"
    assert [name for name in ROOMS if f"\n## {name}" not in page] == []
