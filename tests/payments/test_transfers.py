"""Money of a group to its bank (B2B): it has no name of ours, so it leaves once, whatever comes of it."""

import random
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from chamas.arriving import arrivals
from payments import evidence, payouts
from payments.payouts import Payout, calls
from payments.payouts.asking import NAMELESS
from payments.payouts.calls import CallKind
from payments.reconciliation import statements
from payments.reconciliation.statements import Handed
from tests.drills.fuse import Death, MortalWiring
from tests.payments.scene import Scene
from tests.payments.treasury import Treasury, failure, fund, heard, result
from tests.simulator.client import Simulator

PAYBILL, ACCOUNT = "400200", "0123456789012"
BANK: dict[str, Any] = {"phone": PAYBILL, "account": ACCOUNT, "member_id": None, "user_id": None}


@pytest.fixture
def treasury(live: Scene, safaricom: Simulator) -> Treasury:
    return fund(live, safaricom)


def sends(treasury: Treasury, key: str = "bank-1") -> Payout:
    made = treasury.ordered(key, **BANK)
    assert payouts.send_due(treasury.wiring) == 1
    return treasury.payout(made.id)


def moved(safaricom: Simulator) -> list[dict[str, Any]]:
    return list(safaricom.get("/control/truth")["transfers"])


def held(treasury: Treasury) -> tuple[int, int]:
    """In flight, and at the bank by the books: the order has the bank's account as what it is for."""
    return treasury.balance("in_flight:600123"), treasury.balance("paid_out:1")


def sound(treasury: Treasury, safaricom: Simulator) -> None:
    ours = treasury.scene.rows("SELECT receipt, paid_cents FROM payouts WHERE state = 'paid' ORDER BY receipt")
    theirs = sorted((row["receipt"], row["amount_cents"]) for row in moved(safaricom))
    assert [(row["receipt"], row["paid_cents"]) for row in ours] == theirs
    assert treasury.unsound() == []


@pytest.mark.parametrize("outcome", ["pays", "callback_early", "callback_twice", "answer_lost", "token_invalid"])
def test_a_transfer_that_is_told_is_booked_once(treasury: Treasury, safaricom: Simulator, outcome: str) -> None:
    safaricom.wish(outcome, api="b2b", phone="*")
    payout = sends(treasury)
    assert payout.known_as is None if outcome == "answer_lost" else payout.known_as
    safaricom.advance(1)
    heard(treasury, 2 if outcome == "callback_twice" else 1)
    assert (treasury.payout(payout.id).state, held(treasury)) == ("paid", (0, 500_00))
    [theirs] = moved(safaricom)
    assert (theirs["shortcode"], theirs["account"], theirs["amount_cents"]) == (PAYBILL, ACCOUNT, 500_00)
    row = treasury.scene.row("SELECT receiver_name, charge_cents FROM payouts WHERE id = %s", payout.id)
    assert row["receiver_name"] == f"PAYBILL {PAYBILL}"
    assert payouts.send_due(treasury.wiring) == payouts.ask_due(treasury.wiring) == 0
    sound(treasury, safaricom)


def test_a_no_frees_the_money_and_a_wrong_password_closes_the_gate(treasury: Treasury, safaricom: Simulator) -> None:
    before = treasury.spendable()
    for number, (outcome, code) in enumerate([("no_such_bank", "12"), ("insufficient", "1"), ("wrong_pin", "2001")]):
        safaricom.wish(outcome, api="b2b", phone="*")
        payout = sends(treasury, f"bank-{number}")
        safaricom.advance(1)
        heard(treasury, number + 1)
        row = treasury.scene.row("SELECT state, result_code FROM payouts WHERE id = %s", payout.id)
        assert (row["state"], row["result_code"], treasury.spendable()) == ("failed_proven", code, before)
        words = payouts.end_of(treasury.scene.conn, payout.id).words
        assert words.startswith("M-PESA does not know") == (code == "12")
    stopped = treasury.scene.rows("SELECT stop_code FROM payout_gates WHERE stopped_at IS NOT NULL")
    assert stopped == [{"stop_code": "2001"}]
    assert moved(safaricom) == [] and treasury.unsound() == []


def test_a_silent_one_is_asked_about_by_the_name_of_its_answer(treasury: Treasury, safaricom: Simulator) -> None:
    safaricom.wish("pays_silently", api="b2b", phone="*")
    payout = sends(treasury)
    safaricom.advance(31)
    treasury.wiring.clock.advance(31)
    assert payouts.ask_due(treasury.wiring) == 1
    heard(treasury)
    assert (treasury.payout(payout.id).state, held(treasury)) == ("paid", (0, 500_00))
    sound(treasury, safaricom)


