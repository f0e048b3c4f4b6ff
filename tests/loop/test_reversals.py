"""Money that goes back: asked for by one operator, agreed on by another, and reversed once whatever the wire does."""

import json
from typing import Any

import pytest
import requests

from chamas.approving.deciders import AnotherMustAgree
from chamas.arriving import unmatched
from chamas.members import register as people
from gateway.commands.register_urls import register
from payments.daraja.outcomes import Accepted
from tests.loop.test_paybill import send
from tests.loop.test_unmatched import word
from tests.whole import SHORTCODE, Whole

# The wire's ways to lose, repeat and reorder what is asked and answered.
WAYS = (
    "", "pays_silently", "callback_twice", "callback_early", "answer_lost", "timeout_echo", "html_200", "spike_arrest",
    "token_invalid",
)  # fmt: skip


@pytest.fixture
def house(whole: Whole) -> Whole:
    assert isinstance(register(whole.worker, "v1", SHORTCODE), Accepted)
    return whole


def operator(house: Whole, email: str) -> int:
    with house.worker.transaction() as conn:
        return people.seat_operator(
            conn, email=email, password_hash="-", first_name="Op", platform_role="admin", at=house.worker.now()
        )


def agree(house: Whole, receipt: str) -> None:
    first, second = operator(house, "first@house.example"), operator(house, "second@house.example")
    at = house.web.now()
    with house.web.overseeing(first) as conn:
        wanted = unmatched.ask_return(conn, receipt, by=first, at=at)
        with pytest.raises(AnotherMustAgree):
            unmatched.decide(conn, wanted, word(conn, wanted, first, at))
    with house.web.overseeing(second) as conn:
        unmatched.decide(conn, wanted, word(conn, wanted, second, at))


def gone_back(house: Whole) -> list[dict[str, Any]]:
    return list(house.simulator.get("/control/truth")["reversals"])


def settled(house: Whole, receipt: str) -> dict[str, Any]:
    (row,) = house.rows(
        "SELECT r.state AS reversal, s.state AS suspense, t.state AS settlement FROM reversals r "
        "JOIN suspense s USING (receipt) JOIN settlements t USING (receipt) WHERE receipt = %s", receipt,
    )  # fmt: skip
    return row


def test_it_goes_back_once_whatever_the_wire_does(house: Whole) -> None:
    """The money of one stranger for each way, agreed on one after the other and on its way back at the same time."""
    strangers = {way: f"+2547001000{number:02}" for number, way in enumerate(WAYS)}
    receipts = {}
    for way, phone in strangers.items():
        paid = house.simulator.post("/control/paybill", phone=phone, amount=300, account="KODI")
        receipts[way] = str(paid["receipt"])
        if way:
            house.simulator.wish(way, api="reversal", phone=phone)
    house.settle()
    for receipt in receipts.values():
        agree(house, receipt)
    house.settle()
    for _ in range(3):
        house.advance(601)
    back = {row["original"]: (row["amount_cents"], row["phone"]) for row in gone_back(house)}
    assert len(gone_back(house)) == len(WAYS)
    assert back == {receipts[way]: (300_00, phone) for way, phone in strangers.items()}
    for way, receipt in receipts.items():
        ended = {"reversal": "booked", "suspense": "resolved", "settlement": "done"}
        assert settled(house, receipt) == ended, way
    kinds = house.rows("SELECT kind FROM entries WHERE book_id IN (SELECT book_id FROM receipts) ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["reversal"] * len(WAYS) + ["suspense"] * len(WAYS)
    held = house.rows("SELECT debits_posted_cents = credits_posted_cents AS even FROM accounts WHERE code = 'mpesa'")
    assert [row["even"] for row in held] == [True]
    assert house.unsound() == []


def test_a_refusal_leaves_the_money_where_it_is_until_it_is_agreed_on_anew(house: Whole) -> None:
    receipt = send(house, "Daudi", 300, "KODI")
    house.simulator.post("/control/initiator", roles=["status"])
    agree(house, receipt)
    house.settle()
    house.advance(601)
    assert settled(house, receipt) == {"reversal": "refused", "suspense": "open", "settlement": "void"}
    assert gone_back(house) == [] and house.value("SELECT result_code FROM reversals") == "21"
    house.simulator.post("/control/initiator", roles=["status", "reversal"])
    agree(house, receipt)
    house.settle()
    house.advance(601)
    assert house.value("SELECT state FROM reversals") == "booked" and len(gone_back(house)) == 1
    assert house.unsound() == []


def test_a_forged_result_returns_nothing(house: Whole) -> None:
    receipt = send(house, "Daudi", 300, "KODI")
    house.simulator.wish("pays_silently", api="reversal", phone=house.phone("Daudi"))
    body = {"Result": {"ResultType": 0, "ResultCode": 0, "TransactionID": "TKK7RT61SW", "ResultParameters": {
        "ResultParameter": [{"Key": "OriginalTransactionID", "Value": receipt}]}}}  # fmt: skip
    requests.post(f"{house.url}/pay/reversal/{'ab' * 32}/result", data=json.dumps(body), timeout=10)
    house.settle()
    assert house.value("SELECT state FROM suspense WHERE receipt = %s", receipt) == "open"
    said = house.rows("SELECT verdict, reason FROM evidence WHERE source = 'reversal_result'")
    assert said == [{"verdict": "unmatched", "reason": "its token is not one of ours"}]
