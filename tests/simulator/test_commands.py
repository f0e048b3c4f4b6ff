"""Account balance, reversal, B2B and QR: acknowledged at once, answered on ResultURL, true in Safaricom's own book."""

import base64
import json
import struct
import zlib
from decimal import Decimal
from typing import Any

import pytest
import requests
import zxingcpp

from tests.simulator.client import COMMAND_RESULT, COMMAND_TIMEOUT, SHORTCODE, WANJIKU, Simulator
from tests.simulator.gateway_double import GatewayDouble

BALANCE = {"PartyA": SHORTCODE, "IdentifierType": "4"}


def ask_balance(simulator: Simulator, **more: Any) -> requests.Response:
    return simulator.command("/mpesa/accountbalance/v1/query", "AccountBalance", **(BALANCE | more))


def reverse(simulator: Simulator, receipt: str, amount: object = "250", **more: Any) -> requests.Response:
    own = {"TransactionID": receipt, "Amount": amount, "ReceiverParty": SHORTCODE, "RecieverIdentifierType": "11"}
    return simulator.command("/mpesa/reversal/v1/request", "TransactionReversal", **(own | more))


def transfer(simulator: Simulator, **more: Any) -> requests.Response:
    own = {
        "SenderIdentifierType": "4",
        "RecieverIdentifierType": "4",
        "Amount": "200",
        "PartyA": SHORTCODE,
        "PartyB": "400200",
        "AccountReference": "BANK77",
    }
    return simulator.command("/mpesa/b2b/v1/paymentrequest", "BusinessPayBill", **(own | more))


def pay_in(simulator: Simulator, amount: int = 250) -> str:
    return str(simulator.post("/control/paybill", phone=WANJIKU, amount=amount, account="482135")["receipt"])


def answers(simulator: Simulator, gateway: GatewayDouble) -> list[dict[str, Any]]:
    simulator.advance(1)
    return [json.loads(each.body, parse_float=Decimal)["Result"] for each in gateway.on(COMMAND_RESULT)]


def named(result: dict[str, Any]) -> dict[str, Any]:
    return {item["Key"]: item.get("Value") for item in result["ResultParameters"]["ResultParameter"]}


def truth(simulator: Simulator) -> dict[str, Any]:
    found: dict[str, Any] = simulator.get("/control/truth")
    return found


def test_the_balance_is_the_books_own(simulator: Simulator, gateway: GatewayDouble) -> None:
    pay_in(simulator, 5000)
    simulator.payout("600123_payout_1")
    simulator.advance(1)
    acknowledged = ask_balance(simulator).json()
    (result,) = answers(simulator, gateway)
    assert (result["ResultCode"], result["ResultType"]) == ("0", "0")
    assert result["ConversationID"] == acknowledged["ConversationID"]
    accounts = dict(line.split("|", 1) for line in named(result)["AccountBalance"].split("&"))
    assert accounts["Utility Account"] == "KES|4850.00|4850.00|0.00|0.00"
    assert accounts["Charges Paid Account"].startswith("KES|-5.00|")
    assert len(accounts) == 5


@pytest.mark.parametrize(
    ("outcome", "told", "echoes"),
    [("pays_silently", 0, 0), ("callback_twice", 2, 0), ("callback_early", 1, 0), ("timeout_echo", 0, 1)],
)
def test_outcomes_of_a_command(
    simulator: Simulator, gateway: GatewayDouble, outcome: str, told: int, echoes: int
) -> None:
    simulator.wish(outcome, api="balance", phone="*")
    assert ask_balance(simulator).json()["ResponseCode"] == "0"
    if outcome == "callback_early":
        assert len(gateway.on(COMMAND_RESULT)) == 1
    assert (len(answers(simulator, gateway)), len(gateway.on(COMMAND_TIMEOUT))) == (told, echoes)


