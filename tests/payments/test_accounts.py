"""A balance result as Daraja writes it: codes as text, five accounts in one text, one item or several."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from payments.reading import Held, NotTold, Unreadable, read_accounts, read_balance_result

SAMPLES = Path(__file__).parents[1] / "samples" / "daraja"
TEXT = (
    "Working Account|KES|700000.00|700000.00|0.00|0.00&Float Account|KES|0.00|0.00|0.00|0.00&"
    "Utility Account|KES|228037.00|228037.00|0.00|0.00&Charges Paid Account|KES|-1540.00|-1540.00|0.00|0.00"
)


def result(items: Any, code: Any = "0") -> bytes:
    return json.dumps({"Result": {"ResultCode": code, "ResultParameters": {"ResultParameter": items}}}).encode()


def parameters(text: str = TEXT) -> list[dict[str, str]]:
    return [{"Key": "AccountBalance", "Value": text}, {"Key": "BOCompletedTime", "Value": "20200109125710"}]


HELD = Held(datetime(2020, 1, 9, 9, 57, 10, tzinfo=UTC), 22_803_700, 70_000_000, -154_000)


def test_the_documented_sample_is_read() -> None:
    body = (SAMPLES / "S27-account-balance-codes-as-strings.json").read_bytes()
    assert read_balance_result(body) == HELD


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("|", " | ").replace("&", " & "),
        TEXT.replace("Utility Account", " utility  account "),
        "&" + TEXT + "&",
        TEXT.replace("228037.00", "228,037.00"),
        TEXT.replace("228037.00", "228037"),
    ],
)
def test_blanks_separators_and_decimals_are_taken_as_they_come(text: str) -> None:
    assert read_balance_result(result(parameters(text))) == HELD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Working Account|KES|1.00",
        TEXT.replace("KES|228037.00", "USD|228037.00"),
        TEXT.replace("228037.00|228037.00", "much|228037.00"),
        TEXT + "&Utility Account|KES|1.00|1.00|0.00|0.00",
        TEXT.replace("228037.00", "9" * 40),
    ],
)
def test_a_text_that_does_not_name_the_utility_account_once_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_balance_result(result(parameters(text)))


@pytest.mark.parametrize("items", [parameters()[0], parameters()[:1], None, "x"])
def test_without_its_instant_a_balance_says_nothing(items: Any) -> None:
    with pytest.raises(Unreadable):
        read_balance_result(result(items))


@pytest.mark.parametrize(("code", "refused"), [("2001", True), (8006, True), (21, True), ("1", False), (17, False)])
def test_a_refusal_says_whether_we_may_not_ask(code: Any, refused: bool) -> None:
    assert read_balance_result(result(parameters(), code)) == NotTold(f"code {code}", refused)


def test_cents_are_exact() -> None:
    assert read_accounts("Utility Account|KES|8959269.60|1|0|0") == {"utility account": 895_926_960}
