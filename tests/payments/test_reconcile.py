"""Questions: when they are asked, when they end, and that asking never harms."""

from dataclasses import replace
from typing import Any

import pytest

from gateway import alarms, depths
from payments import inquiries, pushes, reconcile
from payments.attempts import Attempt
from payments.inquiries import Kind
from payments.payouts import gates
from payments.refusals import AskedJustNow, NothingUnclear
from tests.payments.door import soon
from tests.payments.scene import ATIENO, Scene, paid
from tests.payments.test_status import STATUS_TOKEN, status_inquiry
from tests.simulator.client import Simulator


def ticks(scene: Scene, seconds: float) -> int:
    scene.wiring.clock.advance(seconds)  # type: ignore[attr-defined]
    return reconcile.ask_due(scene.wiring)


def asked(scene: Scene) -> int:
    return int(scene.row("SELECT sum(asked) AS asked FROM inquiries")["asked"])


def proven_by_query(live: Scene, safaricom: Simulator) -> Attempt:
    """A payment whose callback never comes: the query said that it was paid, and Transaction Status is asked next."""
    safaricom.wish("pays_silently")
    made = live.wished()
    pushes.send_due(live.wiring)
    soon(safaricom.receipts)
    ticks(live, 21)
    live.reads()
    ticks(live, 1)
    return made


def test_the_schedule_of_questions(live: Scene, safaricom: Simulator) -> None:
    live.wished()
    pushes.send_due(live.wiring)
    counts = []
    for _ in range(700):
        ticks(live, 1)
        counts.append(asked(live))
    assert [counts.index(number) + 1 for number in range(1, 6)] == [20, 45, 90, 180, 600]


def test_a_settled_payment_is_not_asked_about(scene: Scene) -> None:
    attempt = scene.sent()
    with scene.wiring.transaction() as conn:
        at = scene.wiring.now()
        inquiries.open_about_attempts(conn, Kind.STK_QUERY, [attempt.id], at=at, due_at=at)
    scene.hears(paid())
    scene.reads()
    assert scene.row("SELECT state, outcome FROM inquiries") == {"state": "closed", "outcome": "settled"}
    assert ticks(scene, 1_000) == 0


