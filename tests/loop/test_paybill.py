"""Money sent straight to the paybill: one entry, one SMS, and Safaricom's book equal to ours."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
import requests

from gateway.cli import main
from gateway.commands import doctor, environment
from gateway.commands.register_urls import register
from gateway.wiring import Wiring
from payments.daraja.outcomes import Accepted
from payments.paybill import account_number
from tests.whole import SHORTCODE, Whole


def registered(whole: Whole, version: str) -> Whole:
    assert isinstance(register(whole.worker, version, SHORTCODE), Accepted)
    return whole


@pytest.fixture(params=["v1", "v2"])
def either(whole: Whole, request: pytest.FixtureRequest) -> Whole:
    """The house, with its addresses registered under either version: each hides another part of the payer's number."""
    return registered(whole, request.param)


@pytest.fixture(params=[pytest.param("v1", marks=pytest.mark.full), "v2"])
def paybill(whole: Whole, request: pytest.FixtureRequest) -> Whole:
    """The same, for what does not depend on whether the payer is known."""
    return registered(whole, request.param)


def account_of(whole: Whole, name: str) -> str:
    (row,) = whole.rows(
        "SELECT c.number, m.number AS mine FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE m.id = %s",
        whole.person(name)["id"],
    )
    return account_number(row["number"], row["mine"])


def send(whole: Whole, name: str, shillings: int, account: str) -> str:
    """Pays at the paybill's menu; the receipt."""
    paid = whole.simulator.post("/control/paybill", phone=whole.phone(name), amount=shillings, account=account)
    assert paid["confirmation"] == "sent"
    whole.settle()
    return str(paid["receipt"])


def booked(whole: Whole, receipt: str) -> tuple[str, str]:
    """The kind of its entry, and the account that is credited."""
    (row,) = whole.rows(
        "SELECT e.kind, a.code FROM receipts r JOIN entries e ON (e.book_id, e.seq) = (r.book_id, r.seq) "
        "JOIN postings p ON (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq) "
        "JOIN accounts a ON a.id = p.account_id WHERE r.receipt = %s AND p.amount_cents < 0",
        receipt,
    )
    return row["kind"], row["code"]


def hers(whole: Whole, name: str) -> tuple[str, str]:
    return "contribution", f"member:{whole.person(name)['id']}"


def reason(whole: Whole, receipt: str) -> str:
    assert booked(whole, receipt) == ("suspense", "suspense")
    return str(whole.value("SELECT reason FROM suspense WHERE receipt = %s AND state = 'open'", receipt))


def confirmation(receipt: dict[str, Any], version: str) -> dict[str, Any]:
    """What Safaricom tells about a receipt of its book, as a second delivery or one that overtakes another."""
    digits = receipt["phone"][1:]
    hashed = hashlib.sha256(digits.encode()).hexdigest()
    return {
        "TransactionType": "Pay Bill",
        "TransID": receipt["receipt"],
        "TransTime": "20261120140300",
        "TransAmount": f"{receipt['amount_cents'] / 100:.2f}",
        "BusinessShortCode": SHORTCODE,
        "BillRefNumber": receipt["reference"],
        "OrgAccountBalance": "",
        "MSISDN": hashed if version == "v1" else f"{digits[:4]} ***** {digits[-3:]}",
        "FirstName": "SOMEBODY",
    }


def tell(whole: Whole, body: dict[str, Any], secret: str = "") -> None:
    path = f"{whole.url}/pay/c2b/{secret or whole.settings.callback_secret}/confirmation"
    assert requests.post(path, data=json.dumps(body), timeout=10).json() == {"ResultCode": 0, "ResultDesc": "Success"}


def test_money_with_her_account_is_hers_whoever_sends_it(paybill: Whole) -> None:
    typed = account_of(paybill, "Wanjiku")
    own = send(paybill, "Wanjiku", 300, typed)
    told = paybill.sms("Wanjiku")
    assert len(told) == 1 and own in told[0] and "300" in told[0]
    spaced = send(paybill, "Amina", 200, f"acc {typed[:5]} - {typed[5:]}")
    strangers = send(paybill, "Daudi", 100, typed)
    for receipt in (own, spaced, strangers):
        assert booked(paybill, receipt) == hers(paybill, "Wanjiku")
    assert len(paybill.sms("Wanjiku")) == 3 and paybill.sms("Amina") == []
    assert {row["kind"] for row in paybill.rows("SELECT kind FROM receipts")} == {"c2b"}
    assert paybill.rows("SELECT * FROM suspense") == []
    assert paybill.equals_truth()


