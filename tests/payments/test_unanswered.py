"""Prompts that came to nothing: what is told, what is refused, and when another way to pay is shown."""

from datetime import timedelta
from typing import Any

import pytest

from chamas.arriving import unpaid
from payments import pushes, unanswered
from payments.daraja.outcomes import Rejected
from payments.refusals import SubscriberBusy
from tests.payments.scene import WANJIKU, Scene, failed

TOKENS = [f"{number}" * 64 for number in range(1, 8)]


def ends(scene: Scene, number: int, code: int) -> None:
    """A prompt that ended with this code, and enough time for the next one."""
    token = TOKENS[number]
    scene.sent(token, key=f"wish-{number}".encode(), merchant=f"m-{number}", checkout=f"c-{number}")
    scene.hears(failed(code, checkout=f"c-{number}", MerchantRequestID=f"m-{number}"), token)
    scene.reads()
    scene.wiring.clock.advance(120)  # type: ignore[attr-defined]


def twice(scene: Scene) -> bool:
    return unanswered.twice(scene.conn, phone=WANJIKU, at=scene.wiring.now())


def test_two_in_a_row_ask_for_another_way(scene: Scene) -> None:
    for number, (code, expected) in enumerate([(1037, False), (1032, False), (1019, False), (1037, True), (1, False)]):
        ends(scene, number, code)
        assert twice(scene) is expected, number


def test_what_was_unanswered_long_ago_is_forgotten(scene: Scene) -> None:
    ends(scene, 0, 1037)
    ends(scene, 1, 1037)
    assert twice(scene)
    scene.wiring.clock.advance(unanswered.LOOKED_BACK.total_seconds())  # type: ignore[attr-defined]
    assert not twice(scene)


def test_a_busy_subscriber_is_not_prompted_again_for_a_minute(scene: Scene) -> None:
    scene.sent()
    scene.hears(failed(1001))
    scene.reads()
    with pytest.raises(SubscriberBusy):
        scene.wished(b"wish-2")
    scene.wiring.clock.advance(pushes.BUSY_FOR / timedelta(seconds=1))  # type: ignore[attr-defined]
    assert scene.wished(b"wish-2").state == "created"


def told(scene: Scene) -> list[dict[str, Any]]:
    return scene.rows("SELECT dedupe_key, arguments ->> 'why' AS why FROM notifications ORDER BY id")


def test_what_waited_too_long_to_be_sent_is_told(scene: Scene) -> None:
    attempt = scene.wished()
    scene.wiring.clock.advance(pushes.OUT_FOR.total_seconds())  # type: ignore[attr-defined]
    assert pushes.send_due(scene.wiring, unpaid.tell_unpaid) == 1
    assert scene.attempt(attempt.id).state == "failed_final"
    assert told(scene) == [{"dedupe_key": f"unpaid:{attempt.id}", "why": "We could not reach M-PESA."}]
    assert pushes.send_due(scene.wiring, unpaid.tell_unpaid) == 0


def test_what_would_never_be_accepted_is_told_and_what_is_tried_again_is_not(scene: Scene) -> None:
    attempt = scene.sent()
    scene.conn.execute("UPDATE payment_attempts SET state = 'unclear'")
    unclear = scene.attempt(attempt.id)
    at = scene.wiring.now()
    with scene.wiring.transaction() as conn:
        pushes.record(conn, unclear, Rejected("500", "busy", again=True), at=at, tell=unpaid.tell_unpaid)
    assert told(scene) == []
    scene.conn.execute("UPDATE payment_attempts SET state = 'unclear'")
    with scene.wiring.transaction() as conn:
        pushes.record(conn, unclear, Rejected("400", "bad", again=False), at=at, tell=unpaid.tell_unpaid)
    assert told(scene) == [{"dedupe_key": f"unpaid:{attempt.id}", "why": "We could not reach M-PESA."}]