def test_an_unclear_payment_is_asked_about_for_a_day_and_then_left_to_people(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("html_200")
    made = live.wished()
    pushes.send_due(live.wiring)
    for _ in range(6):
        ticks(live, 200)
    assert live.row("SELECT outcome FROM inquiries WHERE kind = 'status'")["outcome"] is None
    ticks(live, 1)
    assert live.row("SELECT outcome FROM inquiries WHERE kind = 'status'")["outcome"] == "no id to ask with"
    for _ in range(50):
        ticks(live, 1_800)
    row = live.row("SELECT state, outcome FROM inquiries WHERE kind = 'status'")
    assert row == {"state": "closed", "outcome": "gave up after a day"}
    assert live.attempt(made.id).state == "unclear"


def test_without_an_initiator_nothing_is_asked_and_it_is_said(live: Scene, safaricom: Simulator) -> None:
    live.wiring = replace(live.wiring, settings=replace(live.wiring.settings, mpesa_initiator_name=""))
    made = proven_by_query(live, safaricom)
    assert live.attempt(made.id).state == "proven"
    assert live.row("SELECT outcome FROM inquiries WHERE kind = 'status'")["outcome"] == "no initiator is set up"
    live.wiring.close()


def test_a_refused_initiator_is_not_asked_with_again_until_a_person_has_acted(
    live: Scene, safaricom: Simulator
) -> None:
    right = live.wiring
    live.wiring = replace(right, settings=replace(right.settings, mpesa_initiator_name="somebody else"))
    safaricom.wish("pays_silently", phone="*", times=2)
    first, second = live.wished(), live.wished(b"2", phone=ATIENO, payer_id=live.other.payer_id)
    while pushes.send_due(live.wiring):
        pass
    soon(lambda: len(safaricom.receipts()) == 2)
    live.conn.execute("UPDATE inquiries SET due_at = due_at + interval '1 hour' WHERE attempt_id = %s", [second.id])
    ticks(live, 21)
    live.reads()
    ticks(live, 1)
    soon(lambda: live.rows("SELECT * FROM evidence WHERE source = 'status_result'"))
    live.reads()
    assert live.verdicts()[-1] == ("applied", "refused: initiator's name or password is wrong")
    for _ in range(60):
        ticks(live, 1_800)
        live.reads()
    assert live.row("SELECT sum(asked) AS asked FROM inquiries WHERE kind = 'status'")["asked"] == 1
    assert {live.attempt(one.id).state for one in (first, second)} == {"proven"}
    parked = live.rows("SELECT state, outcome, due_at FROM inquiries WHERE kind = 'status'")
    assert parked == [{"state": "closed", "outcome": "initiator refused", "due_at": None}] * 2
    assert inquiries.refused(live.conn) == {live.wish.shortcode_id: 2}
    assert depths.set_aside(live.conn) == 2
    (alarm,) = alarms.read(live.conn, live.wiring.now())[:1]
    assert (alarm.name, "--ask-again" in alarm.fix) == ("initiator_refused", True)
    live.wiring.close()
    live.wiring = right
    assert inquiries.ask_again(live.conn, at=right.now()) == 2
    ticks(live, 1)
    soon(lambda: len(live.rows("SELECT * FROM evidence WHERE source = 'status_result'")) == 3)
    live.reads()
    assert {live.attempt(one.id).state for one in (first, second)} == {"paid"}
    assert alarms.read(live.conn, live.wiring.now()) == []


def test_after_a_restore_everything_is_asked_though_nothing_is_paid_out(live: Scene, safaricom: Simulator) -> None:
    with live.wiring.transaction() as conn:
        gates.stop(conn, {live.wish.shortcode_id: gates.RESTORED}, at=live.wiring.now())
    made = proven_by_query(live, safaricom)
    soon(lambda: live.rows("SELECT * FROM evidence WHERE source = 'status_result'"))
    live.reads()
    assert live.attempt(made.id).state == "paid"
    assert gates.stopped(live.conn) == {live.wish.shortcode_id: gates.RESTORED}


@pytest.mark.parametrize("code", [18, 21, 22, 2001, "8006"])
def test_what_says_that_we_may_not_ask_parks_the_question(scene: Scene, code: int | str) -> None:
    attempt = scene.sent()
    status_inquiry(scene, attempt_id=attempt.id)
    scene.hears({"Result": {"ResultCode": code, "ResultDesc": "-"}}, token=STATUS_TOKEN, source="status_result")
    scene.reads()
    assert scene.row("SELECT state, outcome FROM inquiries") == {"state": "closed", "outcome": "initiator refused"}


@pytest.mark.parametrize("code", [17, 26, 2032])
def test_what_found_nothing_does_not(scene: Scene, code: int) -> None:
    attempt = scene.sent()
    status_inquiry(scene, attempt_id=attempt.id)
    scene.hears({"Result": {"ResultCode": code, "ResultDesc": "-"}}, token=STATUS_TOKEN, source="status_result")
    scene.reads()
    assert scene.row("SELECT state, outcome FROM inquiries") == {"state": "asked", "outcome": None}


def test_a_crash_after_the_claim_asks_once_more(
    live: Scene, safaricom: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.wished()
    pushes.send_due(live.wiring)

    def dies(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr("payments.reconcile._ask", dies)
        with pytest.raises(SystemExit):
            ticks(live, 21)
    assert ticks(live, 25) == 1
    assert live.rows("SELECT * FROM evidence WHERE source = 'stk_query'") != []


@pytest.mark.parametrize("outcome", ["html_200", "spike_arrest"])
def test_an_answer_that_says_nothing_about_the_prompt_is_no_evidence(
    live: Scene, safaricom: Simulator, outcome: str
) -> None:
    safaricom.wish("pays_silently")
    made = live.wished()
    pushes.send_due(live.wiring)
    soon(safaricom.receipts)
    ticks(live, 21)
    live.reads()
    safaricom.wish(outcome, api="status")
    ticks(live, 1)
    live.reads()
    assert live.attempt(made.id).state == "proven"
    ticks(live, 46)
    soon(lambda: live.rows("SELECT * FROM evidence WHERE source = 'status_result'"))
    live.reads()
    assert live.attempt(made.id).state == "paid"


def test_a_status_token_is_kept_as_a_hash_only(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("pays_silently")
    live.wished()
    pushes.send_due(live.wiring)
    soon(safaricom.receipts)
    for _ in range(2):
        ticks(live, 21)
        live.reads()
    row = live.row("SELECT * FROM inquiries WHERE kind = 'status'")
    assert len(row["token_hash"]) == 32
    assert row["token_hash"] != live.row("SELECT token_hash FROM payment_attempts")["token_hash"]


def test_a_person_has_it_asked_again_after_it_was_given_up_once_a_minute(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("pays_silently")
    made = live.wished()
    with pytest.raises(NothingUnclear):
        reconcile.ask_anew(live.conn, made.id, at=live.wiring.now())
    pushes.send_due(live.wiring)
    soon(safaricom.receipts)
    live.conn.execute("UPDATE inquiries SET state = 'closed', due_at = NULL, outcome = 'gave up after a day'")
    assert ticks(live, 30) == 0
    with live.wiring.transaction() as conn:
        reconcile.ask_anew(conn, made.id, at=live.wiring.now())
        with pytest.raises(AskedJustNow):
            reconcile.ask_anew(conn, made.id, at=live.wiring.now())
    assert ticks(live, 1) == 1
    live.reads()
    assert live.attempt(made.id).state == "proven"
