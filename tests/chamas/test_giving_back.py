"""What an ended group holds goes back to whom it belongs: to the cent, by payouts, with nothing left behind."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from chamas.arriving import received, receivers, unmatched
from chamas.course import giving_back, refunds
from chamas.course.orders import OrderKind
from chamas.course.refunds import REFUND_MOVES, RefundState
from chamas.course.winding import Holding, give_back, owed, share_out
from chamas.dues import contributions, owing
from chamas.dues.allocation import Arrived
from chamas.entrance import founding
from chamas.members import deposits
from chamas.members.refusals import NotNow
from gateway.wiring import Wiring
from ledger.books import Draft, Line, open_account, post
from ledger.moves import ForbiddenMove
from payments import payouts
from tests.chamas.a_life import Life, begin
from tests.chamas.door import founded
from tests.instruments import HandClock

CENTS = st.integers(0, 300_000_00)
HOLDINGS = st.dictionaries(st.integers(1, 30), st.builds(Holding, CENTS, CENTS, CENTS), max_size=12)


@given(held=HOLDINGS, available=st.integers(-500_00, 900_000_00))
def test_nobody_gets_more_than_hers_and_nobody_together_more_than_there_is(
    held: dict[int, Holding], available: int
) -> None:
    given_back = give_back(held, available)
    assert given_back == give_back(dict(sorted(held.items(), reverse=True)), available)
    whole = sum(owed(one).total_cents for one in held.values())
    assert sum(back.total_cents for back in given_back.values()) == min(whole, max(0, available))
    for member_id, back in given_back.items():
        claim = owed(held[member_id])
        assert 0 <= back.deposit_cents <= claim.deposit_cents
        assert 0 <= back.contributed_cents <= claim.contributed_cents
        # Of what was paid into rounds nothing goes back while a deposit is short.
        short = any(each.deposit_cents < owed(held[one]).deposit_cents for one, each in given_back.items())
        assert not (short and back.contributed_cents)


@pytest.fixture
def life(conn: Connection[Any], wiring: Wiring, clock: HandClock) -> Life:
    """Three who left KES 2,000 each and run; Amina is chairperson, the second one treasurer. Each paid KES 500."""
    life = begin(conn, wiring, clock, deposit_cents=2_000_00)
    life.seat(1, "treasurer")
    for place in range(3):
        life.pay(place, 2_500)
    founding.close(life.conn, life.chama_id, by_user_id=life.users[0], at=life.clock.now())
    life.order(OrderKind.START)
    return life


def paid_out(life: Life, place: int, cents: int) -> None:
    """A pot went to her."""
    to = open_account(life.conn, book_id=life.book_id, code=f"paid_out:{life.members[place]}", kind="asset")
    out = open_account(life.conn, book_id=life.book_id, code="mpesa:600123", kind="asset")
    lines = (Line(to, cents), Line(out, -cents))
    draft = Draft(life.book_id, "payout", life.clock.now(), lines, "pot", str(place))
    with life.wiring.transaction() as conn:
        post(conn, draft, at=life.clock.now(), chance=life.chance)


def called_off(life: Life) -> None:
    assert life.agree(life.order(OrderKind.CANCEL), by=1).state == "done"


def orders(life: Life) -> list[tuple[int, int, str]]:
    return [(one.amount_cents, one.charge_cents, one.state.value) for one in refunds.of_chama(life.conn, life.chama_id)]


def spendable(life: Life) -> int:
    return payouts.spendable(life.conn, life.book_id, "600123")


def test_a_refund_moves_money_when_it_is_called_one_and_leaves_by_a_payout(life: Life) -> None:
    """Public bugs: refunds that move nothing, and cancelled groups that trap money."""
    called_off(life)
    for place in range(3):
        assert (life.holds(place), life.holds(place, "deposit"), life.holds(place, "refund")) == (0, 0, 2_500_00)
    charge = payouts.cost(2_500_00).charge_cents
    assert charge > 0
    assert orders(life) == [(2_500_00 - charge, charge, "ordered")] * 3
    states = {one.state.value for one in deposits.of_chama(life.conn, life.chama_id)}
    assert states == {"refunded"}
    assert life.conn.execute("SELECT DISTINCT state FROM contributions").fetchall() == [("refunded",)]
    first, second, third = (one.payout_id or 0 for one in refunds.of_chama(life.conn, life.chama_id))
    life.leaves(first)
    life.leaves(second, paid=False)
    life.leaves(third)
    life.runs()
    assert [state for *_, state in orders(life)] == ["paid", "failed", "paid"]
    assert [life.holds(place, "refund") for place in range(3)] == [0, 2_500_00, 0]
    assert (life.told("refund_paid"), life.told("refund_failed")) == (2, 1)
    # The rest of the group is hers alone; it is never given to anybody else, however often somebody looks.
    assert spendable(life) == 2_500_00
    life.waits(3)
    assert len(orders(life)) == 3
    assert life.order(OrderKind.RESEND).state == "done"
    again = refunds.of_chama(life.conn, life.chama_id)[1]
    assert (again.state, again.tries) == ("ordered", 2)
    life.leaves(again.payout_id or 0)
    life.runs()
    assert (spendable(life), life.holds(1, "refund")) == (0, 0)
    assert life.sound()


def test_sent_again_in_one_group_is_nothing_in_her_other_one(life: Life) -> None:
    """All three are in two groups that end on one day; to each the same comes back from both."""
    door = founded(life.conn, name="Upendo", number="51908", member_target=3, capacity=5, deposit_cents=2_000_00)
    other = Life(life.conn, life.wiring, life.clock, door, [door.seat.member_id], [door.founder_id], life.shortcode_id)
    other.receipts = 500
    for number in (2, 3):
        other.admit(number)
    assert other.users == life.users
    other.seat(1, "treasurer")
    for place in range(3):
        other.pay(place, 2_500)
    founding.close(other.conn, other.chama_id, by_user_id=other.users[0], at=other.clock.now())
    other.order(OrderKind.START)
    both = (life, other)
    for group in both:
        called_off(group)
        assert {state for *_, state in orders(group)} == {"ordered"}
    for group in both:
        for refund in refunds.of_chama(life.conn, group.chama_id):
            group.leaves(refund.payout_id or 0, paid=refund.member_id != group.members[1])
    life.runs()
    assert life.order(OrderKind.RESEND, by=1).state == "done"
    assert [state for *_, state in orders(life)] == ["paid", "ordered", "paid"]
    assert [state for *_, state in orders(other)] == ["paid", "failed", "paid"]
    assert (life.holds(1, "refund"), other.holds(1, "refund")) == (2_500_00, 2_500_00)
    assert other.order(OrderKind.RESEND).state == "done"
    again = [refunds.of_chama(life.conn, group.chama_id)[1] for group in both]
    assert [(one.state, one.tries) for one in again] == [("ordered", 2)] * 2
    assert len({one.payout_id for one in again}) == 2
    for group, refund in zip(both, again, strict=True):
        group.leaves(refund.payout_id or 0)
    life.runs()
    assert [(group.holds(1, "refund"), spendable(group)) for group in both] == [(0, 0)] * 2
    # Nothing is left to be sent again, and to say so sends nothing.
    assert life.order(OrderKind.RESEND).state == "done"
    assert [one.tries for one in refunds.of_chama(life.conn, life.chama_id)] == [1, 2, 1]
    assert life.sound()


def test_money_that_comes_after_the_end_is_nobody_elses_however_long_one_waits(life: Life) -> None:
    """It was credited, and a week later shared by all when the group lacked something; it waits for its payer."""
    paid_out(life, 0, 4_000_00)
    assert not owing.dues(life.conn, life.members[1], life.clock.now()).ended
    called_off(life)
    assert owing.dues(life.conn, life.members[1], life.clock.now()).ended
    before = [(life.holds(place), life.holds(place, "refund")) for place in range(3)]
    receipt, more = life.pay(2, 700), life.pay(0, 1_501)
    life.waits(8)
    assert [(life.holds(place), life.holds(place, "refund")) for place in range(3)] == before
    assert len(orders(life)) == 2
    assert life.conn.execute("SELECT receipt, reason FROM suspense ORDER BY receipt").fetchall() == [
        (receipt, receivers.ENDED), (more, receivers.ENDED)
    ]  # fmt: skip
    assert life.told("contribution_received") + life.told("deposit_received") == 3
    # Each payer hears of each receipt, once, that it is not lost.
    assert life.pay(2, 700, again=receipt) == receipt
    kept = life.conn.execute("SELECT dedupe_key, user_id, arguments ->> 'amount_cents' FROM notifications "
                             "WHERE template = 'kept_after_the_end' ORDER BY dedupe_key").fetchall()  # fmt: skip
    whose = [life.value("SELECT user_id FROM chama_members WHERE id = %s", life.members[place]) for place in (2, 0)]
    assert kept == [(f"kept:{receipt}", whose[0], "70000"), (f"kept:{more}", whose[1], "150100")]
    assert received.told_as_kept(life.conn, whose[0], receipt) == (
        life.value("SELECT name FROM chamas"),
        70_000,
        life.value("SELECT paid_at FROM receipts WHERE receipt = %s", receipt),
    )
    assert received.told_as_kept(life.conn, whose[1], receipt) is None
    with pytest.raises(NotNow):
        unmatched.ask_credit(life.conn, receipt, life.members[2], by=operator(life), at=life.clock.now())
    assert life.sound()


def operator(life: Life) -> int:
    """Somebody of the desk."""
    someone = life.door.person("+254722000001", "Office")
    life.conn.execute("UPDATE users SET platform_role = 'admin' WHERE id = %s", [someone])
    return someone


def test_who_was_paid_and_stopped_pays_with_her_deposit_first_and_the_loss_is_shared_to_the_cent(life: Life) -> None:
    """Amina had the pot of 1,500 and had paid 500: 1,000 of it are the others'. Her deposit covers them."""
    paid_out(life, 0, 1_500_00)
    called_off(life)
    held = giving_back.holdings(life.conn, life.chama_id)
    assert all(owed(one).total_cents == 0 for one in held.values())
    assert life.conn.execute("SELECT deposit_cents, contributed_cents FROM refunds ORDER BY member_id").fetchall() == [
        (1_000_00, 0),
        (2_000_00, 500_00),
        (2_000_00, 500_00),
    ]
    assert [one.state.value for one in deposits.of_chama(life.conn, life.chama_id)] == [
        "forfeited", "refunded", "refunded"
    ]  # fmt: skip
    assert life.sound()


