"""What moved at a shortcode, as the daily comparison sees it: payouts are among it."""

from datetime import timedelta

from payments import floats, movements
from tests.payments.scene import Scene
from tests.payments.treasury import PAYOUT_RECEIPT, Treasury, result


def test_a_payout_is_money_on_its_way_and_then_money_that_went_out(scene: Scene) -> None:
    treasury = Treasury.funded(scene)
    shortcode_id, at = scene.wish.shortcode_id, scene.wiring.now()
    assert not movements.on_their_way(scene.conn, shortcode_id)
    payout = treasury.sent()
    assert movements.on_their_way(scene.conn, shortcode_id) and floats.unsettled(scene.conn, shortcode_id, at)
    treasury.hears(result(payout))
    assert not movements.on_their_way(scene.conn, shortcode_id)
    moved = {
        one.receipt: one.signed_cents for one in movements.after(scene.conn, shortcode_id, at - timedelta(days=400))
    }
    assert moved[PAYOUT_RECEIPT] == -50_000
    stood = floats.stood(scene.conn, shortcode_id, scene.wiring.now() + timedelta(days=1))
    assert stood.cents == 49_500_00
