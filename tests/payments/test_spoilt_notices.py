"""Notices that are spoilt in a way that no text of PostgreSQL's can hold."""

import json

import pytest

from chamas.arriving import arrivals
from payments import evidence
from tests.payments.scene import Scene, notice


@pytest.mark.parametrize("letter", ["\0", "\ud800", "\udfff"])
def test_money_whose_notice_spells_what_no_text_can_hold_is_booked(scene: Scene, letter: str) -> None:
    """Found by the storm's spoilt bodies (seed 2026, waves 10 and 23): such a notice could not be settled."""
    spoilt = {name: f"x{letter}" for name in ("FirstName", "MSISDN", "BillRefNumber", "TransactionType")}
    told = notice(receipt="TKK7SP0ILT", **spoilt)
    scene.hears(json.dumps(told).encode(), token=scene.wiring.paybill_secret, source="c2b_confirmation")
    evidence.read_due(scene.wiring, arrivals.book)
    [row] = scene.rows("SELECT verdict, reason FROM evidence")
    assert (row["verdict"], row["reason"]) == ("applied", None)
    [booked] = scene.rows("SELECT receipt, amount_cents FROM receipts")
    assert booked == {"receipt": "TKK7SP0ILT", "amount_cents": 50_000}