def test_what_the_group_does_not_have_stays_owed_until_it_comes(life: Life) -> None:
    """The pot took more than her deposit covers: deposits go back whole, the rest in parts, and more when she pays."""
    paid_out(life, 0, 4_000_00)
    called_off(life)
    [first, second] = refunds.of_chama(life.conn, life.chama_id)
    assert (first.member_id, second.member_id) == (life.members[1], life.members[2])
    assert life.conn.execute("SELECT deposit_cents, contributed_cents FROM refunds").fetchall() == [
        (1_750_00, 0), (1_750_00, 0)
    ]  # fmt: skip
    assert [life.holds(place) for place in (1, 2)] == [500_00, 500_00]
    life.pay(0, 1_500)
    life.waits(1)
    back = life.conn.execute(
        "SELECT sum(deposit_cents)::bigint, sum(contributed_cents)::bigint FROM refunds GROUP BY member_id "
        "ORDER BY member_id"
    ).fetchall()
    assert back == [(2_000_00, 500_00)] * 2
    assert life.sound()


def test_a_member_without_a_phone_keeps_her_money_under_her_name(life: Life) -> None:
    life.conn.execute("UPDATE users SET phone = NULL WHERE id = %s", [life.users[2]])
    called_off(life)
    refund = refunds.of_chama(life.conn, life.chama_id)[2]
    assert (refund.state, refund.reason, life.holds(2, "refund")) == ("failed", "no_phone", 2_500_00)
    assert spendable(life) - 2 * payouts.cost(2_500_00).charge_cents == 2_500_00


