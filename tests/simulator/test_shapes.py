"""What the simulator says has the keys and types of the published samples: a reader of one reads the other."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.client import B2C_RESULT, B2C_TIMEOUT, COMMAND_RESULT, SHORTCODE, WANJIKU, Simulator, Start
from tests.simulator.gateway_double import GatewayDouble
from tests.simulator.test_c2b import CONFIRMATION, pay, register

SAMPLES = Path(__file__).parents[1] / "samples" / "daraja"
# A field of one integrator's own, added after Safaricom.
STRANGE = {"cmd"}


def sample(number: str) -> Any:
    (path,) = SAMPLES.glob(f"{number}-*.json")
    return json.loads(path.read_text())


def shape(value: Any) -> Any:
    """Types in place of values; of parameters, which key has which type. One or a list of one reference is the same."""
    if isinstance(value, dict) and "Key" in value:
        return (value["Key"], type(value["Value"]).__name__ if "Value" in value else None)
    if isinstance(value, dict):
        inner = {key: each for key, each in value.items() if key not in STRANGE}
        return {key: shape(_one(each) if key == "ReferenceItem" else each) for key, each in inner.items()}
    if isinstance(value, list):
        return sorted((shape(each) for each in value), key=str)
    return type(value).__name__


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


@pytest.fixture(autouse=True)
def float_of_5000(simulator: Simulator) -> None:
    simulator.post("/control/paybill", phone="+254700000001", amount=5000, account="482135")


def last(gateway: GatewayDouble, path: str) -> Any:
    return json.loads(gateway.wait(path)[-1].body)


def test_registration_and_confirmation(simulator: Simulator, gateway: GatewayDouble) -> None:
    assert shape(register(simulator, gateway).json()) == shape(sample("S13"))
    pay(simulator)
    assert shape(last(gateway, CONFIRMATION)) == shape(sample("S16"))
    gateway.reset()
    simulator.wish("pays")
    simulator.push()
    assert shape(last(gateway, CONFIRMATION)) == shape(sample("S18"))


def test_a_payout_and_its_failures(simulator: Simulator, gateway: GatewayDouble) -> None:
    assert shape(simulator.payout("one").json()) == shape(sample("S20"))
    assert shape(last(gateway, B2C_RESULT)) == shape(sample("S21"))
    assert shape(simulator.payout("one").json()) == shape(sample("S23"))
    gateway.reset()
    simulator.wish("wrong_pin", api="b2c")
    simulator.payout("two")
    assert shape(last(gateway, B2C_RESULT)) == shape(sample("S22"))
    assert last(gateway, B2C_RESULT)["Result"]["ResultDesc"] == sample("S22")["Result"]["ResultDesc"]
    simulator.wish("timeout_echo", api="b2c")
    simulator.payout("three")
    simulator.advance(60)
    assert shape(last(gateway, B2C_TIMEOUT)) == shape(sample("S24"))


def test_the_balance(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.command("/mpesa/accountbalance/v1/query", "AccountBalance", PartyA=SHORTCODE, IdentifierType="4")
    said, printed = last(gateway, COMMAND_RESULT), sample("S27")
    assert shape(said) == shape(printed)
    accounts = [
        [line.split("|")[0] for line in each["Result"]["ResultParameters"]["ResultParameter"][0]["Value"].split("&")]
        for each in (said, printed)
    ]
    assert accounts[0] == accounts[1]


def test_the_status_of_a_payout(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.payout("one")
    gateway.wait(B2C_RESULT)
    about = {"PartyA": SHORTCODE, "IdentifierType": "4", "OriginalConversationID": "one"}
    simulator.command("/mpesa/transactionstatus/v1/query", "TransactionStatusQuery", **about)
    assert shape(last(gateway, COMMAND_RESULT)) == shape(sample("S25"))


def test_the_register_of_pull(start: Start) -> None:
    body = {"ShortCode": SHORTCODE, "RequestType": "Pull", "NominatedNumber": WANJIKU}
    answer = start().daraja("/pulltransactions/v1/register", body | {"CallBackURL": "https://example.org/pull"})
    assert shape(answer.json()) == shape(sample("S31"))
    assert answer.json()["ResponseDescription"] == sample("S31")["ResponseDescription"]
