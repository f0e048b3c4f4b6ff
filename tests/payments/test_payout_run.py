"""A run of payouts in which all that the simulator knows goes wrong, and the sender dies at random statements."""

import random
from collections import Counter

import pytest

from chamas.arriving import arrivals
from payments import evidence, payouts
from payments.payouts import Order, gates
from tests.drills.fuse import Death, MortalWiring
from tests.payments.door import Door
from tests.payments.scene import ATIENO, WANJIKU, Scene
from tests.payments.treasury import fund
from tests.simulator.client import Simulator

PAYOUTS = 100
SEED = 7
# Past every question of the first ten minutes, the hour in which Safaricom lets a payout expire, and the two days.
LATEST_ROUND = 400


@pytest.mark.full
def test_a_run_of_payouts_is_paid_at_most_once_whatever_happens(live: Scene, safaricom: Simulator, door: Door) -> None:
    treasury, dice = fund(live, safaricom), random.Random(SEED)
    safaricom.wish("any", api="b2c", phone="*", times=PAYOUTS)
    at, source = live.wiring.now(), treasury.source()
    orders = [
        treasury.wanted(f"run-{number}", 10, dice.choice((WANJIKU, ATIENO)), source_account_id=source)
        for number in range(PAYOUTS)
    ]
    with live.wiring.transaction() as conn:
        for wanted in orders:
            assert isinstance(wanted, Order)
            payouts.order(conn, wanted, at=at, chance=live.wiring.chance, due_at=at)
    mortal = MortalWiring(live.wiring.settings, "worker", live.wiring.clock, live.wiring.chance)
    deaths = 0
    for _ in range(LATEST_ROUND):
        for work in (payouts.send_due, payouts.ask_due):
            for _ in range(20):
                # One run in eight dies somewhere on its way.
                mortal.fuse.light(dice.randrange(1, 60) if dice.random() < 0.125 else None)
                try:
                    if not work(mortal):
                        break
                except Death:
                    deaths += 1
        mortal.fuse.light(None)
        seconds = dice.choice((5, 31, 61, 301, 1_801))
        safaricom.advance(seconds)
        treasury.wiring.clock.advance(seconds)
        while evidence.read_due(live.wiring, arrivals.book):
            pass
        with live.wiring.transaction() as conn:
            gates.lift(conn, None, by="operator", at=live.wiring.now())
        safaricom.post("/control/initiator", locked=False)
        if not live.rows("SELECT FROM payouts WHERE state NOT IN ('paid', 'failed_proven') LIMIT 1"):
            break
    mortal.close()
    moved = safaricom.get("/control/truth")["payouts"]
    ours = live.rows("SELECT originator, state, receipt, paid_cents FROM payouts")
    names = Counter(row["originator_conversation_id"] for row in moved)
    assert deaths > 3 and len(ours) == PAYOUTS
    assert max(names.values()) == 1
    assert {(row["originator_conversation_id"], row["receipt"], row["amount_cents"]) for row in moved} == {
        (row["originator"], row["receipt"], row["paid_cents"]) for row in ours if row["state"] == "paid"
    }
    assert {row["state"] for row in ours} == {"paid", "failed_proven"}
    utility = safaricom.get("/control/truth")["balances"]["paybill"]["utility_cents"]
    assert treasury.balance("mpesa:600123") == utility
    assert treasury.balance("in_flight:600123") == 0
    assert treasury.unsound() == []
