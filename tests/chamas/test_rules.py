"""What can be a rule, what is refused in words, and what a yes to rules is bound to."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.payouts import limits
from chamas.rulebook import rule_sets
from chamas.rulebook import rules as ruling
from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import OrderKind, Rules, RulesSchema, UnfitRules
from tests.chamas.conftest import Village
from tests.instruments import START

NOW = Rules(500_00, Frequency.WEEKLY)


def test_a_change_says_only_what_is_different() -> None:
    new = ruling.changed(NOW, {"contribution_cents": 700_00, "freezers": 3})
    assert new == replace(NOW, contribution_cents=700_00, freezers=3)
    assert ruling.differences(NOW, new) == [("contribution_cents", 500_00, 700_00), ("freezers", 2, 3)]
    assert ruling.beside_columns(new) == {"freezers": 3}
    assert Rules(700_00, Frequency.WEEKLY, **ruling.beside_columns(new)) == new


def test_what_is_agreed_on_about_payouts_holds_for_them(conn: Connection[Any], village: Village) -> None:
    stricter = replace(NOW, approvals=3, wait_minutes=90, expiry_hours=24, freezers=4)
    rule_set_id = rule_sets.adopt(conn, village.chama_id, stricter, in_force_from=START)
    agreed = limits.Limits(3, timedelta(minutes=90), timedelta(hours=24), 4)
    assert limits.in_force(conn, village.chama_id, START) == (rule_set_id, agreed)
    newest, first = rule_sets.versions(conn, village.chama_id)
    assert (newest.rules, first.rules) == (stricter, NOW)
    assert rule_sets.rules_of(conn, village.open_round.id) == first


def test_a_fixed_list_names_everybody_once_and_goes_with_its_order() -> None:
    numbers = frozenset({1, 2, 5})
    fixed = ruling.changed(NOW, {"order": "fixed", "places": [5, 1, 2]}, numbers=numbers)
    assert (fixed.order, fixed.places) == (OrderKind.FIXED, (5, 1, 2))
    assert Rules(**ruling.as_json(fixed)) == fixed
    assert ruling.changed(fixed, {"order": "joining"}, numbers=numbers) == NOW
    for wrong in ([5, 1], [5, 1, 1], [5, 1, 2, 3]):
        with pytest.raises(UnfitRules, match="Name every member once"):
            ruling.changed(NOW, {"order": "fixed", "places": wrong}, numbers=numbers)
    with pytest.raises(UnfitRules, match="Only for a fixed order"):
        ruling.changed(NOW, {"places": [5, 1, 2]}, numbers=numbers)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"contribution_cents": 500_50}, "contribution_cents: Whole shillings"),
        ({"contribution_cents": 0}, "contribution_cents: Must be greater than or equal to 1000"),
        ({"contribution_cents": "700"}, "contribution_cents: Not a valid integer"),
        ({"frequency": "daily"}, "frequency: Must be one of: weekly"),
        ({"freezers": 1, "approvals": 0}, "approvals: .* freezers: "),
        ({"places": ["x"]}, "places: Not a valid integer"),
        ({"colour": 1}, "colour: Unknown field"),
        ({}, "Nothing would change"),
        ({"contribution_cents": 500_00}, "Nothing would change"),
    ],
)
def test_what_nobody_could_keep_is_refused_by_name(given: dict[str, Any], why: str) -> None:
    with pytest.raises(UnfitRules, match=why):
        ruling.changed(NOW, given)


def test_every_rule_is_in_the_schema_and_in_the_hash() -> None:
    assert {each.name for each in fields(Rules)} == set(RulesSchema().fields)
    others: dict[str, Any] = {
        "contribution_cents": 700_00, "frequency": "monthly", "arrears_first": False, "every_hours": 5,
        "grace_hours": 2, "order": "ballot", "places": (1,), "short_pot": "wait", "approvals": 3, "wait_minutes": 90,
        "expiry_hours": 10, "freezers": 3, "sms_from_cents": 100_00, "initials": True, "penalty": "flat",
        "penalty_cents": 100, "penalty_percent": 5, "penalty_cap_cents": 100, "corroborate": True,
        "fines_first": False, "default_after": 2, "loans": True, "loan_tenths": 15, "loan_months": 6,
        "loan_times": 2, "loan_fine_cents": 100, "loans_first": False,
    }  # fmt: skip
    assert others.keys() == RulesSchema().fields.keys()
    hashes = {ruling.digest(replace(NOW, **{name: value})) for name, value in others.items()}
    assert len(hashes | {ruling.digest(NOW)}) == len(others) + 1