def test_a_lost_acknowledgement(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("answer_lost", api="balance", phone="*")
    with pytest.raises(requests.ConnectionError):
        ask_balance(simulator)
    assert len(answers(simulator, gateway)) == 1


@pytest.mark.parametrize("role", ["balance", "reversal", "b2b", "status"])
def test_every_command_asks_who_commands(simulator: Simulator, gateway: GatewayDouble, role: str) -> None:
    receipt = pay_in(simulator)
    simulator.post("/control/initiator", roles=[each for each in ("balance", "reversal", "b2b") if each != role])
    about = {"TransactionID": receipt, "PartyA": SHORTCODE, "IdentifierType": "4"}
    commands = {
        "balance": lambda **more: ask_balance(simulator, **more),
        "reversal": lambda **more: reverse(simulator, receipt, **more),
        "b2b": lambda **more: transfer(simulator, **more),
        "status": lambda **more: simulator.command(
            "/mpesa/transactionstatus/v1/query", "TransactionStatusQuery", **about, **more
        ),
    }
    before = truth(simulator)
    commands[role]()
    commands[role](Initiator="stranger")
    assert sorted(each["ResultCode"] for each in answers(simulator, gateway)) == [21, 2001]
    assert truth(simulator) == before


def test_a_reversal_happens_once(simulator: Simulator, gateway: GatewayDouble) -> None:
    receipt = pay_in(simulator)
    for amount in ("249", "250", "250"):
        reverse(simulator, receipt, amount)
        answers(simulator, gateway)
    wrong, done, again = answers(simulator, gateway)
    assert [each["ResultCode"] for each in (wrong, done, again)] == ["R000002", 0, "R000001"]
    assert named(done)["OriginalTransactionID"] == receipt
    (reversal,) = truth(simulator)["reversals"]
    assert (reversal["receipt"], reversal["original"]) == (done["TransactionID"], receipt)
    assert truth(simulator)["balances"]["paybill"]["utility_cents"] == 0
    assert truth(simulator)["balances"]["phones"][WANJIKU] == 100_000_00


def test_only_customers_payments_are_reversed(simulator: Simulator, gateway: GatewayDouble) -> None:
    pay_in(simulator, 5000)
    simulator.payout("600123_payout_1")
    simulator.advance(1)
    (payout,) = truth(simulator)["payouts"]
    for receipt in (payout["receipt"], "UKK0000000"):
        reverse(simulator, receipt, 150)
    assert [each["ResultCode"] for each in answers(simulator, gateway)] == ["R000002", "R000002"]
    assert truth(simulator)["reversals"] == []


def test_a_reversal_needs_the_money(simulator: Simulator, gateway: GatewayDouble) -> None:
    receipt = pay_in(simulator)
    transfer(simulator)
    answers(simulator, gateway)
    reverse(simulator, receipt)
    assert answers(simulator, gateway)[-1]["ResultCode"] == 1


def test_a_reversal_may_happen_without_a_word(simulator: Simulator, gateway: GatewayDouble) -> None:
    receipt = pay_in(simulator)
    simulator.wish("pays_silently", api="reversal")
    reverse(simulator, receipt)
    assert answers(simulator, gateway) == []
    assert [each["original"] for each in truth(simulator)["reversals"]] == [receipt]


def test_money_to_another_paybill(simulator: Simulator, gateway: GatewayDouble) -> None:
    pay_in(simulator)
    transfer(simulator)
    (result,) = answers(simulator, gateway)
    found = named(result)
    assert found["Amount"] == "200.00"
    assert found["DebitAccountBalance"] == "{Amount={CurrencyCode=KES, MinimumAmount=5000, BasicAmount=50.00}}"
    (booked,) = truth(simulator)["transfers"]
    assert (booked["shortcode"], booked["account"], booked["amount_cents"]) == ("400200", "BANK77", 200_00)
    transfer(simulator)
    failed = answers(simulator, gateway)[-1]
    assert (failed["ResultCode"], failed["ResultParameters"]["ResultParameter"]["Key"]) == (1, "BOCompletedTime")


def scanned(picture: bytes) -> str:
    """What a scanner reads off a PNG of 8-bit grey without filters."""
    [side] = struct.unpack(">I", picture[16:20])
    begin = picture.index(b"IDAT")
    [length] = struct.unpack(">I", picture[begin - 4 : begin])
    lines = zlib.decompress(picture[begin + 4 : begin + 4 + length])
    dots = b"".join(lines[row * (side + 1) + 1 : (row + 1) * (side + 1)] for row in range(side))
    [found] = zxingcpp.read_barcodes(memoryview(dots).cast("B", (side, side)))
    return str(found.text)


def test_a_code_to_print(simulator: Simulator) -> None:
    body = {
        "MerchantName": "Umoja",
        "RefNo": "482135",
        "Amount": 250,
        "TrxCode": "PB",
        "CPI": SHORTCODE,
        "Size": "300",
    }
    answer = simulator.daraja("/mpesa/qrcode/v1/generate", body).json()
    assert answer["ResponseCode"] == "00"
    picture = base64.b64decode(answer["QRCode"])
    assert picture.startswith(b"\x89PNG")
    assert scanned(picture) == "Umoja|482135|250|PB|600123"
    # As large as asked for, and still read where there is room for three dots a module only.
    answer = simulator.daraja(
        "/mpesa/qrcode/v1/generate", body | {"Size": "120", "MerchantName": "Jamii ya Pwani"}
    ).json()
    assert scanned(base64.b64decode(answer["QRCode"])) == "Jamii ya Pwani|482135|250|PB|600123"
    assert simulator.daraja("/mpesa/qrcode/v1/generate", body | {"TrxCode": "XX"}).status_code == 400
