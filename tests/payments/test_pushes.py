"""Wishes and their sending: one prompt at a time, claimed before it leaves, never twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from gateway.wiring import Wiring
from ledger.letters import READABLE
from ledger.retries import WRITES_AT_MOST
from payments import pushes
from payments.daraja.outcomes import Rejected
from payments.refusals import AmountOutOfRange, SameAmountTooSoon, StillWaiting
from tests.instruments import SeededChance
from tests.payments.door import soon
from tests.payments.scene import ATIENO, TOKEN, Scene, answered, failed, paid
from tests.simulator.client import Simulator


def test_a_repeated_wish_is_the_same_attempt(scene: Scene) -> None:
    first = scene.wished()
    scene.wiring.clock.advance(60)  # type: ignore[attr-defined]
    assert scene.wished().id == first.id
    assert len(scene.rows("SELECT * FROM payment_attempts")) == 1


def test_the_same_wish_at_the_same_moment_is_one_attempt(scene: Scene) -> None:
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(scene.wished().id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_two_wishes_of_one_phone_at_the_same_moment_are_one_prompt(scene: Scene) -> None:
    """The second comes while the first is not committed: it has to wait, and then sees it."""
    ends: list[str] = []

    def wishes() -> None:
        try:
            scene.wished(b"2")
            ends.append("made")
        except StillWaiting:
            ends.append("waits")

    second = threading.Thread(target=wishes)
    with scene.wiring.transaction() as conn:
        pushes.wish(conn, scene.wish, at=scene.wiring.now(), chance=scene.wiring.chance)
        second.start()
        soon(lambda: ends or scene.rows("SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"))
    second.join()
    assert ends == ["waits"]


@pytest.mark.parametrize("cents", [0, -100, 99, 150, 250_001_00, 1])
def test_an_amount_that_m_pesa_cannot_carry_is_refused(scene: Scene, cents: int) -> None:
    with pytest.raises(AmountOutOfRange) as refusal:
        scene.wished(amount_cents=cents)
    assert (refusal.value.code, refusal.value.status) == ("amount_out_of_range", 422)
    assert scene.rows("SELECT * FROM payment_intents") == []


@pytest.mark.parametrize("cents", [100, 250_000_00])
def test_the_least_and_the_most_are_taken(scene: Scene, cents: int) -> None:
    assert scene.wished(amount_cents=cents).amount_cents == cents


def test_money_that_moved_without_its_receipt_is_not_asked_for_again(scene: Scene) -> None:
    first = scene.sent()
    scene.hears(answered("0"), source="stk_query")
    scene.reads()
    assert scene.attempt(first.id).state == "proven"
    scene.wiring.clock.advance(300)  # type: ignore[attr-defined]
    with pytest.raises(StillWaiting) as refusal:
        scene.wished(b"2")
    assert refusal.value.attempt.id == first.id


def test_a_payer_waits_ten_minutes_for_a_prompt_without_an_end(scene: Scene) -> None:
    first = scene.sent(checkout=None, merchant=None)
    with pytest.raises(StillWaiting) as refusal:
        scene.wished(b"2")
    assert refusal.value.attempt.id == first.id
    waiting = pushes.waiting(scene.conn, payer_id=first.payer_id, at=scene.wiring.now())
    assert waiting is not None and waiting.id == first.id
    scene.wiring.clock.advance(601)  # type: ignore[attr-defined]
    assert pushes.waiting(scene.conn, payer_id=first.payer_id, at=scene.wiring.now()) is None
    second = scene.wished(b"2")
    assert second.id != first.id
    scene.hears(paid())
    scene.reads()
    assert scene.attempt(first.id).state == "paid"


def test_another_phone_of_the_same_payer_waits_too_and_another_payer_does_not(scene: Scene) -> None:
    scene.wished()
    with pytest.raises(StillWaiting):
        scene.wished(b"2", phone=ATIENO)
    scene.wished(b"3", phone=ATIENO, payer_id=scene.other.payer_id)


def test_the_same_amount_waits_two_minutes_after_a_payment_only(scene: Scene) -> None:
    scene.sent()
    scene.hears(failed(1032))
    scene.reads()
    scene.sent("d4" * 32, "m-2", "ws_2", key=b"2")
    scene.hears(paid(checkout="ws_2"), token="d4" * 32)
    scene.reads()
    with pytest.raises(SameAmountTooSoon):
        scene.wished(b"3")
    scene.wiring.clock.advance(121)  # type: ignore[attr-defined]
    scene.wished(b"4")


def test_another_amount_does_not_wait_for_a_payment(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    scene.reads()
    scene.wished(b"2", amount_cents=60_000)


@pytest.mark.parametrize(
    ("name", "head"), [("Umoja Group", "UMOJA"), ("A1 b-c", "ABC"), ("Ñandú wé", "ANDW"), ("123", ""), ("", "")]
)
def test_an_account_reference_fits_and_can_be_read_out(name: str, head: str) -> None:
    chance = SeededChance(3)
    references = {pushes.account_reference(name, chance) for _ in range(300)}
    assert len(references) == 300
    for reference in references:
        assert len(reference) == 12
        assert reference.startswith(head)
        assert set(reference[len(head) :]) <= set(READABLE)


def test_a_crash_between_claim_and_call_never_sends_twice(
    live: Scene, safaricom: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live.wished()

    def dies(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr("payments.pushes._push", dies)
        with pytest.raises(SystemExit):
            pushes.send_due(live.wiring)
    assert live.attempt(made.id).state == "unclear"
    safaricom.wish("pays")
    assert pushes.send_due(live.wiring) == 0
    assert safaricom.receipts() == []
    assert live.row("SELECT due_at IS NOT NULL AS due FROM inquiries")["due"]


def test_a_crash_after_the_call_never_sends_twice(
    live: Scene, safaricom: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live.wished()

    def dies(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr("payments.pushes.record", dies)
        with pytest.raises(SystemExit):
            pushes.send_due(live.wiring)
    assert live.attempt(made.id).state == "unclear"
    assert pushes.send_due(live.wiring) == 0


def test_a_prompt_comes_when_the_last_screen_has_gone(live: Scene, safaricom: Simulator) -> None:
    """By the given time: no prompt a moment before two seconds, one at them."""
    with live.wiring.transaction() as conn:
        made = pushes.wish(conn, live.wish, at=live.wiring.now(), chance=live.wiring.chance)
    live.wiring.clock.advance(1.999)  # type: ignore[attr-defined]
    assert pushes.send_due(live.wiring) == 0
    assert live.attempt(made.id).state == "created"
    live.wiring.clock.advance(0.001)  # type: ignore[attr-defined]
    assert pushes.send_due(live.wiring) == 1
    assert live.attempt(made.id).state == "pending"


class Breaks:
    """A wiring whose connection breaks as often as is said, at the statement or right after the commit."""

    def __init__(self, wiring: Wiring, times: int, *, after_the_commit: bool = False) -> None:
        self._wiring, self.times, self._after = wiring, times, after_the_commit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wiring, name)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        breaks, self.times = self.times > 0, self.times - 1
        if breaks and not self._after:
            raise psycopg.OperationalError("the connection is lost")
        with self._wiring.transaction() as conn:
            yield conn
        if breaks:
            raise PoolTimeout("nobody came")


@pytest.mark.parametrize("after_the_commit", [False, True])
def test_an_answer_is_written_down_though_postgresql_was_away_for_a_moment(
    live: Scene, safaricom: Simulator, monkeypatch: pytest.MonkeyPatch, after_the_commit: bool
) -> None:
    made = live.wished()
    wiring: Any = Breaks(live.wiring, 0, after_the_commit=after_the_commit)
    push = pushes._push

    def away_afterwards(*given: Any) -> Any:
        outcome = push(*given)
        wiring.times = WRITES_AT_MOST - 1
        return outcome

    monkeypatch.setattr("payments.pushes._push", away_afterwards)
    pushes.send_due(wiring)
    row = live.row("SELECT state, send_outcome, checkout_request_id FROM payment_attempts")
    assert (row["state"], row["send_outcome"]) == ("pending", "accepted")
    assert row["checkout_request_id"] is not None
    assert live.attempt(made.id).tries == 1


def test_the_answer_to_an_earlier_try_does_not_move_the_next_one(scene: Scene) -> None:
    """Written once, lost on the way back, and written again when the attempt is on its way anew."""
    first = scene.sent()
    scene.conn.execute("UPDATE payment_attempts SET state = 'unclear', token_hash = sha256('2')")
    with scene.wiring.transaction() as conn:
        pushes.record(conn, first, Rejected("x", "y", again=True), at=scene.wiring.now())
    assert scene.attempt(first.id).state == "unclear"


def test_the_worker_waits_for_a_connection_and_a_turn_does_not(wiring: Wiring) -> None:
    assert wiring.pool.timeout >= 10
    web = replace(wiring, process="web")
    assert web.pool.timeout == 0.5
    web.close()


def test_no_transaction_is_open_while_daraja_thinks(
    live: Scene, safaricom: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen from the server at the moment of the call."""
    live.wished()
    seen = []
    post = type(live.wiring.daraja).post

    def looks(*given: Any) -> Any:
        seen.extend(
            live.rows(
                "SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%' "
                "AND datname = current_database()"
            )
        )
        return post(*given)

    monkeypatch.setattr(type(live.wiring.daraja), "post", looks)
    pushes.send_due(live.wiring)
    assert seen == []
    assert live.row("SELECT state FROM payment_attempts")["state"] == "pending"


