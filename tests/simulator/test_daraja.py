"""Daraja's door: tokens, what an STK push must look like, the query, C2B registration, transaction status."""

import hashlib
import json
from typing import Any

import pytest

from tests.simulator.client import SHORTCODE, WANJIKU, Simulator, password
from tests.simulator.gateway_double import GatewayDouble

RESULT = "/pay/status/0123456789abcdef/result"
CONFIRMATION = "/pay/c2b/0123456789abcdef/confirmation"


def test_one_token_lives_at_a_time(simulator: Simulator) -> None:
    first = simulator.token().json()
    assert (len(first["access_token"]), first["expires_in"]) == (28, "3599")
    second = simulator.token().json()["access_token"]
    refused = simulator.push(first["access_token"])
    assert (refused.status_code, refused.json()["errorCode"]) == (404, "404.001.03")
    assert refused.json()["errorMessage"] == "Invalid Access Token"
    assert simulator.push(second).json()["ResponseCode"] == "0"


def test_a_token_ends_with_the_simulated_hour(simulator: Simulator) -> None:
    token = simulator.token().json()["access_token"]
    simulator.advance(3600)
    assert simulator.push(token).json()["errorCode"] == "404.001.03"


def test_wrong_credentials_get_no_token(simulator: Simulator) -> None:
    assert simulator.token("wrong").json()["errorCode"] == "400.008.01"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Amount", "0"),
        ("Amount", "10.5"),
        ("Amount", 300.5),
        ("Amount", ""),
        ("PhoneNumber", "0700000005"),
        ("PartyA", "254200000005"),
        ("AccountReference", "UMOJA4K7Q2M9X"),
        ("AccountReference", ""),
        ("TransactionDesc", "fourteen chars"),
        ("TransactionType", "PayBill"),
        ("Timestamp", "2026-11-20"),
        ("CallBackURL", "not a url"),
        ("CallBackURL", "http://example.org/pay"),
        ("CallBackURL", "https://example.org/mpesa/stk"),
        ("CallBackURL", "https://example.org/pay?sqlite=1"),
        ("CallBackURL", "https://example.org/QUERY"),
    ],
)
def test_a_bad_push_is_refused_by_field(simulator: Simulator, field: str, value: Any) -> None:
    changes = {"Password": password(value)} if field == "Timestamp" else {}
    answer = simulator.push(**(changes | {field: value}))
    assert answer.status_code == 400
    assert set(answer.json()) == {"requestId", "errorCode", "errorMessage"}
    assert (answer.json()["errorCode"], answer.json()["errorMessage"]) == (
        "400.002.02",
        f"Bad Request - Invalid {field}",
    )


def test_no_hand_pays_half_a_shilling(simulator: Simulator) -> None:
    """M-PESA's keyboard has no point: what is no whole number is refused, and nothing is cut off it."""
    for amount in (300.5, "300.5", 300.0, True, None, [300]):
        assert "whole shillings" in str(simulator.post("/control/paybill", phone=WANJIKU, amount=amount, account="1"))
    assert simulator.receipts() == []


def test_the_password_is_bound_to_its_timestamp(simulator: Simulator) -> None:
    answer = simulator.push(Timestamp="20261120140204")
    assert (answer.status_code, answer.json()["errorMessage"]) == (500, "Wrong credentials")


def test_an_unknown_id_shares_its_code(simulator: Simulator) -> None:
    answer = simulator.query("ws_CO_unknown")
    assert answer.status_code == 500
    assert answer.json()["errorCode"] == "500.001.1001"
    assert answer.json()["errorMessage"] == "The transaction does not Exist"


def test_what_is_not_simulated_says_so(simulator: Simulator) -> None:
    answer = simulator.daraja("/mpesa/billmanager/v1/optin", {})
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.001.1001")


def status_query(simulator: Simulator, gateway: GatewayDouble, **by: str) -> dict[str, Any]:
    """The acknowledgement; what it sets off has arrived by then."""
    body = {
        "Initiator": "testapi",
        "SecurityCredential": "credential",
        "CommandID": "TransactionStatusQuery",
        "PartyA": SHORTCODE,
        "IdentifierType": "4",
        "ResultURL": gateway.url + RESULT,
        "QueueTimeOutURL": gateway.url + "/pay/status/0123456789abcdef/timeout",
        "Remarks": "check",
    }
    answer: dict[str, Any] = simulator.daraja("/mpesa/transactionstatus/v1/query", body | by).json()
    assert answer["ResponseCode"] == "0"
    simulator.advance(1)
    return answer


def ask_status(simulator: Simulator, gateway: GatewayDouble, **by: str) -> dict[str, Any]:
    answer = status_query(simulator, gateway, **by)
    found: dict[str, Any] = json.loads(gateway.on(RESULT)[-1].body)["Result"]
    assert found["OriginatorConversationID"] == answer["OriginatorConversationID"]
    assert found["ConversationID"] == answer["ConversationID"]
    return found


