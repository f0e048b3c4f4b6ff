"""A look for the owner of unmatched money that ends in trouble says why, and is made again."""

from typing import Any

import pytest
from psycopg import Connection

from chamas.arriving import concierge
from gateway.wiring import Wiring
from payments import overview
from tests.payments.scene import RECEIPT, notice, set_scene


def test_a_look_that_fails_is_named_on_the_desk_and_made_again(
    wiring: Wiring, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = set_scene(wiring, conn)
    scene.hears(notice(account="UMOJA"), token=wiring.paybill_secret, source="c2b_confirmation")
    scene.reads()

    def puzzled(*_: object) -> None:
        raise KeyError("Wanjiku")

    with monkeypatch.context() as broken:
        broken.setattr(concierge, "_spoken_for", puzzled)
        assert concierge.offer_due(wiring) == 1
    assert [(one.receipt, one.failure) for one in overview.suspense(conn)] == [(RECEIPT, "KeyError")]
    assert concierge.offer_due(wiring) == 0
    wiring.clock.advance(concierge.SET_ASIDE_FOR.total_seconds())  # type: ignore[attr-defined]
    assert concierge.offer_due(wiring) == 1
    assert [(one.receipt, one.failure) for one in overview.suspense(conn)] == [(RECEIPT, None)]
