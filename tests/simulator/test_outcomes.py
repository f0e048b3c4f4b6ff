"""Each outcome of an STK push, by what arrived at the gateway and what Safaricom's own book says."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.simulator.client import WANJIKU, Simulator
from tests.simulator.gateway_double import Answer, GatewayDouble, Heard

CALLBACK = "/pay/stk/0123456789abcdef"
LATE = {"no_answer": [1037], "pays_late": [1037, 0]}


def result(heard: Heard) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(heard.body, parse_float=Decimal)["Body"]["stkCallback"]
    return body


def items(heard: Heard) -> dict[str, Any]:
    return {item["Name"]: item.get("Value") for item in result(heard)["CallbackMetadata"]["Item"]}


def codes(heard: list[Heard]) -> list[int]:
    return [result(each)["ResultCode"] for each in heard]


def test_pays(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("pays")
    accepted = simulator.push().json()
    assert accepted["ResponseCode"] == "0"
    (callback,) = gateway.wait(CALLBACK)
    (receipt,) = simulator.receipts()
    assert '"Value":500.00}' in callback.body
    assert callback.headers["content-type"] == "application/json;charset=UTF-8"
    assert callback.headers["businessshortcode"] == "600123"
    assert result(callback)["CheckoutRequestID"] == accepted["CheckoutRequestID"]
    assert accepted["CheckoutRequestID"].startswith("ws_CO_")
    assert accepted["CheckoutRequestID"].endswith("700000005")
    assert items(callback)["MpesaReceiptNumber"] == receipt["receipt"]
    assert items(callback)["PhoneNumber"] == 254700000005
    assert isinstance(items(callback)["TransactionDate"], int)
    assert receipt | {"at": "", "receipt": ""} == {
        "receipt": "",
        "phone": WANJIKU,
        "amount_cents": 50000,
        "kind": "stk",
        "reference": "UMOJA4K7Q2M9",
        "at": "",
    }
    assert simulator.get("/control/truth")["balances"] == {
        "paybill": {"shortcode": "600123", "utility_cents": 50000, "charges_cents": 0},
        "phones": {WANJIKU: 99_500_00},
    }
    (notice,) = simulator.get("/control/sms", phone=WANJIKU)
    assert notice["from"] == "MPESA"
    assert receipt["receipt"] in notice["text"]
    assert "Ksh500.00" in notice["text"]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("wrong_pin", 2001),
        ("cancels", 1032),
        ("insufficient", 1),
        ("locked", 8006),
        ("expires", 1019),
        ("push_error", 1025),
    ],
)
def test_a_refusal_moves_no_money(simulator: Simulator, gateway: GatewayDouble, outcome: str, code: int) -> None:
    simulator.wish(outcome)
    checkout_id = simulator.push().json()["CheckoutRequestID"]
    (callback,) = gateway.wait(CALLBACK)
    assert result(callback)["ResultCode"] == code
    assert "CallbackMetadata" not in result(callback)
    assert simulator.receipts() == []
    assert simulator.query(checkout_id).json()["ResultCode"] == str(code)


@pytest.mark.parametrize("outcome", LATE)
def test_what_waits_for_the_clock(simulator: Simulator, gateway: GatewayDouble, outcome: str) -> None:
    simulator.wish(outcome)
    checkout_id = simulator.push().json()["CheckoutRequestID"]
    in_flight = simulator.query(checkout_id)
    assert (in_flight.status_code, in_flight.json()["errorMessage"]) == (500, "The transaction is being processed")
    simulator.advance(59)
    assert gateway.heard == []
    simulator.advance(1)
    assert codes(gateway.on(CALLBACK)) == [1037]
    simulator.advance(10)
    assert codes(gateway.on(CALLBACK)) == LATE[outcome]
    assert len(simulator.receipts()) == LATE[outcome].count(0)


def test_a_late_success_comes_after_its_failure_in_one_advance(simulator: Simulator, gateway: GatewayDouble) -> None:
    arrived_before_the_first_was_taken = []

    def take_the_failure_slowly(heard: Heard) -> Answer:
        if result(heard)["ResultCode"] == 1037:
            time.sleep(0.1)
            arrived_before_the_first_was_taken.extend(gateway.on(CALLBACK)[1:])
        return 200, "{}", {}

    gateway.say = take_the_failure_slowly
    simulator.wish("pays_late")
    simulator.push()
    simulator.advance(600)
    assert codes(gateway.on(CALLBACK)) == [1037, 0]
    assert arrived_before_the_first_was_taken == []


def test_pays_silently(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("pays_silently")
    checkout_id = simulator.push().json()["CheckoutRequestID"]
    simulator.advance(120)
    assert gateway.heard == []
    assert [each["amount_cents"] for each in simulator.receipts()] == [50000]
    final = simulator.query(checkout_id).json()
    assert final["ResultCode"] == "0"
    assert set(final) == {
        "ResponseCode",
        "ResponseDescription",
        "MerchantRequestID",
        "CheckoutRequestID",
        "ResultCode",
        "ResultDesc",
    }


def test_callback_twice(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("callback_twice")
    simulator.push()
    first, second = gateway.wait(CALLBACK, 2)
    assert first.body == second.body
    assert len(simulator.receipts()) == 1


def test_callback_early(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("callback_early")
    accepted = simulator.push().json()
    (callback,) = gateway.on(CALLBACK)
    assert result(callback)["CheckoutRequestID"] == accepted["CheckoutRequestID"]
    simulator.advance(5)
    assert codes(gateway.on(CALLBACK)) == [0]


def test_answer_lost(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("answer_lost")
    token = simulator.token().json()["access_token"]
    with pytest.raises(requests.ConnectionError):
        simulator.push(token)
    assert codes(gateway.wait(CALLBACK)) == [0]
    assert len(simulator.receipts()) == 1


def test_contradicts(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("contradicts")
    checkout_id = simulator.push().json()["CheckoutRequestID"]
    simulator.advance(5)
    assert codes(gateway.on(CALLBACK)) == [0, 1032]
    assert len(simulator.receipts()) == 1
    assert simulator.query(checkout_id).json()["ResultCode"] == "0"


def test_wrong_amount(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("wrong_amount")
    simulator.push()
    (callback,) = gateway.wait(CALLBACK)
    assert items(callback)["Amount"] == Decimal("499.00")
    assert [each["amount_cents"] for each in simulator.receipts()] == [49900]


def test_html_200(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("html_200")
    answer = simulator.push()
    assert answer.status_code == 200
    assert answer.text.startswith("<html>")
    simulator.advance(120)
    assert (gateway.heard, simulator.receipts()) == ([], [])


def test_spike_arrest(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("spike_arrest")
    answer = simulator.push()
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.003.02")
    simulator.advance(120)
    assert (gateway.heard, simulator.receipts()) == ([], [])


def test_token_invalid_once(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("token_invalid")
    token = simulator.token().json()["access_token"]
    assert simulator.push(token).json()["errorCode"] == "404.001.03"
    assert simulator.push(token).json()["errorCode"] == "404.001.03"
    assert simulator.push().json()["ResponseCode"] == "0"


def test_duplicate_id(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("pays")
    first = simulator.push().json()
    gateway.wait(CALLBACK)
    simulator.wish("duplicate_id")
    second = simulator.push().json()
    assert second["CheckoutRequestID"] == first["CheckoutRequestID"]
    assert codes(gateway.wait(CALLBACK, 2)) == [0, 0]
    assert len(simulator.receipts()) == 2


def test_times_and_phones(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("spike_arrest", phone="*")
    simulator.wish("html_200", times=2)
    answers = [simulator.push() for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 500, 200]
    assert answers[3].json()["ResponseCode"] == "0"


@pytest.mark.parametrize(
    ("api", "outcome"), [("stk", "explodes"), ("stk", "timeout_echo"), ("ussd", "pays"), ("sms", "pays")]
)
def test_an_unknown_outcome_is_refused_with_the_list(simulator: Simulator, api: str, outcome: str) -> None:
    body = {"phone": "*", "api": api, "outcome": outcome}
    answer = requests.post(simulator.url + "/control/outcomes", json=body, timeout=5)
    assert answer.status_code == 400
    assert "must be one of" in answer.json()["error"]


def test_any_is_one_of_the_others_by_the_seed(simulator: Simulator, gateway: GatewayDouble) -> None:
    def statuses(seed: int) -> list[str]:
        simulator.post("/control/reset", seed=seed)
        simulator.wish("any", api="status", phone="*", times=12)
        seen = []
        for _ in range(12):
            token = simulator.token().json()["access_token"]
            about = {"TransactionID": "UKK0000000", "PartyA": "600123", "IdentifierType": "4"}
            try:
                path, command = "/mpesa/transactionstatus/v1/query", "TransactionStatusQuery"
                answer = simulator.command(path, command, token=token, **about)
                seen.append(f"{answer.status_code} {answer.headers['Content-Type']}")
            except requests.ConnectionError:
                seen.append("lost")
        return seen

    first = statuses(3)
    assert statuses(3) == first
    assert len(set(first)) > 2
    assert statuses(4) != first
    assert simulator.get("/control/outcomes") == []


def test_several_wishes_come_in_one_request_and_are_taken_in_their_order(simulator: Simulator) -> None:
    told = [
        {"api": "stk", "outcome": "cancels", "phone": WANJIKU},
        {"api": "stk", "outcome": "pays", "phone": WANJIKU},
    ]
    simulator.wish_all(told)
    assert [one["outcome"] for one in simulator.get("/control/outcomes")] == ["cancels", "pays"]
    assert simulator.post("/control/outcomes", wishes=[told[0] | {"outcome": "dances"}]).keys() == {"error"}
