"""B2C payouts: once each, by the float, by the operator, and every outcome against Safaricom's own book."""

import json
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.simulator.client import B2C_RESULT, B2C_TIMEOUT, SHORTCODE, WANJIKU, Simulator
from tests.simulator.gateway_double import GatewayDouble

ID = "600123_payout_1"


@pytest.fixture(autouse=True)
def float_of_5000(simulator: Simulator) -> None:
    """Paid in by somebody else, so that the receiver's phone tells of payouts only."""
    simulator.post("/control/paybill", phone="+254700000001", amount=5000, account="482135")


def results(gateway: GatewayDouble) -> list[dict[str, Any]]:
    return [json.loads(each.body, parse_float=Decimal)["Result"] for each in gateway.on(B2C_RESULT)]


def codes(gateway: GatewayDouble) -> list[Any]:
    return [each["ResultCode"] for each in results(gateway)]


def parameters(result: dict[str, Any]) -> dict[str, Any]:
    return {item["Key"]: item.get("Value") for item in result["ResultParameters"]["ResultParameter"]}


def payouts(simulator: Simulator) -> list[dict[str, Any]]:
    return list(simulator.get("/control/truth")["payouts"])


def utility(simulator: Simulator) -> int:
    return int(simulator.get("/control/truth")["balances"]["paybill"]["utility_cents"])


def test_a_payout(simulator: Simulator, gateway: GatewayDouble) -> None:
    accepted = simulator.payout(ID).json()
    assert set(accepted) == {"ConversationID", "OriginatorConversationID", "ResponseCode", "ResponseDescription"}
    assert (accepted["ResponseCode"], accepted["OriginatorConversationID"]) == ("0", ID)
    (heard,) = gateway.wait(B2C_RESULT)
    (payout,), (result,) = payouts(simulator), results(gateway)
    assert payout | {"at": "", "receipt": ""} == {
        "originator_conversation_id": ID,
        "phone": WANJIKU,
        "amount_cents": 150_00,
        "receipt": "",
        "at": "",
    }
    assert (result["OriginatorConversationID"], result["ConversationID"]) == (ID, accepted["ConversationID"])
    assert (result["ResultCode"], result["ResultType"], result["TransactionID"]) == (0, 0, payout["receipt"])
    found = parameters(result)
    assert found["TransactionReceipt"] == payout["receipt"]
    assert found["TransactionAmount"] == 150
    assert found["ReceiverPartyPublicName"] == "254700000005 - FARAH"
    assert found["B2CUtilityAccountAvailableFunds"] == Decimal("4850.00")
    assert '"Value":4850.00}' in heard.body
    assert found["B2CChargesPaidAccountAvailableFunds"] == Decimal("-5.00")
    day, moment = found["TransactionCompletedDateTime"].split(" ")
    assert [len(part) for part in (*day.split("."), *moment.split(":"))] == [2, 2, 4, 2, 2, 2]
    assert simulator.get("/control/truth")["balances"]["paybill"] == {
        "shortcode": SHORTCODE,
        "utility_cents": 4850_00,
        "charges_cents": -5_00,
    }
    assert simulator.get("/control/truth")["balances"]["phones"][WANJIKU] == 100_150_00
    (notice,) = simulator.get("/control/sms", phone=WANJIKU)
    assert "You have received Ksh150.00" in notice["text"]


@pytest.mark.parametrize("first", ["pays", "insufficient", "answer_lost", "no_answer", "timeout_unpaid"])
def test_an_id_is_taken_once_whatever_became_of_it(simulator: Simulator, gateway: GatewayDouble, first: str) -> None:
    simulator.wish(first, api="b2c")
    token = simulator.token().json()["access_token"]
    try:
        simulator.payout(ID, token)
    except requests.ConnectionError:
        assert first == "answer_lost"
    simulator.advance(7200)
    before = payouts(simulator)
    again = simulator.payout(ID, Amount="200")
    assert (again.status_code, again.json()["errorCode"]) == (500, "500.002.1001")
    assert again.json()["errorMessage"] == "Duplicate OriginatorConversationID."
    simulator.advance(7200)
    assert payouts(simulator) == before


def test_v1_has_no_id_and_pays_as_often_as_it_is_asked(simulator: Simulator, gateway: GatewayDouble) -> None:
    ids = {simulator.payout(ID, version="v1").json()["OriginatorConversationID"] for _ in range(2)}
    gateway.wait(B2C_RESULT, 2)
    assert len(ids) == len(payouts(simulator)) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("OriginatorConversationID", ""),
        ("CommandID", "PayOut"),
        ("Amount", "10.50"),
        ("PartyB", "+254700000005"),
        ("Remarks", "x"),
        ("ResultURL", "https://example.org/query"),
        ("QueueTimeOutURL", "ftp://example.org"),
        ("InitiatorName", ""),
    ],
)
def test_a_bad_request_is_refused_by_field(
    simulator: Simulator, gateway: GatewayDouble, field: str, value: str
) -> None:
    answer = simulator.payout(ID, **{field: value})
    assert (answer.status_code, answer.json()["errorMessage"]) == (400, f"Bad Request - Invalid {field}")
    simulator.advance(5)
    assert (payouts(simulator), gateway.on(B2C_RESULT)) == ([], [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Amount": "5001"}, 1),
        ({"Amount": "9"}, 2),
        ({"Amount": "250001"}, 3),
        ({"PartyA": "600999"}, 11),
        ({"InitiatorName": "stranger"}, 2001),
    ],
)
def test_what_the_core_refuses_is_a_result(
    simulator: Simulator, gateway: GatewayDouble, changes: dict[str, str], code: int
) -> None:
    assert simulator.payout(ID, **changes).json()["ResponseCode"] == "0"
    gateway.wait(B2C_RESULT)
    (result,) = results(gateway)
    assert (result["ResultCode"], "ResultParameters" in result) == (code, False)
    assert result["TransactionID"]
    assert (payouts(simulator), utility(simulator)) == ([], 5000_00)


