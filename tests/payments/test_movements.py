"""What moved at a shortcode, as the daily comparison sees it: payouts are among it."""

from datetime import timedelta

from payments import evidence, floats, movements
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


def test_what_pull_listed_a_moment_ago_may_be_money_of_before(scene: Scene) -> None:
    shortcode_id, asked_at = scene.wish.shortcode_id, scene.wiring.now() - timedelta(minutes=10)
    assert not floats.unsettled(scene.conn, shortcode_id, asked_at)
    for source, unsettled in (("c2b_confirmation", False), ("pull", True)):
        listed = evidence.receive(
            source=source, token="t", body=b"{}", headers={}, remote_ip=None, at=scene.wiring.now()
        )
        evidence.store(scene.conn, listed)
        assert floats.unsettled(scene.conn, shortcode_id, asked_at) == unsettled
