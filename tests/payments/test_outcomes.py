"""Every outcome that the simulator knows for a push, from wish to receipt: what we believe equals its truth."""

from typing import Any

import pytest

from payments import pushes, reconcile, watch
from payments.attempts import Attempt
from tests.payments.door import soon
from tests.payments.scene import ATIENO, WANJIKU, Scene
from tests.simulator.client import Simulator


def heard(live: Scene, number: int = 1) -> bool:
    """Whether so many deliveries are stored, repetitions counted."""
    total = live.row("SELECT coalesce(sum(seen_count), 0) AS seen FROM evidence WHERE source <> 'stk_query'")["seen"]
    return int(total) >= number


def pushed(live: Scene, **changes: Any) -> Attempt:
    attempt = live.wished(**changes)
    assert pushes.send_due(live.wiring) == 1
    return live.attempt(attempt.id)


def asks(live: Scene, seconds: float) -> None:
    """Our own clock moves on, due questions are asked, and what is stored by then is read."""
    live.wiring.clock.advance(seconds)  # type: ignore[attr-defined]
    reconcile.ask_due(live.wiring)
    live.reads()


def equals_truth(live: Scene, safaricom: Simulator) -> None:
    truth = sorted((row["receipt"], row["amount_cents"]) for row in safaricom.receipts())
    assert [(receipt, cents) for receipt, cents, _ in live.receipts()] == truth
    assert sorted(told.receipt for told in live.book.told) == [receipt for receipt, _ in truth]


@pytest.mark.parametrize("outcome", ["pays", "callback_early", "callback_twice", "answer_lost"])
def test_money_that_is_told_is_booked_once(live: Scene, safaricom: Simulator, outcome: str) -> None:
    safaricom.wish(outcome)
    attempt = pushed(live)
    assert attempt.state == ("unclear" if outcome == "answer_lost" else "pending")
    soon(lambda: heard(live, 2 if outcome == "callback_twice" else 1))
    live.reads()
    assert live.attempt(attempt.id).state == "paid"
    assert len(safaricom.receipts()) == 1
    equals_truth(live, safaricom)
    assert pushes.send_due(live.wiring) == 0
    assert live.rows("SELECT * FROM inquiries WHERE due_at IS NOT NULL") == []


@pytest.mark.parametrize(("outcome", "code"), [("wrong_pin", "2001"), ("cancels", "1032"), ("insufficient", "1")])
def test_a_no_is_final_and_frees_the_member(live: Scene, safaricom: Simulator, outcome: str, code: str) -> None:
    safaricom.wish(outcome)
    attempt = pushed(live)
    soon(lambda: heard(live))
    live.reads()
    after = live.attempt(attempt.id)
    assert (after.state, after.result_code) == ("failed_final", code)
    assert safaricom.receipts() == []
    live.wished(b"again")


