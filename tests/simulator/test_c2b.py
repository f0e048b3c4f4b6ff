"""C2B: registration by Daraja's rules, validation with its default, the confirmation, and the sandbox's `/simulate`."""

import json
import time
from typing import Any

import pytest
import requests

from tests.simulator.client import SHORTCODE, WANJIKU, Simulator, Start
from tests.simulator.gateway_double import Answer, GatewayDouble, Heard

CONFIRMATION, VALIDATION = "/pay/c2b/0123456789abcdef/confirmation", "/pay/c2b/0123456789abcdef/validation"


def register(simulator: Simulator, gateway: GatewayDouble, version: str = "v2", **changes: str) -> requests.Response:
    body = {
        "ShortCode": SHORTCODE,
        "ResponseType": "Completed",
        "ConfirmationURL": gateway.url + CONFIRMATION,
        "ValidationURL": gateway.url + VALIDATION,
    }
    return simulator.daraja(f"/mpesa/c2b/{version}/registerurl", body | changes)


def simulate(simulator: Simulator, version: str = "v2", **changes: object) -> requests.Response:
    body = {"ShortCode": SHORTCODE, "CommandID": "CustomerPayBillOnline", "Amount": 250, "Msisdn": WANJIKU[1:]}
    return simulator.daraja(f"/mpesa/c2b/{version}/simulate", body | {"BillRefNumber": "482135"} | changes)


def pay(simulator: Simulator, **more: object) -> dict[str, Any]:
    found: dict[str, Any] = simulator.post("/control/paybill", phone=WANJIKU, amount=250, account="482135", **more)
    return found


def answering(body: object, status: int = 200, seconds: float = 0) -> Any:
    """A gateway that says `body` to validations and accepts confirmations."""

    def say(heard: Heard) -> Answer:
        if heard.path != VALIDATION:
            return 200, '{"ResultCode":0,"ResultDesc":"Success"}', {}
        time.sleep(seconds)
        return status, json.dumps(body), {}

    return say


def test_the_misspelt_key(simulator: Simulator, gateway: GatewayDouble) -> None:
    answer = register(simulator, gateway).json()
    assert set(answer) == {"OriginatorCoversationID", "ResponseCode", "ResponseDescription"}
    assert (answer["ResponseCode"], answer["ResponseDescription"]) == ("0", "success")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ResponseType", "completed"),
        ("ShortCode", "600999"),
        ("ConfirmationURL", "http://example.org/c2b"),
        ("ConfirmationURL", "https://example.org/M-PESA/c2b"),
        ("ConfirmationURL", "https://safaricom.example.org/c2b"),
        ("ValidationURL", "https://example.org/sqlite"),
        ("ValidationURL", "https://example.org/Executive"),
        ("ValidationURL", "https://1234.ngrok.io/c2b"),
    ],
)
def test_a_bad_registration_is_refused_by_field(
    simulator: Simulator, gateway: GatewayDouble, field: str, value: str
) -> None:
    simulator.post("/control/urls", delete=True)
    answer = register(simulator, gateway, **{field: value})
    assert answer.status_code == 400
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {field}"
    assert simulator.get("/control/urls")["registration"] is None


def test_production_registers_once(start: Start, gateway: GatewayDouble) -> None:
    simulator = start("--c2b-mode", "production")
    assert register(simulator, gateway).status_code == 200
    again = register(simulator, gateway, "v1")
    assert (again.status_code, again.json()["errorCode"]) == (500, "500.003.1001")
    assert again.json()["errorMessage"] == "Urls are already registered."
    assert simulator.get("/control/urls")["registration"]["version"] == "v2"
    simulator.post("/control/urls", delete=True)
    assert register(simulator, gateway, "v1").status_code == 200
    assert simulate(simulator).status_code == 404
    assert simulator.receipts() == []


def test_the_sandbox_takes_the_newest_registration(simulator: Simulator, gateway: GatewayDouble) -> None:
    register(simulator, gateway, "v1")
    register(simulator, gateway, "v2")
    assert simulator.get("/control/urls")["registration"]["version"] == "v2"


def test_simulate_is_a_payment(simulator: Simulator, gateway: GatewayDouble) -> None:
    register(simulator, gateway)
    assert simulate(simulator).json()["ResponseCode"] == "0"
    (heard,) = gateway.wait(CONFIRMATION)
    (receipt,) = simulator.receipts()
    said = json.loads(heard.body)
    assert (said["TransID"], said["MSISDN"], said["TransAmount"]) == (receipt["receipt"], "2547 ***** 005", "250.00")
    assert "LastName" not in said
    assert simulate(simulator, Amount="10.5").json()["errorMessage"] == "Bad Request - Invalid Amount"
    assert simulate(simulator, Amount=200_000).json()["errorMessage"] == "insufficient balance"
    assert len(simulator.receipts()) == 1


