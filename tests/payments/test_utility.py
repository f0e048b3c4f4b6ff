"""M-PESA is asked what the utility account has before announced money leaves."""

from datetime import datetime, timedelta

import pytest

from payments import payouts
from payments.payouts import gates
from tests.payments.scene import Scene
from tests.payments.treasury import Treasury


@pytest.fixture
def treasury(scene: Scene) -> Treasury:
    return Treasury.funded(scene)


def test_the_utility_account_is_asked_about_before_money_leaves(treasury: Treasury) -> None:
    at, shortcode_id = treasury.wiring.now(), treasury.scene.wish.shortcode_id

    def released(key: str, at: datetime) -> tuple[datetime, int]:
        made = treasury.ordered(key)
        with treasury.wiring.transaction() as conn:
            payouts.release(conn, made.id, at=at)
        row = treasury.scene.row("SELECT due_at FROM payouts WHERE order_key = %s", key)
        return row["due_at"] - at, len(treasury.scene.rows("SELECT id FROM balance_questions WHERE why = 'payout'"))

    # Asked once for all that leave in the same hour; then again, unless M-PESA has said it meanwhile.
    soon, late, nothing = gates.ANSWERED_IN, gates.UTILITY_GOOD_FOR + timedelta(seconds=1), timedelta(0)
    assert released("a", at) == (soon, 1)
    assert released("b", at + soon / 3) == (soon * 2 / 3, 1)
    assert released("c", at + soon * 2) == (nothing, 1)
    assert released("d", at + late) == (soon, 2)
    with treasury.wiring.transaction() as conn:
        gates.note_utility(conn, shortcode_id, 50_000_00, as_of=at + 2 * late)
    assert released("e", at + 2 * late) == (nothing, 2)
