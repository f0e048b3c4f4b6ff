"""A payout from its order to its end: what is held, in flight, believed, and what stands in the books."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.moves import ForbiddenMove
from ledger.refusals import KeyReused
from payments import charges, payouts
from payments.daraja import payout_codes
from payments.payouts import PayoutState
from payments.payouts.states import HEIGHT, PAYOUT_MOVES, merge
from tests.payments.scene import ATIENO, Scene
from tests.payments.treasury import CONVERSATION, PAYOUT_RECEIPT, TOKEN, Treasury, echo, failure, result, status

QUESTION = "e5" * 32
states = st.sampled_from(list(PayoutState))


@pytest.fixture
def treasury(scene: Scene) -> Treasury:
    return Treasury.funded(scene)


@given(states, states, states)
def test_merging_is_a_lattice(a: PayoutState, b: PayoutState, c: PayoutState) -> None:
    assert merge(a, b) is merge(b, a)
    assert merge(a, merge(b, c)) is merge(merge(a, b), c)
    assert merge(a, a) is a


def test_only_a_sender_steps_down_and_paid_is_the_end() -> None:
    following = PAYOUT_MOVES.following
    down = {(a, b) for a, b in itertools.product(PayoutState, repeat=2) if b in following[a] and HEIGHT[b] < HEIGHT[a]}
    assert down == {(PayoutState.SENDING, PayoutState.ORDERED), (PayoutState.UNKNOWN, PayoutState.ORDERED)}
    assert following[PayoutState.PAID] == frozenset()
    with pytest.raises(ForbiddenMove):
        PAYOUT_MOVES.require(PayoutState.PAID, PayoutState.FAILED_PROVEN)


@pytest.mark.parametrize("code", ["15", "17", "26", "4999", "77777", "0"])
def test_a_code_that_is_not_known_to_end_a_payout_proves_nothing(code: str) -> None:
    assert not payout_codes.look_up(code).failed


def test_an_order_holds_the_money_and_is_made_once(treasury: Treasury) -> None:
    before = treasury.spendable()
    first = treasury.ordered()
    assert treasury.ordered() == first
    assert treasury.spendable() == before - 50_000
    assert treasury.balance("in_flight:600123") == 0
    assert first.originator.startswith("600123-")
    assert treasury.wiring.payout_bands[0] == (100, 0)
    with pytest.raises(KeyReused):
        treasury.ordered(shillings=600)
    assert treasury.unsound() == []


def test_the_name_of_an_order_is_made_of_the_order_alone(treasury: Treasury) -> None:
    """So that one which a restored backup has forgotten cannot be paid twice when it is made again."""
    wanted = treasury.wanted()
    assert payouts.orders.originator("600123", wanted) == treasury.ordered().originator
    other = treasury.wanted(authorised_at=wanted.authorised_at + timedelta(seconds=1))
    assert payouts.orders.originator("600123", other) != payouts.orders.originator("600123", wanted)


def test_a_group_cannot_promise_more_than_it_has(treasury: Treasury) -> None:
    treasury.ordered("a", 30_000)
    with pytest.raises(payouts.NotEnoughMoney):
        treasury.ordered("b", 20_000)
    treasury.ordered("c", 19_000)
    assert treasury.spendable() == 1_000_00
    for shillings in (9, 250_001):
        with pytest.raises(payouts.PayoutOutOfRange):
            treasury.ordered("d", shillings)
    assert treasury.unsound() == []


def test_an_order_can_be_withdrawn_until_it_has_left(treasury: Treasury) -> None:
    made = treasury.ordered()
    with treasury.wiring.transaction() as conn:
        payouts.withdraw(conn, made.id, reason="frozen", at=treasury.wiring.now(), chance=treasury.wiring.chance)
    assert treasury.payout(made.id).state == "failed_proven"
    assert treasury.spendable() == treasury.balance("mpesa:600123")
    sent = treasury.sent("order-2")
    with treasury.wiring.transaction() as conn, pytest.raises(payouts.TooLate):
        payouts.withdraw(conn, sent.id, reason="frozen", at=treasury.wiring.now(), chance=treasury.wiring.chance)
    assert treasury.unsound() == []


def test_a_paid_payout_is_booked_once_whatever_is_repeated(treasury: Treasury) -> None:
    payout = treasury.sent()
    assert payout.state == "accepted"
    assert treasury.balance("in_flight:600123") == 50_000
    treasury.hears(result(payout))
    treasury.hears(result(payout, B2CUtilityAccountAvailableFunds=1))
    treasury.asked(payout, QUESTION)
    treasury.hears(status(payout), token=QUESTION, source="status_result")
    treasury.hears(failure(payout, 1))
    after = treasury.payout(payout.id)
    assert (after.state, after.receipt) == ("paid", PAYOUT_RECEIPT)
    assert treasury.balance("in_flight:600123") == 0
    assert treasury.balance("mpesa:600123") == 49_500_00
    assert treasury.balance("paid_out:1") == 50_000
    assert treasury.balance("charges:600123") == treasury.balance("payout_charges") == payout.charge_cents == 500
    assert [verdict for verdict, _ in treasury.verdicts()] == ["applied", "repeated", "repeated", "late"]
    assert treasury.unsound() == []
    gate = treasury.scene.row("SELECT * FROM payout_gates")
    assert gate["answered_at"] and gate["utility_cents"] == 49_500_00


def test_a_proven_failure_gives_the_money_back(treasury: Treasury) -> None:
    payout = treasury.sent()
    treasury.hears(failure(payout, 2040))
    assert treasury.payout(payout.id).state == "failed_proven"
    assert treasury.balance("in_flight:600123") == treasury.balance("paid_out:1") == 0
    assert treasury.spendable() == 50_000_00
    assert treasury.unsound() == []


def test_money_that_moved_after_a_failure_is_booked(treasury: Treasury) -> None:
    payout = treasury.sent()
    treasury.hears(failure(payout, 1))
    treasury.hears(result(payout))
    assert treasury.payout(payout.id).state == "paid"
    assert treasury.balance("in_flight:600123") == 0
    assert treasury.balance("paid_out:1") == 50_000
    assert treasury.verdicts()[-1] == ("applied", "known to have failed before")
    assert treasury.unsound() == []


def test_both_in_one_batch_come_to_the_same_end(treasury: Treasury) -> None:
    payout = treasury.sent()
    for body in (failure(payout, 1), result(payout), failure(payout, 8)):
        treasury.scene.hears(body, token=TOKEN, source="b2c_result")
    treasury.reads()
    assert treasury.payout(payout.id).state == "paid"
    assert treasury.unsound() == []


def test_a_time_out_proves_nothing_and_keeps_no_secret(treasury: Treasury) -> None:
    payout = treasury.sent()
    treasury.hears(echo(payout), source="b2c_timeout")
    row = treasury.scene.row("SELECT state, due_at FROM payouts")
    assert (row["state"], row["due_at"]) == ("unknown", treasury.wiring.now())
    assert treasury.balance("in_flight:600123") == 50_000
    body = bytes(treasury.scene.row("SELECT body FROM evidence WHERE source = 'b2c_timeout'")["body"])
    assert b"SECURITY-CREDENTIAL" not in body and payout.originator.encode() in body


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"OriginatorConversationID": "600123-x", "ConversationID": "AG_other"}, "the ids are another payout's"),
        ({"ReceiverPartyPublicName": "254700000006 - ATIENO"}, "another receiver"),
        ({"TransactionAmount": 499}, "another amount"),
    ],
)
def test_what_does_not_bind_pays_nothing_and_is_asked_about(
    treasury: Treasury, changes: dict[str, Any], reason: str
) -> None:
    payout = treasury.sent()
    treasury.hears(result(payout, **changes))
    row = treasury.scene.row("SELECT state, due_at, receipt FROM payouts")
    assert (row["state"], row["due_at"], row["receipt"]) == ("accepted", treasury.wiring.now(), None)
    assert treasury.verdicts() == [("refused", reason)]


def test_a_foreign_name_with_their_own_id_is_ours(treasury: Treasury) -> None:
    """Safaricom's sample result does not repeat the merchant's id."""
    payout = treasury.sent()
    treasury.hears(result(payout, OriginatorConversationID="53e3-4aa8-9fe0-8fb5e4092cdd3533373"))
    assert treasury.payout(payout.id).state == "paid"


def test_a_stranger_and_a_foreign_receipt_pay_nothing(treasury: Treasury) -> None:
    payout = treasury.sent()
    treasury.hears(result(payout), token="f6" * 32)
    treasury.hears(result(payout, TransactionReceipt="NLJ7RT61FU"))
    assert treasury.verdicts() == [
        ("unmatched", "its token is not one of ours"),
        ("conflict", "the receipt is another payment's"),
    ]
    assert treasury.payout(payout.id).state == "accepted"


def test_another_amount_is_booked_as_status_says_it(treasury: Treasury) -> None:
    payout = treasury.sent()
    treasury.asked(payout, QUESTION)
    treasury.hears(status(payout, Amount="499"), token=QUESTION, source="status_result")
    assert treasury.payout(payout.id).state == "paid"
    assert treasury.balance("mpesa:600123") == 50_000_00 - 49_900
    assert treasury.balance("paid_out:1") == 49_900
    assert treasury.balance("in_flight:600123") == 0
    assert treasury.balance("charges:600123") == 2_240
    assert treasury.unsound() == []


@pytest.mark.parametrize("state", ["Declined", "Cancelled", "Expired"])
def test_a_status_without_money_proves_failure(treasury: Treasury, state: str) -> None:
    payout = treasury.sent()
    treasury.asked(payout, QUESTION)
    treasury.hears(status(payout, state), token=QUESTION, source="status_result")
    assert treasury.payout(payout.id).state == "failed_proven"
    assert treasury.unsound() == []


def test_a_status_that_is_still_at_it_proves_nothing(treasury: Treasury) -> None:
    payout = treasury.sent()
    treasury.asked(payout, QUESTION)
    treasury.hears(status(payout, "Authorized"), token=QUESTION, source="status_result")
    assert treasury.payout(payout.id).state == "accepted"


def test_a_failure_proves_nothing_while_another_request_is_doubtful(treasury: Treasury) -> None:
    """The first was lost on the way, the second refused for its password: the first may have been paid."""
    payout = treasury.ordered()
    treasury.claimed(payout)
    treasury.scene.conn.execute("UPDATE payout_calls SET outcome = 'unknown'")
    with treasury.wiring.transaction() as conn:
        payouts.calls.add_calls(
            conn, payouts.calls.CallKind.PAYMENT, [(payout, b"\x01" * 32)], at=treasury.wiring.now()
        )
    treasury.hears(failure(payout, 2001))
    assert treasury.payout(payout.id).state == "unknown"
    assert treasury.scene.row("SELECT stop_code FROM payout_gates")["stop_code"] == "2001"


@pytest.mark.parametrize("code", [2001, 8006, 21])
def test_a_refused_initiator_stops_the_shortcode_at_once(treasury: Treasury, code: int) -> None:
    payout = treasury.sent()
    treasury.ordered("order-2", phone=ATIENO)
    treasury.hears(failure(payout, code))
    assert payouts.send_due(treasury.wiring) == 0
    stop = treasury.scene.row("SELECT * FROM payout_gates")
    assert (stop["stop_code"], stop["stopped_at"]) == (str(code), treasury.wiring.now())
    assert treasury.unsound() == []
    with treasury.wiring.transaction() as conn:
        assert payouts.gates.lift(conn, None, by="operator", at=treasury.wiring.now()) == 1
        assert payouts.gates.stopped(conn) == {}


def test_an_order_that_never_left_is_free_when_its_hold_runs_out(treasury: Treasury) -> None:
    payout = treasury.ordered()
    treasury.wiring.clock.advance(timedelta(days=8).total_seconds())
    assert payouts.send_due(treasury.wiring) == 1
    assert treasury.payout(payout.id).state == "failed_proven"
    # M-PESA was never asked, and is not what officials hear of.
    assert payouts.end_of(treasury.scene.conn, payout.id).words.startswith("It waited too long and was not sent")
    from ledger import holds

    assert holds.expire_due(treasury.wiring) == 1
    assert treasury.spendable() == 50_000_00
    assert treasury.unsound() == []


def test_a_float_that_is_too_small_keeps_payouts_back(treasury: Treasury) -> None:
    payout = treasury.sent()
    treasury.hears(result(payout, B2CUtilityAccountAvailableFunds=200))
    treasury.wiring.clock.advance(600)
    waiting = treasury.ordered("order-2")
    assert payouts.send_due(treasury.wiring) == 1
    row = treasury.scene.row("SELECT state, reason FROM payouts WHERE id = %s", waiting.id)
    assert (row["state"], row["reason"]) == ("ordered", "float too small")
    # M-PESA is asked again: money may have been moved there meanwhile.
    assert [one["why"] for one in treasury.scene.rows("SELECT why FROM balance_questions")] == ["payout"]


def test_the_cost_is_known_before_anybody_approves() -> None:
    assert payouts.cost(1_000_00).total_cents == 1_005_00
    assert payouts.cost(250_000_00).charge_cents == 1_300
    own = payouts.read_bands(" 100:0, 250000:22.40")
    assert payouts.cost(500_00, own).charge_cents == 2_240
    with pytest.raises(ValueError, match="more than one"):
        payouts.cost(250_001_00)
    for text in ("100", "a:b", "100:1,50:2", "100:0.123"):
        with pytest.raises(charges.BadTariff):
            payouts.read_bands(text)


def test_the_ids_of_a_result_fill_what_a_lost_answer_left_out(treasury: Treasury) -> None:
    payout = treasury.ordered()
    treasury.claimed(payout)
    treasury.hears(failure(payout, 99))
    after = treasury.payout(payout.id)
    assert (after.state, after.conversation_id) == ("unknown", CONVERSATION)