def test_a_till_has_no_account_numbers(simulator: Simulator, gateway: GatewayDouble) -> None:
    register(simulator, gateway)
    simulate(simulator, CommandID="CustomerBuyGoodsOnline", BillRefNumber="")
    said = json.loads(gateway.wait(CONFIRMATION)[0].body)
    assert (said["TransactionType"], said["BillRefNumber"]) == ("Customer Merchant Payment", "")
    assert pay(simulator, till=True)["state"] == "completed"
    assert [each["kind"] for each in simulator.receipts()] == ["till", "till"]


def test_validation_is_off_until_it_is_switched_on(simulator: Simulator, gateway: GatewayDouble) -> None:
    register(simulator, gateway)
    pay(simulator)
    assert gateway.on(VALIDATION) == []
    simulator.post("/control/urls", validation=True)
    pay(simulator)
    simulator.post("/control/urls", validation=False)
    (heard,) = gateway.on(VALIDATION)
    asked = json.loads(heard.body)
    assert asked["OrgAccountBalance"] == ""
    assert asked["TransID"] == simulator.receipts()[-1]["receipt"]


@pytest.mark.parametrize("code", ["C2B00011", "C2B00012", "C2B00013", "C2B00014", "C2B00015", "C2B00016"])
def test_a_refusal_moves_nothing_and_says_why(simulator: Simulator, gateway: GatewayDouble, code: str) -> None:
    register(simulator, gateway)
    gateway.say = answering({"ResultCode": code, "ResultDesc": "Rejected"})
    refused = pay(simulator, validate=True)
    assert (refused["state"], refused["code"], refused["receipt"]) == ("rejected", code, None)
    assert (simulator.receipts(), gateway.on(CONFIRMATION)) == ([], [])
    (notice,) = simulator.get("/control/sms", phone=WANJIKU)
    assert "Failed" in notice["text"]


@pytest.mark.parametrize("number", ["0", 0])
def test_an_acceptance_may_carry_a_number_of_ours(simulator: Simulator, gateway: GatewayDouble, number: object) -> None:
    register(simulator, gateway)
    gateway.say = answering({"ResultCode": number, "ResultDesc": "Accepted", "ThirdPartyTransID": "T77"})
    assert pay(simulator, validate=True)["state"] == "completed"
    assert json.loads(gateway.wait(CONFIRMATION)[0].body)["ThirdPartyTransID"] == "T77"


@pytest.mark.parametrize(("default", "state"), [("Completed", "completed"), ("Cancelled", "rejected")])
@pytest.mark.parametrize("trouble", ["late", "broken", "nonsense", "a list"])
def test_without_an_answer_the_response_type_decides(
    start: Start, gateway: GatewayDouble, default: str, state: str, trouble: str
) -> None:
    simulator = start("--validation-seconds", "0.2")
    register(simulator, gateway, ResponseType=default)
    gateway.say = {
        "late": answering({"ResultCode": "C2B00012"}, seconds=0.6),
        "broken": answering({"ResultCode": "C2B00012"}, status=500),
        "nonsense": answering({"ResultCode": "maybe"}),
        "a list": answering([1]),
    }[trouble]
    assert pay(simulator, validate=True)["state"] == state
    assert len(simulator.receipts()) == (state == "completed")


def test_the_running_balance_and_the_outcomes(simulator: Simulator, gateway: GatewayDouble) -> None:
    register(simulator, gateway)
    simulator.wish("pays_silently", api="c2b")
    assert pay(simulator)["confirmation"] == "none"
    simulator.wish("callback_twice", api="c2b")
    pay(simulator)
    first, second = gateway.wait(CONFIRMATION, 2)
    assert first.body == second.body
    # The balance tells of the payment that nobody was told about.
    assert json.loads(first.body)["OrgAccountBalance"] == "500.00"
    simulator.wish("pays_late", api="c2b")
    assert pay(simulator)["confirmation"] == "sent"
    simulator.advance(3599)
    assert len(gateway.on(CONFIRMATION)) == 2
    simulator.advance(1)
    assert json.loads(gateway.on(CONFIRMATION)[2].body)["OrgAccountBalance"] == "750.00"
