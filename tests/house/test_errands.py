"""Rule 9: the walk sees every screen in every language. Rule 10: errands have talks, refusals have tests and a page.

The walk itself, the length of every SMS and the talks are in tests/menus and tests/gateway; here it is asserted that
they are there and leave nothing out.
"""

import importlib
import re

from markupsafe import escape

from gateway.app import create_app
from gateway.wiring import Wiring
from ledger.refusals import Refusal
from menus import gsm, locale, map
from tests.house.source import PRODUCT, House
from tests.menus import test_talks, test_walk


def refusals(house: House) -> list[type[Refusal]]:
    """Every refusal of the product, found by importing each module that names the base class."""
    found: set[type[Refusal]] = set()
    for path, text in house.texts(".py"):
        if path.split("/")[0] in PRODUCT and "Refusal" in text:
            module = importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            found |= {each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Refusal)}
    return sorted(found - {Refusal}, key=lambda each: each.code)


def rule_10_every_refusal_has_a_test(house: House, names: list[str]) -> list[str]:
    tests = [
        text for path, text in house.texts(".py") if path.startswith("tests/") and not path.startswith("tests/house")
    ]
    return [f"no test names {name}" for name in names if not any(re.search(rf"\b{name}\b", text) for text in tests)]


def rule_10_refusals_can_be_told_apart(known: list[type[Refusal]]) -> list[str]:
    codes = [refusal.code for refusal in known]
    return [f"two refusals have the code {code}" for code in sorted({*codes}) if codes.count(code) > 1]


def test_rule_9_the_walk_sees_every_screen_in_every_language(house: House) -> None:
    walk = test_walk.test_every_screen_fits_with_the_longest_names
    [languages] = [mark.args[1] for mark in walk.pytestmark if mark.args[0] == "language"]  # type: ignore[attr-defined]
    assert tuple(languages) == tuple(locale.LANGUAGES)
    assert len(locale.LANGUAGES) >= 2
    # Nothing but what the walk must show is a screen: its last line compares with the very table that `@screen` fills.
    assert test_walk.ROOMS is map.ROOMS
    assert gsm.SCREEN_SEPTETS == 160


def test_rule_10_every_errand_has_a_talk() -> None:
    test_talks.test_every_errand_has_a_talk()


def test_rule_10_every_refusal_has_a_test(house: House) -> None:
    known = refusals(house)
    assert len(known) >= 12
    assert rule_10_every_refusal_has_a_test(house, [refusal.__name__ for refusal in known]) == []
    assert rule_10_refusals_can_be_told_apart(known) == []


def test_rule_10_every_refusal_has_a_problem_page(house: House, web_wiring: Wiring) -> None:
    raised: list[Refusal] = []

    def raises() -> str:
        raise raised[0]

    app = create_app(web_wiring)
    app.add_url_rule("/pay/asked", "program", raises)
    app.add_url_rule("/asked", "person", raises)
    for refusal in refusals(house):
        one = refusal.__new__(refusal)
        Refusal.__init__(one)
        raised[:] = [one]
        problem = app.test_client().get("/pay/asked")
        assert problem.status_code == refusal.status, refusal
        assert problem.mimetype == "application/problem+json"
        assert problem.json is not None
        assert (problem.json["code"], problem.json["detail"]) == (refusal.code, str(one))
        page = app.test_client().get("/asked", headers={"Accept": "text/html"})
        assert (page.status_code, page.mimetype) == (refusal.status, "text/html")
        assert str(escape(str(one))) in page.text


def test_breaking_rule_10_is_seen(house: House) -> None:
    class Again(Refusal):
        code, status, words = "again", 409, "Not again."

    assert rule_10_every_refusal_has_a_test(house.with_files(tests__a="x = 1"), ["Again"]) == ["no test names Again"]
    assert rule_10_refusals_can_be_told_apart([Again, Again]) == ["two refusals have the code again"]