def test_one_without_any_name_is_never_sent_again_and_found_by_the_statement(
    treasury: Treasury, safaricom: Simulator
) -> None:
    """Neither answer nor result: its money stays in flight until M-PESA's own word about a line of its statement."""
    safaricom.wish("vanishes", api="b2b", phone="*")
    payout = sends(treasury)
    for _ in range(4):
        safaricom.advance(40_000)
        treasury.wiring.clock.advance(40_000)
        assert payouts.send_due(treasury.wiring) == 0
        payouts.ask_due(treasury.wiring)
    row = treasury.scene.row("SELECT state, reason, due_at FROM payouts WHERE id = %s", payout.id)
    assert row == {"state": "unknown", "reason": NAMELESS, "due_at": None}
    assert (held(treasury), len(moved(safaricom))) == ((500_00, 500_00), 1)
    day = safaricom.get("/control/clock")["now"][:10]
    where = f"{safaricom.url}/control/statement"
    told = safaricom.http.get(where, params={"from": "2020-01-01", "to": day}, timeout=10).content
    with treasury.wiring.transaction() as conn:
        statements.hand_over(conn, payout.shortcode_id, Handed(told), at=treasury.wiring.now())
    assert statements.read_due(treasury.wiring) == 1
    assert payouts.ask_due(treasury.wiring) == 1
    safaricom.advance(1)
    heard(treasury)
    assert (treasury.payout(payout.id).state, held(treasury)) == ("paid", (0, 500_00))
    sound(treasury, safaricom)


def test_bodies_that_do_not_bind_move_nothing(scene: Scene) -> None:
    treasury = Treasury.funded(scene)
    payout = treasury.sent("bank-1", **BANK)
    base = {
        "Amount": "500.00",
        "TransCompletedTime": "20261120140552",
        "ReceiverPartyPublicName": f"{PAYBILL} - EQUITY",
        "DebitPartyCharges": "Business Pay Bill Charge|KES|34.00",
        "DebitAccountBalance": "{Amount={CurrencyCode=KES, MinimumAmount=618683, BasicAmount=6186.83}}",
    }
    said = [{"Key": key, "Value": value} for key, value in base.items()]

    def body(receipt: str = "SG632NMUAB", **changes: Any) -> dict[str, Any]:
        items = [{**one, "Value": changes.get(one["Key"], one["Value"])} for one in said]
        return failure(payout, 0, ResultParameters={"ResultParameter": items}, TransactionID=receipt)

    for wrong in (
        body(receipt="SG60000000"),
        body(Amount="600.00"),
        body(ReceiverPartyPublicName="500500 - ANOTHER"),
        result(payout),
    ):
        treasury.hears(wrong)
        assert treasury.payout(payout.id).state != "paid", wrong
    # A failure's single object is read like a list.
    assert treasury.balance("in_flight:600123") == 500_00
    treasury.hears(body())
    assert (treasury.payout(payout.id).state, treasury.balance("charges:600123")) == ("paid", 34_00)
    assert treasury.unsound() == []


def test_the_database_takes_one_request_of_a_transfer(scene: Scene) -> None:
    treasury = Treasury.funded(scene)
    payout = treasury.sent("bank-1", **BANK)
    calls.add_calls(scene.conn, CallKind.QUESTION, [(payout, b"q" * 32)], at=treasury.wiring.now())
    with pytest.raises(psycopg.errors.UniqueViolation):
        calls.add_calls(scene.conn, CallKind.TRANSFER, [(payout, b"b" * 32)], at=treasury.wiring.now())


def test_a_sender_that_dies_anywhere_and_every_outcome_move_each_transfer_once_at_most(
    treasury: Treasury, safaricom: Simulator
) -> None:
    """One transfer for each step at which the sender dies; what it leaves behind is gone on with by the next one."""
    dice, steps = random.Random(11), 12
    told = ("pays", "answer_lost", "vanishes", "pays_silently", "callback_early", "timeout_echo")
    safaricom.wish_all([{"phone": "*", "api": "b2b", "outcome": told[each % 6], "times": 1} for each in range(steps)])
    mortal = MortalWiring(treasury.wiring.settings, "worker", treasury.wiring.clock, treasury.wiring.chance)
    for number in range(1, steps + 1):
        treasury.ordered(f"bank-{number}", shillings=100 + number, **BANK)
        for fuse, work in ((4 * number, payouts.send_due), (number, payouts.ask_due)):
            mortal.fuse.light(fuse)
            with suppress(Death):
                work(mortal)
            mortal.fuse.light(None)
        # A lost answer keeps others back for five minutes.
        seconds = dice.choice((31, 301, 301, 601))
        safaricom.advance(seconds)
        treasury.wiring.clock.advance(seconds)
        while evidence.read_due(treasury.wiring, arrivals.book):
            pass
        with treasury.wiring.transaction() as conn:
            payouts.gates.lift(conn, None, by="operator", at=treasury.wiring.now())
    mortal.close()
    theirs = [row["amount_cents"] for row in moved(safaricom)]
    assert len(theirs) == len(set(theirs)) > 3, "each has an amount of its own: none moved twice"
    ours = treasury.scene.rows("SELECT state, amount_cents, receipt FROM payouts")
    paid = {row["amount_cents"] for row in ours if row["state"] == "paid"}
    failed = {row["amount_cents"] for row in ours if row["state"] == "failed_proven"}
    assert paid <= set(theirs) and not failed & set(theirs)
    assert treasury.balance("in_flight:600123") >= sum(set(theirs) - paid)
    assert treasury.unsound() == []
