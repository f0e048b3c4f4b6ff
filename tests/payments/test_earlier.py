"""An earlier prompt whose end nobody knows is asked about before the same phone is prompted again."""

from typing import Any

import pytest

from payments import pushes, reconcile
from tests.payments.door import soon
from tests.payments.scene import Scene
from tests.simulator.client import Simulator


def unclear_for_long(live: Scene, safaricom: Simulator, outcome: str) -> Any:
    """A prompt of which nobody has heard for eleven minutes, and a new wish of the same amount."""
    safaricom.wish(outcome)
    first = live.wished()
    pushes.send_due(live.wiring)
    live.wiring.clock.advance(11 * 60)  # type: ignore[attr-defined]
    return first, live.wished(b"again")


def test_an_earlier_prompt_that_is_unclear_is_asked_about_before_the_next_one(
    live: Scene, safaricom: Simulator
) -> None:
    first, again = unclear_for_long(live, safaricom, "pays_silently")
    soon(safaricom.receipts)
    assert pushes.send_due(live.wiring) == 1
    assert live.attempt(again.id).tries == 0
    reconcile.ask_due(live.wiring)
    live.reads()
    assert live.attempt(first.id).state == "proven"
    told: list[str] = []
    live.wiring.clock.advance(8)  # type: ignore[attr-defined]
    pushes.send_due(live.wiring, lambda conn, unpaid, *, at: told.extend(one.why for one in unpaid))
    assert (live.attempt(again.id).state, live.attempt(again.id).tries) == ("failed_final", 0)
    assert told == ["Your earlier payment of it came after all."]
    assert len(safaricom.receipts()) == 1
    assert live.row("SELECT parked_reason FROM payment_attempts WHERE id = %s", again.id) == {"parked_reason": None}


@pytest.mark.parametrize("outcome", ["no_answer", "html_200"])
def test_an_earlier_prompt_that_stays_unclear_holds_the_next_one_up_for_seconds_only(
    live: Scene, safaricom: Simulator, outcome: str
) -> None:
    _, again = unclear_for_long(live, safaricom, outcome)
    pushes.send_due(live.wiring)
    assert live.attempt(again.id).tries == 0
    reconcile.ask_due(live.wiring)
    live.reads()
    live.wiring.clock.advance(8)  # type: ignore[attr-defined]
    pushes.send_due(live.wiring)
    assert live.attempt(again.id).tries == 1


def test_what_was_paid_before_the_wish_holds_nothing_up(live: Scene, safaricom: Simulator) -> None:
    safaricom.wish("pays")
    live.wished()
    pushes.send_due(live.wiring)
    soon(lambda: live.rows("SELECT * FROM evidence"))
    live.reads()
    live.wiring.clock.advance(11 * 60)  # type: ignore[attr-defined]
    again = live.wished(b"again")
    pushes.send_due(live.wiring)
    assert live.attempt(again.id).tries == 1
