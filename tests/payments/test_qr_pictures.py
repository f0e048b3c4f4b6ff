"""The picture of where a group is paid: wished for, drawn by Safaricom with what was asked, kept, and drawn anew."""

from typing import Any

import pytest

from payments import qr_pictures
from payments.qr_pictures import Picture
from tests.payments.scene import Scene
from tests.simulator.client import Simulator


def wish(live: Scene, chama_id: int, **changes: Any) -> Picture:
    said = {"merchant": "Umoja", "reference": "48213", "amount_cents": 500_00, **changes}
    made = qr_pictures.wish(live.conn, chama_id, at=live.wiring.now(), **said)
    assert made is not None
    return made


def now(live: Scene, chama_id: int) -> Picture:
    found = qr_pictures.of_chama(live.conn, chama_id)
    assert found is not None
    return found


@pytest.fixture
def chama_id(live: Scene) -> int:
    return live.wish.chama_id


def test_what_is_wished_for_is_drawn_once_and_anew_when_it_says_something_else(
    live: Scene, safaricom: Simulator, chama_id: int
) -> None:
    wish(live, chama_id)
    assert qr_pictures.draw_due(live.wiring) == 1
    drawn = now(live, chama_id)
    assert drawn.picture is not None and drawn.picture.startswith(b"\x89PNG") and drawn.due_at is None
    # The simulator writes into the picture what it was asked for.
    assert b"Umoja|48213|500|PB|600123" in drawn.picture
    assert wish(live, chama_id) == drawn and qr_pictures.draw_due(live.wiring) == 0
    assert wish(live, chama_id, amount_cents=1_000_00).picture is None
    qr_pictures.draw_due(live.wiring)
    assert b"Umoja|48213|1000|PB|600123" in (now(live, chama_id).picture or b"")


def test_an_answer_that_is_no_picture_is_asked_for_again_and_given_up_with_its_reason(
    live: Scene, safaricom: Simulator, chama_id: int
) -> None:
    wish(live, chama_id)
    for tries, outcome in enumerate(("html_200", "spike_arrest", "html_200", "token_invalid", "html_200"), start=1):
        safaricom.wish(outcome, api="qr", phone="*", times=2 if outcome == "token_invalid" else 1)
        assert qr_pictures.draw_due(live.wiring) == 1
        assert (now(live, chama_id).tries, now(live, chama_id).picture) == (tries, None)
        assert now(live, chama_id).failure
        live.wiring.clock.advance(600)  # type: ignore[attr-defined]
    assert qr_pictures.draw_due(live.wiring) == 0 and now(live, chama_id).due_at is None
    # Somebody wishes anew.
    assert wish(live, chama_id).tries == 0
    qr_pictures.draw_due(live.wiring)
    assert now(live, chama_id).picture is not None and now(live, chama_id).failure is None