def test_a_receiver_who_is_not_registered_or_holds_too_much(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.post("/control/subscriber", phone=WANJIKU, registered=False)
    simulator.payout(ID)
    gateway.wait(B2C_RESULT)
    simulator.post("/control/subscriber", phone=WANJIKU, registered=True, name="Wanjiku Kamau")
    simulator.payout(ID + "b")
    gateway.wait(B2C_RESULT, 2)
    assert codes(gateway) == [2040, 0]
    assert parameters(results(gateway)[1])["ReceiverPartyPublicName"] == "254700000005 - WANJIKU KAMAU"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("insufficient", 1),
        ("wrong_pin", 2001),
        ("cancels", 2040),
        ("unregistered", 2040),
        ("locked", 8006),
        ("no_role", 21),
        ("debit_party", 11),
        ("not_mpesa", "SFC_IC0003"),
    ],
)
def test_a_wished_refusal(simulator: Simulator, gateway: GatewayDouble, outcome: str, code: object) -> None:
    simulator.wish(outcome, api="b2c")
    simulator.payout(ID)
    gateway.wait(B2C_RESULT)
    assert (codes(gateway), payouts(simulator)) == ([code], [])


def test_three_wrong_passwords_lock_the_operator(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("wrong_pin", api="b2c", phone="*", times=3)
    for number in range(4):
        simulator.payout(f"{ID}-{number}")
        gateway.wait(B2C_RESULT, number + 1)
    assert codes(gateway) == [2001, 2001, 2001, 8006]
    assert simulator.get("/control/initiator")["locked"] is True
    simulator.post("/control/initiator", locked=False)
    simulator.payout(ID + "-free")
    gateway.wait(B2C_RESULT, 5)
    assert codes(gateway)[-1] == 0


def test_a_role_may_be_missing(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.post("/control/initiator", roles=["status"])
    simulator.payout(ID)
    gateway.wait(B2C_RESULT)
    assert (codes(gateway), payouts(simulator)) == ([21], [])


# What arrives as results, how often the request comes back, and whether the money moved.
TOLD = {
    "pays": ([0], 0, 1),
    "pays_silently": ([], 0, 1),
    "pays_late": ([0], 1, 1),
    "no_answer": ([], 0, 0),
    "timeout_echo": ([], 1, 1),
    "timeout_unpaid": ([], 1, 0),
    "callback_twice": ([0, 0], 0, 1),
    "contradicts": ([0, 1], 0, 1),
    "answer_lost": ([0], 0, 1),
    "callback_early": ([0], 0, 1),
    "duplicate_id": ([0], 0, 1),
    "system_error": ([0], 0, 1),
    "html_200": ([], 0, 0),
    "spike_arrest": ([], 0, 0),
    "token_invalid": ([], 0, 0),
}
REFUSED = {"duplicate_id": "500.002.1001", "system_error": "500.002.1001", "spike_arrest": "500.003.02"}


@pytest.mark.parametrize("outcome", TOLD)
def test_an_outcome(simulator: Simulator, gateway: GatewayDouble, outcome: str) -> None:
    told, echoes, moved = TOLD[outcome]
    simulator.wish(outcome, api="b2c")
    token = simulator.token().json()["access_token"]
    if outcome == "answer_lost":
        with pytest.raises(requests.ConnectionError):
            simulator.payout(ID, token)
    else:
        answer = simulator.payout(ID, token)
        if outcome in REFUSED:
            assert (answer.status_code, answer.json()["errorCode"]) == (500, REFUSED[outcome])
    if outcome == "callback_early":
        assert codes(gateway) == [0]
    simulator.advance(3600)
    assert (codes(gateway), len(gateway.on(B2C_TIMEOUT)), len(payouts(simulator))) == (told, echoes, moved)
    assert utility(simulator) == 5000_00 - 150_00 * moved


def test_the_echo_is_the_request_itself(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("timeout_echo", api="b2c")
    simulator.payout(ID)
    simulator.advance(60)
    (echo,) = gateway.on(B2C_TIMEOUT)
    assert json.loads(echo.body) == simulator.payout_body(ID)
    assert json.loads(echo.body)["SecurityCredential"] == "credential"


def test_another_amount_and_a_foreign_id(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("wrong_amount", api="b2c")
    simulator.payout(ID)
    gateway.wait(B2C_RESULT)
    assert [each["amount_cents"] for each in payouts(simulator)] == [149_00]
    assert parameters(results(gateway)[0])["TransactionAmount"] == 149
    simulator.wish("foreign_id", api="b2c")
    accepted = simulator.payout(ID + "b").json()
    gateway.wait(B2C_RESULT, 2)
    assert results(gateway)[1]["OriginatorConversationID"] != ID + "b"
    assert results(gateway)[1]["ConversationID"] == accepted["ConversationID"]


def test_the_credential_is_opened_when_there_is_a_password(start: Any, gateway: GatewayDouble) -> None:
    simulator = start("--initiator-password", "Safaricom999!")
    simulator.post("/control/paybill", phone="+254700000001", amount=5000, account="482135")
    right, wrong = (simulator.credential(each) for each in ("Safaricom999!", "Safaricom998!"))
    for number, credential in enumerate([wrong, "credential", right]):
        simulator.payout(f"{ID}-{number}", SecurityCredential=credential)
        gateway.wait(B2C_RESULT, number + 1)
    assert codes(gateway) == [2001, 2001, 0]
    assert simulator.get("/control/initiator")["failures"] == 0
