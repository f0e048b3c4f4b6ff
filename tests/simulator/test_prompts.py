"""A hand on the phone: the prompt waits, is answered or runs out, and the network's own rules hold."""

import json

import pytest
import requests

from tests.simulator.client import WANJIKU, Simulator
from tests.simulator.gateway_double import GatewayDouble

CALLBACK = "/pay/stk/0123456789abcdef"


def last_code(gateway: GatewayDouble) -> int:
    return int(json.loads(gateway.on(CALLBACK)[-1].body)["Body"]["stkCallback"]["ResultCode"])


def press(simulator: Simulator, keys: str) -> requests.Response:
    body = {"phone": WANJIKU, "keys": keys}
    return requests.post(simulator.url + "/control/press", json=body, timeout=5)


@pytest.mark.parametrize(("keys", "code", "moved"), [("1234", 0, 1), ("4321", 2001, 0), ("0", 1032, 0)])
def test_the_pin_decides(simulator: Simulator, gateway: GatewayDouble, keys: str, code: int, moved: int) -> None:
    simulator.push()
    prompt = simulator.get("/phone/state", phone=WANJIKU)["prompt"]
    assert prompt["state"] == "showing"
    assert "Ksh500.00 to PESACHAMA, account UMOJA4K7Q2M9" in prompt["text"]
    answered = press(simulator, keys).json()["prompt"]
    assert answered["code"] == code
    gateway.wait(CALLBACK)
    assert last_code(gateway) == code
    assert [each["receipt"] for each in simulator.receipts()] == ([answered["receipt"]] if moved else [])
    assert simulator.get("/phone/state", phone=WANJIKU)["prompt"] is None


def test_keys_that_are_no_answer_leave_the_prompt(simulator: Simulator, gateway: GatewayDouble) -> None:
    assert press(simulator, "1234").status_code == 409
    simulator.push()
    assert press(simulator, "12").status_code == 400
    assert simulator.get("/phone/state", phone=WANJIKU)["prompt"]["state"] == "showing"
    assert gateway.heard == []


def test_a_prompt_runs_out_after_60_simulated_seconds(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.push()
    simulator.advance(59.5)
    assert gateway.heard == []
    simulator.advance(0.5)
    assert last_code(gateway) == 1037
    assert press(simulator, "1234").status_code == 409


def test_too_little_money_is_insufficient_by_itself(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.push(Amount="100001")
    press(simulator, "1234")
    gateway.wait(CALLBACK)
    assert last_code(gateway) == 1
    assert simulator.receipts() == []


def test_one_prompt_a_subscriber(simulator: Simulator) -> None:
    simulator.push()
    locked = simulator.push(Amount="20")
    assert (locked.status_code, locked.json()["errorCode"]) == (500, "500.001.1001")
    assert locked.json()["errorMessage"].startswith("Unable to lock subscriber")
    other = simulator.push(PhoneNumber="254700000006", PartyA="254700000006")
    assert other.json()["ResponseCode"] == "0"


def test_the_same_amount_twice_within_two_minutes(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.push()
    press(simulator, "1234")
    simulator.push()
    simulator.advance(1)
    assert (last_code(gateway), len(simulator.receipts())) == (17, 1)
    simulator.advance(120)
    simulator.push()
    press(simulator, "1234")
    assert len(simulator.receipts()) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"PartyB": "600999"}, 2028),
        ({"PartyB": "5123456", "TransactionType": "CustomerBuyGoodsOnline"}, None),
        ({"Amount": "250001"}, 3),
    ],
)
def test_rules_of_the_core(
    simulator: Simulator, gateway: GatewayDouble, changes: dict[str, str], code: int | None
) -> None:
    simulator.push(**changes)
    simulator.advance(1)
    prompt = simulator.get("/phone/state", phone=WANJIKU)["prompt"]
    if code is None:
        assert (prompt["state"], gateway.heard) == ("showing", [])
    else:
        assert (prompt, last_code(gateway)) == (None, code)


def test_a_prompt_waits_for_the_end_of_the_ussd_session(simulator: Simulator, gateway: GatewayDouble) -> None:
    gateway.say = lambda heard: (200, "END Bye" if "text=1" in heard.body else "CON Menu", {})
    simulator.post("/control/dial", phone=WANJIKU, ussd="*384*123#")
    simulator.wish("pays")
    simulator.push()
    simulator.advance(5)
    assert simulator.get("/phone/state", phone=WANJIKU)["prompt"]["state"] == "waiting"
    assert simulator.receipts() == []
    ended = simulator.post("/control/press", phone=WANJIKU, keys="1")
    assert (ended["over"], ended["prompt"]["state"]) == (True, "showing")
    simulator.advance(1)
    assert len(simulator.receipts()) == 1