def test_a_member_of_one_chama_is_known_by_her_phone_when_the_account_is_wrong(either: Whole) -> None:
    for wrong in ("UMOJA", "", "99999 1", account_of(either, "Amina")[:5] + "99", "1" * 20):
        assert booked(either, send(either, "Wanjiku", 100, wrong)) == hers(either, "Wanjiku"), wrong
    assert len(either.sms("Wanjiku")) == 5
    assert either.equals_truth()


def test_what_nobody_can_be_named_for_is_in_suspense_with_its_reason(paybill: Whole) -> None:
    assert reason(paybill, send(paybill, "Daudi", 100, "UMOJA")) == "its account names no member"
    assert reason(paybill, send(paybill, "Daudi", 100, "")) == "it came without an account"
    (chama,) = paybill.rows("SELECT id FROM chamas WHERE name <> 'Umoja'")
    with paybill.worker.transaction() as conn:
        conn.execute(
            "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at) "
            "SELECT %s, user_id, 77, 'member', 'confirmed', 'number', joined_at FROM chama_members WHERE id = %s",
            [chama["id"], paybill.person("Wanjiku")["id"]],
        )
    several = "its account names no member, and its payer is in several chamas"
    assert reason(paybill, send(paybill, "Wanjiku", 100, "UMOJA")) == several
    assert paybill.sms("Wanjiku") == paybill.sms("Daudi") == []
    # The number of a group alone, as its QR code has it: that group, and no other one when she is not in it.
    number, other = (
        paybill.value("SELECT number FROM chamas WHERE (name = 'Umoja') = %s", one) for one in (True, False)
    )
    assert booked(paybill, send(paybill, "Wanjiku", 100, number)) == hers(paybill, "Wanjiku")
    unknown = "its account names a group that its payer is not known to be in"
    assert reason(paybill, send(paybill, "Amina", 100, other)) == unknown
    assert paybill.equals_truth()


def test_a_number_that_two_members_may_have_names_neither(either: Whole) -> None:
    """Under v1 by a shared contact phone, under v2 by the digits that a mask leaves, with the same first name."""
    with either.worker.transaction() as conn:
        conn.execute(
            "UPDATE users SET phone = '+254733000005', contact_phone = %s, first_name = 'Wanjiku' WHERE phone = %s",
            [either.phone("Wanjiku"), either.phone("Njeri")],
        )
    unclear = "its account names no member, and its payer may be several"
    assert reason(either, send(either, "Wanjiku", 100, "UMOJA")) == unclear
    assert either.equals_truth()


def test_a_mask_without_the_name_that_goes_with_it_names_nobody(whole: Whole) -> None:
    assert isinstance(register(whole.worker, "v2", SHORTCODE), Accepted)
    with whole.worker.transaction() as conn:
        conn.execute("UPDATE users SET first_name = 'Mary' WHERE phone = %s", [whole.phone("Wanjiku")])
    assert reason(whole, send(whole, "Wanjiku", 100, "UMOJA")) == "its account names no member"
    assert whole.equals_truth()


def test_a_push_that_is_told_twice_over_is_booked_once(paybill: Whole) -> None:
    """By callback and as a payment to the paybill, however and whenever the callback comes."""
    outcomes = ("pays", "callback_early", "pays_silently", "pays_late", "callback_twice")
    told = dict(zip(("Amina", "Baraka", "Chebet", "Njeri", "Wanjiku"), outcomes, strict=True))
    for name, outcome in told.items():
        paybill.simulator.wish(outcome, phone=paybill.phone(name))
        paybill.ask_to_contribute(name, 400)
    paybill.settle()
    for _ in range(4):
        paybill.advance(120)
    moved = {row["phone"]: row["receipt"] for row in paybill.truth()}
    assert len(moved) == len(paybill.truth()) == len(told)
    assert paybill.rows("SELECT receipt, kind, attempt_id IS NULL AS free FROM receipts ORDER BY receipt") == [
        {"receipt": receipt, "kind": "stk", "free": False} for receipt in sorted(moved.values())
    ]
    assert paybill.rows("SELECT state FROM payment_attempts") == [{"state": "paid"}] * len(told)
    for name, outcome in told.items():
        receipt = moved[paybill.phone(name)]
        assert [receipt in text for text in paybill.sms(name)].count(True) == 1, outcome
    assert paybill.equals_truth()