def test_no_answer_is_soft_and_a_late_payment_wins(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("pays_late")
    attempt = pushed(live)
    safaricom.advance(61)
    soon(lambda: heard(live))
    live.reads()
    assert live.attempt(attempt.id).state == "failed_soft"
    safaricom.advance(6)
    soon(lambda: heard(live, 2))
    live.reads()
    assert live.attempt(attempt.id).state == "paid"
    equals_truth(live, safaricom)


def test_no_answer_is_asked_about_and_then_left(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("no_answer")
    attempt = pushed(live)
    safaricom.advance(61)
    soon(lambda: heard(live))
    for seconds in (25, 25, 45, 90, 420, 30):
        asks(live, seconds)
    assert live.attempt(attempt.id).state == "failed_soft"
    inquiry = live.row("SELECT * FROM inquiries")
    assert (inquiry["kind"], inquiry["state"], inquiry["asked"]) == ("stk_query", "closed", 5)
    assert live.row("SELECT seen_count FROM evidence WHERE source = 'stk_query'")["seen_count"] == 5


def test_money_without_a_callback_is_found_by_asking(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("pays_silently")
    attempt = pushed(live)
    soon(safaricom.receipts)
    asks(live, 21)
    assert live.attempt(attempt.id).state == "proven"
    assert live.receipts() == []
    asks(live, 1)
    soon(lambda: heard(live))
    live.reads()
    assert live.attempt(attempt.id).state == "paid"
    equals_truth(live, safaricom)
    asks(live, 1_000)
    assert live.rows("SELECT * FROM inquiries WHERE due_at IS NOT NULL") == []


def test_a_prompt_that_is_still_out_stays_pending(live: Scene, safaricom: Simulator) -> None:
    attempt = pushed(live)
    asks(live, 21)
    assert live.attempt(attempt.id).state == "pending"
    assert live.row("SELECT verdict, reason FROM evidence") == {
        "verdict": "repeated", "reason": "still being processed",
    }  # fmt: skip
    with pytest.raises(pushes.StillWaiting):
        live.wished(b"again")


def test_a_contradiction_does_not_take_the_money_back(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("contradicts")
    attempt = pushed(live)
    soon(lambda: heard(live))
    safaricom.advance(2)
    soon(lambda: heard(live, 2))
    live.reads()
    assert live.attempt(attempt.id).state == "paid"
    assert [verdict for verdict, _ in live.verdicts()] == ["applied", "late"]
    equals_truth(live, safaricom)


def test_a_wrong_amount_ends_in_suspense_with_the_amount_that_moved(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("wrong_amount")
    attempt = pushed(live)
    soon(lambda: heard(live))
    live.reads()
    assert live.verdicts() == [("refused", "wrong amount")]
    assert live.receipts() == []
    asks(live, 61)
    soon(lambda: heard(live, 2))
    live.reads()
    equals_truth(live, safaricom)
    assert live.row("SELECT reason FROM suspense")["reason"] == "wrong amount"
    assert live.receipts()[0][1:] == (49_900, None)
    assert live.attempt(attempt.id).state == "paid_otherwise"
    # Nothing is asked any more, and who wishes again is not told that the last one still waits.
    assert live.rows("SELECT * FROM inquiries WHERE due_at IS NOT NULL") == []
    assert [span for span in watch.open_money(live.conn, at=live.wiring.now()) if span.count] == []
    live.wished(b"again")


def test_a_page_instead_of_an_answer_is_unclear_and_never_sent_again(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("html_200")
    attempt = pushed(live)
    assert attempt.state == "unclear"
    row = live.row("SELECT send_outcome, response_status FROM payment_attempts")
    assert row == {"send_outcome": "unknown", "response_status": 200}
    safaricom.wish("pays")
    for _ in range(6):
        asks(live, 200)
        assert pushes.send_due(live.wiring) == 0
    assert safaricom.receipts() == []
    assert live.wished(b"again").id != attempt.id
    assert live.row("SELECT kind, outcome FROM inquiries WHERE due_at IS NOT NULL")["kind"] == "status"


def test_what_was_proved_not_to_be_executed_is_sent_again(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("spike_arrest")
    attempt = pushed(live)
    assert attempt.state == "created"
    first_token = attempt.token_hash
    assert pushes.send_due(live.wiring) == 0
    live.wiring.clock.advance(3)  # type: ignore[attr-defined]
    safaricom.wish("pays")
    assert pushes.send_due(live.wiring) == 1
    assert live.attempt(attempt.id).token_hash != first_token
    soon(lambda: heard(live))
    live.reads()
    assert live.attempt(attempt.id).state == "paid"
    equals_truth(live, safaricom)


def test_a_dead_token_is_replaced_within_the_same_call(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("token_invalid")
    safaricom.wish("pays")
    attempt = pushed(live)
    assert (attempt.state, attempt.tries) == ("pending", 1)
    assert live.row("SELECT version FROM daraja_tokens")["version"] == 1
    soon(lambda: heard(live))
    live.reads()
    equals_truth(live, safaricom)


def test_ids_of_an_earlier_push_identify_nothing_but_the_money_is_booked(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("cancels")
    first = pushed(live)
    soon(lambda: heard(live))
    live.reads()
    safaricom.wish("duplicate_id")
    second = pushed(live, key=b"second")
    assert (first.checkout_request_id is None, second.checkout_request_id) == (False, None)
    soon(lambda: heard(live, 2))
    live.reads()
    assert live.attempt(second.id).state == "paid"
    assert live.attempt(first.id).state == "failed_final"
    equals_truth(live, safaricom)


def test_a_locked_subscriber_is_tried_again_later(live: Scene, safaricom: Simulator) -> None:
    """Somebody else's prompt is on her screen."""
    token = live.wiring.daraja.fetch_token(live.wiring.daraja.keys)
    safaricom.push(getattr(token, "text", ""))
    attempt = pushed(live)
    assert attempt.state == "created"
    assert live.row("SELECT response FROM payment_attempts")["response"]["errorCode"] == "500.001.1001"


def test_a_lost_status_answer_is_asked_for_again(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("pays_silently")
    attempt = pushed(live)
    soon(safaricom.receipts)
    asks(live, 21)
    safaricom.wish("timeout_echo", api="status")
    asks(live, 1)
    soon(lambda: heard(live))
    asks(live, 46)
    soon(lambda: heard(live, 2))
    live.reads()
    assert live.attempt(attempt.id).state == "paid"
    stored = b"".join(bytes(row["body"]) for row in live.rows("SELECT body FROM evidence"))
    assert live.wiring.settings.mpesa_security_credential.encode() not in stored
    equals_truth(live, safaricom)


def test_two_phones_do_not_wait_for_each_other(live: Scene, safaricom: Simulator) -> None:
    for phone in (WANJIKU, ATIENO):
        safaricom.wish("pays", phone=phone)
    live.wished(b"1")
    live.wished(b"2", phone=ATIENO, payer_id=live.other.payer_id, member_id=live.other.member_id)
    assert pushes.send_due(live.wiring) == 2
    soon(lambda: heard(live, 2))
    live.reads()
    equals_truth(live, safaricom)
    assert {told.member_id for told in live.book.told} == {live.wish.member_id, live.other.member_id}
