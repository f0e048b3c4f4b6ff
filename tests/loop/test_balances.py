"""Account Balance against the real simulator: asked each day, believed under its token, asserted of the books."""

from typing import Any

import pytest
import requests

from gateway import alarms
from ledger.nairobi import local
from payments import balances
from payments.float_checks import COMPARE_AFTER
from tests.instruments import BEGINS
from tests.loop.test_paybill import account_of
from tests.loop.test_pull import sends
from tests.whole import Whole

DAY = 86_400


def questions(whole: Whole) -> list[dict[str, Any]]:
    return whole.rows("SELECT state, asked, utility_cents, outcome FROM balance_questions ORDER BY id")


def compared(whole: Whole) -> list[tuple[str, int, int]]:
    return [
        (row["result"], row["asserted_cents"], row["found_cents"])
        for row in whole.rows("SELECT * FROM balance_assertions WHERE source = 'mpesa_balance' ORDER BY id")
    ]


def days_begun(whole: Whole) -> int:
    """In Nairobi, the first one included: each brings a question, also one that begins during the test."""
    return (local(whole.worker.now()).date() - local(BEGINS).date()).days + 1


def compare(whole: Whole) -> None:
    """Until every question was compared, also that of a day that begins meanwhile."""
    for _ in range(3):
        whole.advance(COMPARE_AFTER.total_seconds())
        if all(row["state"] == "compared" for row in questions(whole)):
            break
    assert compared(whole) == [("held", 0, 0)] * days_begun(whole)
    assert len(questions(whole)) == days_begun(whole)


def test_each_day_is_asked_and_agrees_with_the_books(whole: Whole) -> None:
    whole.contribute("Wanjiku")
    compare(whole)
    whole.advance(DAY)
    compare(whole)
    assert questions(whole)[-1] == {
        "state": "compared", "asked": 1, "utility_cents": 50_000, "outcome": "agrees with the books"
    }  # fmt: skip
    verdicts = whole.rows("SELECT verdict FROM evidence WHERE source = 'balance_result'")
    assert verdicts == [{"verdict": "applied"}] * days_begun(whole)
    assert whole.equals_truth()


def test_money_that_nobody_told_us_is_a_count_that_failed_and_is_answered_when_it_is_here(whole: Whole) -> None:
    whole.settle()
    whole.advance(COMPARE_AFTER.total_seconds())
    sends(whole, "Wanjiku", 300, account_of(whole, "Wanjiku"))
    whole.advance(DAY)
    whole.advance(COMPARE_AFTER.total_seconds())
    assert compared(whole)[-1] == ("failed", 30_000, 0)
    with whole.worker.transaction() as conn:
        assert "count_failed" in [one.name for one in alarms.read(conn, whole.worker.now())]
    # The money is found by asking about its receipt, as an official would who has the statement.
    (moved,) = whole.truth()
    whole.simulator.post("/control/paybill", phone=whole.phone("Amina"), amount=1, account="x")
    requests.post(f"{whole.url}/pay/stk/{'ab' * 32}", json=callback(moved["receipt"]), timeout=10)
    requests.post(f"{whole.url}/pay/stk/{'cd' * 32}", json=callback(whole.truth()[1]["receipt"]), timeout=10)
    whole.settle()
    whole.advance(120)
    assert len(whole.receipts()) == 2
    whole.advance(DAY)
    whole.advance(COMPARE_AFTER.total_seconds())
    assert compared(whole)[-1][0] == "held"
    assert whole.equals_truth()


def callback(receipt: str) -> dict[str, Any]:
    items = [{"Name": "Amount", "Value": 1}, {"Name": "MpesaReceiptNumber", "Value": receipt}]
    items.append({"Name": "TransactionDate", "Value": 20261120140300})
    told = {"ResultCode": 0, "CallbackMetadata": {"Item": items}}
    return {"Body": {"stkCallback": told}}


