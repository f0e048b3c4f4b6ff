"""A forged callback credits nothing, and an operator can see it."""

from typing import Any

import requests

from gateway import strangers
from tests.whole import Whole


def callback(
    receipt: str, shillings: int, phone: str, checkout: str = "ws_CO_20112026140200123700000004"
) -> dict[str, Any]:
    """A success callback as Safaricom would send it."""
    items = [
        {"Name": "Amount", "Value": shillings},
        {"Name": "MpesaReceiptNumber", "Value": receipt},
        {"Name": "TransactionDate", "Value": 20261120140230},
        {"Name": "PhoneNumber", "Value": int(phone.lstrip("+"))},
    ]
    told = {
        "MerchantRequestID": "2654-4b64-97ff-b827b542881d3130",
        "CheckoutRequestID": "ws_CO_20112026140200123700000004",
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": items},
    }
    return {"Body": {"stkCallback": told}}


def post(whole: Whole, token: str, body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{whole.url}/pay/stk/{token}", json=body, timeout=10)


def verdicts(whole: Whole) -> list[str]:
    """What the desk shows as worth a look."""
    return [
        row["verdict"]
        for row in whole.rows(
            "SELECT verdict FROM evidence WHERE verdict IN ('refused', 'unmatched', 'conflict') ORDER BY id"
        )
    ]


def test_an_unknown_token_credits_nothing_and_is_visible(whole: Whole) -> None:
    entries = whole.value("SELECT count(*) FROM entries")
    assert post(whole, "ab" * 32, callback("TKK7RT61SV", 500, whole.phone("Wanjiku"))).status_code == 200
    whole.settle()
    for _ in range(3):
        whole.advance(60)
    assert whole.value("SELECT count(*) FROM entries") == entries
    assert whole.equals_truth()
    assert verdicts(whole)


def test_a_flood_of_forgeries_is_turned_away_and_safaricom_is_not(whole: Whole) -> None:
    whole.ask_to_contribute("Wanjiku")
    whole.settle()
    for number in range(strangers.MOST + 5):
        assert (
            post(whole, f"{number:064x}", callback(f"TKK{number:07}", 500, whole.phone("Wanjiku"))).status_code == 200
        )
    whole.settle()
    whole.advance(strangers.ASK_EVERY.total_seconds() + 1)
    stored = whole.value("SELECT count(*) FROM evidence")
    assert post(whole, "ee" * 32, callback("TKK9999999", 500, whole.phone("Wanjiku"))).status_code == 429
    assert whole.value("SELECT count(*) FROM evidence") == stored
    # The simulator calls from the same address as the stranger, and still its callback counts.
    whole.press("Wanjiku", "1234")
    whole.settle()
    assert len(whole.truth()) == 1
    assert whole.equals_truth()


def told_by_the_paybill(whole: Whole, secret: str, number: int) -> int:
    body = {"TransID": f"TKP{number:07}", "TransAmount": "500.00", "BusinessShortCode": "600123"}
    return requests.post(f"{whole.url}/pay/c2b/{secret}/confirmation", json=body, timeout=10).status_code


def test_a_busy_paybill_is_no_flood_and_who_does_not_know_the_secret_is(whole: Whole) -> None:
    secret = whole.settings.callback_secret
    few = strangers.MOST + 5
    for number in range(few):
        assert told_by_the_paybill(whole, secret, number) == 200
    whole.settle()
    whole.advance(strangers.ASK_EVERY.total_seconds() + 1)
    # They made no stranger of their address: even a forgery from it is stored.
    assert post(whole, "ee" * 32, callback("TKK9999999", 500, whole.phone("Wanjiku"))).status_code == 200
    for number in range(few):
        assert told_by_the_paybill(whole, "wrong" + secret, number) == 200
    whole.settle()
    whole.advance(strangers.ASK_EVERY.total_seconds() + 1)
    assert told_by_the_paybill(whole, "wrong" + secret, few) == 429
    assert told_by_the_paybill(whole, secret, few) == 200
    stored = whole.rows("SELECT count(*) AS rows FROM evidence WHERE source = 'c2b_confirmation' GROUP BY token_hash")
    assert sorted(row["rows"] for row in stored) == [few, few + 1]


def test_another_payments_receipt_credits_once_only(whole: Whole) -> None:
    whole.contribute("Wanjiku")
    stolen = whole.truth()[0]["receipt"]
    entries = whole.value("SELECT count(*) FROM entries")
    for body in (
        callback(stolen, 500, whole.phone("Wanjiku")),
        callback(stolen, 500, whole.phone("Amina")),
        callback(stolen, 5000, whole.phone("Wanjiku")),
    ):
        post(whole, "cd" * 32, body)
    whole.settle()
    whole.advance(120)
    assert whole.value("SELECT count(*) FROM entries") == entries
    assert whole.equals_truth()
    assert verdicts(whole)