def test_a_refused_request_is_final_and_its_secrets_are_nowhere(live: Scene, safaricom: Simulator) -> None:
    wrong = replace(live.wiring.settings, mpesa_passkey="not-the-passkey")
    live.wiring = replace(live.wiring, settings=wrong)
    made = live.wished()
    pushes.send_due(live.wiring)
    assert live.attempt(made.id).state == "failed_final"
    row = live.row("SELECT * FROM payment_attempts")
    assert row["parked_reason"] == "rejected: 500.001.1001 Wrong credentials"
    assert "not-the-passkey" not in str(row) + repr(live.wiring.daraja.keys)
    live.wiring.close()


def test_an_attempt_that_waited_too_long_is_not_sent(live: Scene, safaricom: Simulator) -> None:
    made = live.wished()
    live.wiring.clock.advance(601)  # type: ignore[attr-defined]
    assert pushes.send_due(live.wiring) == 1
    assert live.attempt(made.id).state == "failed_final"
    assert pushes.send_due(live.wiring) == 0


def test_a_daraja_that_is_away_is_tried_again_and_then_given_up(scene: Scene) -> None:
    made = scene.wished()
    states = []
    for seconds in (0, 2, 5, 15, 60, 60, 60):
        scene.wiring.clock.advance(seconds)  # type: ignore[attr-defined]
        pushes.send_due(scene.wiring)
        states.append(str(scene.attempt(made.id).state))
    assert states == ["created"] * 5 + ["failed_final"] * 2
    assert scene.attempt(made.id).tries == 6
    assert TOKEN not in str(scene.rows("SELECT * FROM payment_attempts"))