def test_while_a_payment_is_unclear_a_difference_is_no_alarm_yet(whole: Whole) -> None:
    whole.simulator.post("/control/initiator", roles=["balance"])
    whole.settle()
    whole.advance(COMPARE_AFTER.total_seconds())
    whole.simulator.wish("pays_silently", phone=whole.phone("Wanjiku"))
    whole.ask_to_contribute("Wanjiku")
    whole.settle()
    with whole.worker.transaction() as conn:
        asked = balances.open_question(conn, 1, "person", at=whole.worker.now())
    for seconds in (10, 30, 60, COMPARE_AFTER.total_seconds()):
        whole.advance(seconds)
    found = whole.rows("SELECT state, outcome FROM balance_questions WHERE id = %s", asked)
    assert found == [{"state": "answered", "outcome": "differs while money is unclear"}]
    assert {*compared(whole)} == {("held", 0, 0)}


def test_an_answer_that_stays_away_is_asked_for_again(whole: Whole) -> None:
    """In another way on each of four days."""
    for days, outcome in enumerate(("pays_silently", "timeout_echo", "html_200", "spike_arrest")):
        whole.simulator.wish(outcome, api="balance", phone="*")
        before = len(questions(whole))
        whole.advance(DAY if days else 0)
        assert [row["state"] for row in questions(whole)[before:]] == ["asked"], outcome
        whole.advance(120)
        answered = {"state": "answered", "asked": 2, "utility_cents": 0, "outcome": None}
        assert questions(whole)[before] == answered, outcome


def test_an_answer_that_never_comes_is_given_up_and_said(whole: Whole) -> None:
    whole.simulator.wish("pays_silently", api="balance", phone="*", times=9)
    for seconds in (0, 130, 610, 1_810):
        whole.advance(seconds)
    assert questions(whole)[0] == {"state": "closed", "asked": 3, "utility_cents": None, "outcome": "no answer came"}


def test_an_answer_that_is_no_balance_is_shown_and_asked_for_again(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = iter(["ab" * 32])
    with monkeypatch.context() as known:
        known.setattr("payments.float_checks.new_token", lambda chance: next(tokens))
        whole.simulator.wish("pays_silently", api="balance", phone="*")
        whole.settle()
    said = [{"Key": "AccountBalance", "Value": "Utility Account|KES|much|0|0|0"}]
    body = {"Result": {"ResultCode": "0", "ResultParameters": {"ResultParameter": said}}}
    requests.post(f"{whole.url}/pay/balance/{'ab' * 32}/result", json=body, timeout=10)
    whole.settle()
    shown = whole.rows("SELECT verdict, reason FROM evidence WHERE source = 'balance_result'")
    assert shown == [{"verdict": "unreadable", "reason": "not its shape: BOCompletedTime"}]
    whole.advance(120)
    assert questions(whole)[0]["state"] == "answered"


def test_a_refused_initiator_is_not_asked_with_again(whole: Whole) -> None:
    whole.simulator.post("/control/initiator", roles=["b2c"])
    whole.settle()
    assert questions(whole)[0]["outcome"] == balances.REFUSED
    with whole.worker.transaction() as conn:
        assert [one.name for one in alarms.read(conn, whole.worker.now())] == ["initiator_refused"]
    whole.advance(DAY)
    whole.advance(DAY)
    assert whole.value("SELECT sum(asked) FROM balance_questions") == 1
    whole.simulator.post("/control/initiator", roles=["b2c", "balance"])
    with whole.worker.transaction() as conn:
        assert balances.ask_again(conn, at=whole.worker.now()) == 1
    whole.advance(10)
    assert questions(whole)[-1]["state"] == "answered"


def test_an_answer_under_a_token_that_is_not_ours_says_nothing(whole: Whole) -> None:
    whole.settle()
    before = questions(whole)
    body = {"Result": {"ResultCode": "0", "ResultParameters": {"ResultParameter": []}}}
    requests.post(f"{whole.url}/pay/balance/{'ab' * 32}/result", json=body, timeout=10)
    whole.settle()
    assert questions(whole) == before
    forged = "SELECT verdict, reason FROM evidence WHERE source = 'balance_result' ORDER BY id DESC LIMIT 1"
    assert whole.rows(forged) == [{"verdict": "unmatched", "reason": "its token is not one of ours"}]


def test_what_moves_after_the_answer_is_taken_off_again(whole: Whole) -> None:
    whole.settle()
    whole.advance(5)
    whole.contribute("Wanjiku")
    whole.advance(COMPARE_AFTER.total_seconds())
    assert {*compared(whole)} == {("held", 0, 0)}
    assert whole.equals_truth()