def test_transaction_status_finds_a_payment(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("pays_silently")
    merchant_id = simulator.push().json()["MerchantRequestID"]
    simulator.advance(1)
    (receipt,) = simulator.receipts()
    for by in ({"TransactionID": receipt["receipt"]}, {"OriginalConversationID": merchant_id}):
        found = ask_status(simulator, gateway, **by)
        assert found["ResultCode"] == 0
        # An object or a list of one, as it happens with Safaricom.
        assert found["ReferenceData"]["ReferenceItem"] in ({"Key": "Occasion"}, [{"Key": "Occasion"}])
        listed = found["ResultParameters"]["ResultParameter"]
        keys = [item["Key"] for item in listed]
        assert keys.count("DebitPartyName") == 2
        assert {"Key": "TransactionReason"} in listed
        assert {"Key": "ReceiptNo", "Value": receipt["receipt"]} in listed
        assert {"Key": "Amount", "Value": "500"} in listed
        assert {"Key": "TransactionStatus", "Value": "Completed"} in listed
        assert found["TransactionID"].endswith("0000000")


def test_transaction_status_of_nothing_is_a_failure(simulator: Simulator, gateway: GatewayDouble) -> None:
    found = ask_status(simulator, gateway, TransactionID="UKK0000000")
    assert found["ResultCode"] != 0
    assert "ResultParameters" not in found
    assert ask_status(simulator, gateway, TransactionID="X", Initiator="stranger")["ResultCode"] == 2001


def test_transaction_status_timeout_echoes_the_request(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("timeout_echo", api="status", phone="*")
    status_query(simulator, gateway, TransactionID="UKK0000000")
    (echo,) = gateway.heard
    assert echo.path == "/pay/status/0123456789abcdef/timeout"
    assert json.loads(echo.body)["SecurityCredential"] == "credential"


def register(simulator: Simulator, gateway: GatewayDouble, version: str) -> dict[str, Any]:
    body = {
        "ShortCode": SHORTCODE,
        "ResponseType": "Completed",
        "ConfirmationURL": gateway.url + CONFIRMATION,
        "ValidationURL": gateway.url + "/pay/c2b/0123456789abcdef/validation",
    }
    answer: dict[str, Any] = simulator.daraja(f"/mpesa/c2b/{version}/registerurl", body).json()
    return answer


def test_paybill(simulator: Simulator, gateway: GatewayDouble) -> None:
    assert "OriginatorCoversationID" in register(simulator, gateway, "v2")
    hashed = hashlib.sha256(WANJIKU.lstrip("+").encode()).hexdigest()
    for version, payer in {"v1": hashed, "v2": "2547 ***** 005"}.items():
        gateway.reset()
        sent = simulator.post("/control/paybill", phone=WANJIKU, amount=250, account="482135", version=version)
        (heard,) = gateway.wait(CONFIRMATION)
        confirmation = json.loads(heard.body)
        truth = simulator.get("/control/truth")
        assert confirmation["TransID"] == sent["receipt"] == truth["receipts"][-1]["receipt"]
        assert (confirmation["BillRefNumber"], confirmation["TransAmount"]) == ("482135", "250.00")
        assert confirmation["MSISDN"] == payer
        assert confirmation["OrgAccountBalance"] == f"{truth['balances']['paybill']['utility_cents'] // 100}.00"
        assert truth["receipts"][-1]["kind"] == "paybill"


def test_a_refused_validation_moves_nothing(simulator: Simulator, gateway: GatewayDouble) -> None:
    register(simulator, gateway, "v2")
    gateway.say = lambda _: (200, '{"ResultCode":"C2B00012","ResultDesc":"Rejected"}', {})
    sent = simulator.post("/control/paybill", phone=WANJIKU, amount=250, account="1", validate=True)
    assert sent["state"] == "rejected"
    assert simulator.receipts() == []
    assert [each.path for each in gateway.heard] == ["/pay/c2b/0123456789abcdef/validation"]


def test_an_stk_payment_is_confirmed_as_c2b_too(simulator: Simulator, gateway: GatewayDouble) -> None:
    register(simulator, gateway, "v2")
    simulator.wish("pays")
    simulator.push()
    (heard,) = gateway.wait(CONFIRMATION)
    (receipt,) = simulator.receipts()
    assert json.loads(heard.body)["TransID"] == receipt["receipt"]
    assert json.loads(heard.body)["BillRefNumber"] == "UMOJA4K7Q2M9"


@pytest.mark.parametrize(
    ("outcome", "state", "paid"),
    [
        ("pays_silently", "Completed", True),
        ("timeout_echo", "Completed", True),
        ("timeout_unpaid", "Expired", False),
        ("insufficient", "Declined", False),
        ("no_answer", "Expired", False),
    ],
)
def test_transaction_status_finds_a_payout(
    simulator: Simulator, gateway: GatewayDouble, outcome: str, state: str, paid: bool
) -> None:
    simulator.post("/control/paybill", phone="+254700000001", amount=5000, account="482135")
    simulator.wish(outcome, api="b2c")
    accepted = simulator.payout("600123_payout_1").json()
    early = ask_status(simulator, gateway, OriginalConversationID="600123_payout_1")
    simulator.advance(3600)
    for by in ("600123_payout_1", accepted["ConversationID"]):
        found = ask_status(simulator, gateway, OriginalConversationID=by)
        listed = found["ResultParameters"]["ResultParameter"]
        assert {"Key": "TransactionStatus", "Value": state} in listed
        receipts = [each["receipt"] for each in simulator.get("/control/truth")["payouts"]]
        assert {"Key": "ReceiptNo", **({"Value": receipts[0]} if paid else {})} in listed
        assert len(receipts) == paid
    if outcome == "no_answer":
        assert {"Key": "TransactionStatus", "Value": "Authorized"} in early["ResultParameters"]["ResultParameter"]