def fined(life: Life, place: int, cents: int) -> None:
    """What she paid of a fine has moved on to the group's own account."""
    life.pay(place, cents // 100)
    hers = open_account(life.conn, book_id=life.book_id, code=f"member:{life.members[place]}", kind="liability")
    fines = open_account(life.conn, book_id=life.book_id, code="fines", kind="income")
    draft = Draft(life.book_id, "fine", life.clock.now(), (Line(hers, cents), Line(fines, -cents)), "fine", str(place))
    with life.wiring.transaction() as conn:
        posted = post(conn, draft, at=life.clock.now(), chance=life.chance)
        contributions.take_back(conn, Arrived(life.members[place], life.book_id, posted.seq, cents))


def test_fines_of_an_ended_group_are_shared_out_to_the_cent_by_who_does_not_owe(life: Life) -> None:
    """Wanjiku's fine of 100 is everybody's in the end: three parts, the odd cent to the first; nothing is trapped."""
    fined(life, 2, 100_00)
    called_off(life)
    parts = "SELECT shared_cents, deposit_cents + contributed_cents FROM refunds ORDER BY member_id"
    assert life.conn.execute(parts).fetchall() == [(33_34, 2_500_00), (33_33, 2_500_00), (33_33, 2_500_00)]
    assert [life.holds(place, "refund") for place in range(3)] == [2_533_34, 2_533_33, 2_533_33]
    for one in refunds.of_chama(life.conn, life.chama_id):
        life.leaves(one.payout_id or 0)
    life.runs()
    assert spendable(life) == sum(life.holds(place, "refund") for place in range(3)) < 3_00
    life.waits(3)
    assert len(orders(life)) == 3
    assert life.sound()


@given(held=HOLDINGS, more=CENTS, weights=st.dictionaries(st.integers(1, 30), CENTS, max_size=12))
def test_what_is_left_is_shared_whole(held: dict[int, Holding], more: int, weights: dict[int, int]) -> None:
    whole = sum(owed(one).total_cents for one in held.values())
    weights = {one: weight for one, weight in weights.items() if one in held}
    backs = share_out(give_back(held, whole + more), whole + more, weights)
    shared = sum(back.shared_cents for back in backs.values())
    assert shared == (more if any(weights.values()) else 0)
    assert all(replace(back, shared_cents=0) == owed(held[one]) for one, back in backs.items())


@pytest.mark.parametrize("old", list(RefundState))
def test_a_refund_moves_as_its_table_says(old: RefundState) -> None:
    for new in set(RefundState) - REFUND_MOVES.following[old]:
        with pytest.raises(ForbiddenMove):
            REFUND_MOVES.require(old, new)