def test_a_push_reference_typed_by_hand_is_hers_with_the_amount_that_came(paybill: Whole) -> None:
    paybill.simulator.wish("no_answer", phone=paybill.phone("Wanjiku"))
    paybill.ask_to_contribute("Wanjiku", 400)
    paybill.settle()
    reference = paybill.value("SELECT account_reference FROM payment_attempts")
    other_amount = send(paybill, "Wanjiku", 150, reference.lower())
    other_phone = send(paybill, "Daudi", 400, reference)
    for receipt in (other_amount, other_phone):
        assert booked(paybill, receipt) == hers(paybill, "Wanjiku")
    assert paybill.value("SELECT count(*) FROM receipts WHERE kind = 'c2b'") == 2
    same = send(paybill, "Wanjiku", 400, reference)
    assert paybill.value("SELECT attempt_id IS NOT NULL FROM receipts WHERE receipt = %s", same)
    assert paybill.equals_truth()


def test_duplicates_and_late_notices_are_booked_once(paybill: Whole) -> None:
    typed = account_of(paybill, "Wanjiku")
    paybill.simulator.wish("callback_twice", api="c2b", phone=paybill.phone("Wanjiku"))
    twice = send(paybill, "Wanjiku", 100, typed)
    (receipt,) = [one for one in paybill.truth() if one["receipt"] == twice]
    tell(paybill, confirmation(receipt, "v2"))
    paybill.simulator.wish("pays_late", api="c2b", phone=paybill.phone("Wanjiku"))
    send(paybill, "Wanjiku", 200, typed)
    paybill.advance(3700)
    assert len(paybill.receipts()) == 2 and len(paybill.sms("Wanjiku")) == 2
    assert paybill.equals_truth()


def test_a_notice_without_our_secret_credits_nothing(whole: Whole) -> None:
    forged = {"receipt": "TKK7RT61SV", "phone": whole.phone("Wanjiku"), "amount_cents": 50_000}
    body = confirmation(forged | {"reference": account_of(whole, "Wanjiku")}, "v1")
    tell(whole, body, secret="ab" * 32)
    tell(whole, body | {"BusinessShortCode": "999999"})
    whole.settle()
    whole.advance(120)
    verdicts = {
        (row["verdict"], row["reason"])
        for row in whole.rows("SELECT verdict, reason FROM evidence WHERE source = 'c2b_confirmation'")
    }
    assert verdicts == {("unmatched", "its secret is not ours"), ("refused", "for a shortcode that is not ours")}
    assert whole.equals_truth() and whole.receipts() == {}


def test_a_validation_is_answered_without_postgresql(paybill: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = account_of(paybill, "Wanjiku")
    question = confirmation(
        {"receipt": "TKK7RT61SV", "phone": "+254700000005", "amount_cents": 100, "reference": ""}, "v1"
    )
    with monkeypatch.context() as away:
        away.setattr(Wiring, "_begun", lambda *given: pytest.fail("it asked PostgreSQL"))
        away.setattr(Wiring, "at_once", lambda *given: pytest.fail("an empty account needs no look"))
        path = f"{paybill.url}/pay/c2b/{paybill.settings.callback_secret}/validation"
        answer = requests.post(path, data=json.dumps(question), timeout=10)
    assert answer.json() == {"ResultCode": "0", "ResultDesc": "Accepted"}
    body = {"phone": paybill.phone("Wanjiku"), "amount": 100, "account": typed, "validate": True}
    assert paybill.simulator.post("/control/paybill", **body)["state"] == "completed"
    paybill.settle()
    asked_first = "SELECT verdict, reason FROM evidence WHERE source = 'c2b_validation'"
    assert paybill.rows(asked_first) == [{"verdict": "applied", "reason": "asked before the money moved"}] * 2
    assert len(paybill.receipts()) == 1 and paybill.equals_truth()


def test_the_doctor_says_when_the_paybill_is_not_registered(
    whole: Whole, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fix() -> str:
        with whole.worker.transaction() as conn:
            return doctor.paybill(whole.worker, conn).fix

    assert fix() == ""
    whole.contribute("Wanjiku")
    assert "pesachama register-urls" in fix()
    monkeypatch.setattr(environment, "wiring", lambda process: replace(whole.worker))
    whole.simulator.wish("spike_arrest", api="c2b", phone="")
    assert main(["register-urls"]) == 1
    assert "URL Management" in capsys.readouterr().err
    assert main(["register-urls"]) == 0
    whole.advance(900)
    whole.contribute("Amina")
    assert fix() == "" and whole.equals_truth()
