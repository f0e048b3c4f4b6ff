"""A chama starts when its deposits are in, runs by the clock and by its officials, and ends with nothing of anybody."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.arriving import arrivals
from chamas.course import orders
from chamas.course.lifecycle import LAST_POT, PayoutUnderWay, StillOwed
from chamas.course.orders import NotYours, OrderKind
from chamas.cycle import rounds
from chamas.dues import setting_off
from chamas.entrance import founding
from chamas.members import deposits, register
from chamas.members.deposits import DEPOSIT_MOVES, DepositState
from chamas.members.refusals import NotNow, OfficialsOnly
from chamas.payouts import asking
from chamas.rulebook.calendar import Frequency
from gateway.wiring import Wiring
from ledger.moves import ForbiddenMove
from tests.chamas.a_life import DAY, Life, begin
from tests.instruments import START, HandClock

DEPOSIT = 1_000_00
WEEK = timedelta(days=7)


@pytest.fixture
def life(conn: Connection[Any], wiring: Wiring, clock: HandClock) -> Life:
    """Three people, KES 500 a week, after a deposit of KES 1,000; one cycle."""
    return begin(conn, wiring, clock, deposit_cents=DEPOSIT, cycles=1)


def started(life: Life) -> Life:
    for place in range(len(life.members)):
        life.pay(place, 1_000)
    founding.close(life.conn, life.chama_id, by_user_id=life.users[0], at=life.clock.now())
    assert life.order(OrderKind.START).state == "done"
    return life


def test_deposits_stand_in_accounts_of_their_own_and_the_rest_is_credit(life: Life) -> None:
    receipt = life.pay(0, 400)
    assert life.pay(0, 400, again=receipt) == receipt
    hers = deposits.of_member(life.conn, life.chama_id, life.members[0])
    assert hers and (hers.state, hers.paid_cents, hers.missing_cents) == ("pending", 400_00, 600_00)
    both = [life._proven(f"TKX{n}RT61SV", 500, life.members[0], new=True) for n in (1, 2)]
    with life.wiring.transaction() as conn:
        arrivals.book(conn, both, at=life.clock.now(), chance=life.chance)
    assert (life.holds(0, "deposit"), life.holds(0)) == (DEPOSIT, 400_00)
    assert life.told("deposit_received") == 3
    assert [one.state for one in deposits.of_chama(life.conn, life.chama_id)] == ["paid", "pending", "pending"]
    assert life.sound()


def test_officials_start_it_when_all_deposits_are_paid_and_nobody_else_does(life: Life) -> None:
    with pytest.raises(OfficialsOnly):
        founding.close(life.conn, life.chama_id, by_user_id=life.users[1], at=START)
    founding.close(life.conn, life.chama_id, by_user_id=life.users[0], at=START)
    life.pay(0, 1_000)
    life.pay(1, 1_500)
    with pytest.raises(NotNow):
        life.order(OrderKind.START)
    life.pay(2, 1_000)
    with pytest.raises(OfficialsOnly):
        life.order(OrderKind.START, by=1)
    order = life.order(OrderKind.START, opens_at=START + timedelta(days=2))
    assert (order.state, life.status(), life.rounds()) == ("done", "active", [(1, "pending")])
    assert life.told("chama_started") == 3
    members = life.conn.execute("SELECT status, position FROM chama_members ORDER BY number").fetchall()
    assert members == [("active", 1), ("active", 2), ("active", 3)]
    # Her credit is used when the round opens, and what comes before is credit, too.
    life.pay(0, 200)
    assert life.waits(2) == 1
    assert life.rounds() == [(1, "active")]
    paid = life.conn.execute("SELECT paid_cents FROM contributions ORDER BY member_id").fetchall()
    assert paid == [(200_00,), (500_00,), (0,)]
    assert life.sound()


def test_rounds_that_were_missed_are_opened_and_closed_in_their_order_by_their_own_instants(life: Life) -> None:
    started(life)
    life.pay(1, 800)
    assert life.waits(15) == 2
    assert life.rounds() == [(1, "expired"), (2, "expired"), (3, "active")]
    found = life.conn.execute(
        "SELECT opens_at, closes_at, opened_at, cycle, turn, payee_member_id FROM rounds ORDER BY number"
    ).fetchall()
    week = timedelta(days=7)
    assert [row[:2] for row in found] == [(START + n * week, START + (n + 1) * week) for n in range(3)]
    assert [row[3:] for row in found] == [(1, place + 1, life.members[place]) for place in range(3)]
    # Nobody owes twice for one round, and each knows why she owes.
    due = life.conn.execute("SELECT member_id, sum(due_cents - paid_cents)::bigint FROM contributions GROUP BY 1")
    assert dict(due.fetchall()) == dict(zip(life.members, (1_500_00, 700_00, 1_500_00), strict=True))
    life.pay(1, 200)
    life.pay(0, 500)
    life.pay(2, 500)
    assert life.runs() == 1
    assert life.rounds() == [(1, "completed"), (2, "expired"), (3, "active")]
    assert life.sound()


def test_workers_who_come_back_together_open_and_close_each_missed_round_once(life: Life) -> None:
    started(life)
    life.clock.advance(15 * DAY)
    workers = [threading.Thread(target=life.runs) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert life.runs() == 0
    assert life.rounds() == [(1, "expired"), (2, "expired"), (3, "active")]
    assert life.value("SELECT count(*) FROM contributions") == 9
    assert life.sound()


def test_an_official_closes_a_round_early_and_the_next_opens_at_its_own_instant(life: Life) -> None:
    started(life)
    life.seat(1, "treasurer")
    for place in (0, 1):
        life.pay(place, 500)
    asked = life.order(OrderKind.CLOSE_ROUND)
    assert (asked.state, asked.needs_second, life.rounds()) == ("asked", True, [(1, "active")])
    assert life.agree(asked, by=1).state == "done"
    assert life.rounds() == [(1, "expired"), (2, "pending")]
    assert life.told("closed_early") == 3
    # By the calendar nobody owes yet for what two officials have closed.
    owes = {by: setting_off.owed(life.conn, life.members[2], due_by=by) for by in (None, START, START + WEEK)}
    assert owes == {None: 500_00, START: 0, START + WEEK: 500_00}
    assert life.order(OrderKind.CLOSE_ROUND).why == "not_now"
    assert life.told("order_refused") == 1
    life.pay(2, 1_000)
    assert life.waits(6.9) == 1  # all of it has come
    assert life.waits(0.1) == 1
    assert life.rounds()[1] == (2, "active")
    assert life.value("SELECT opened_by FROM rounds WHERE number = 2") is None
    waits = life.order(OrderKind.CLOSE_ROUND)
    assert life.agree(waits, by=1).state == "done"
    assert life.order(OrderKind.OPEN_ROUND).state == "done"
    assert life.value("SELECT opened_by FROM rounds WHERE number = 3") == life.users[0]
    assert life.value("SELECT closes_at FROM rounds WHERE number = 3") == START + timedelta(days=28) - timedelta(days=7)
    assert life.sound()


def test_a_word_to_close_a_round_is_for_that_round_alone(life: Life) -> None:
    """What nobody has seconded ends with the round, is told, and closes no later one."""
    started(life)
    life.seat(1, "treasurer")
    life.waits(3)
    asked = life.order(OrderKind.CLOSE_ROUND)
    assert life.waits(4) > 0
    ended = orders.by_id(life.conn, asked.id)
    assert (ended.state, ended.why, life.told("order_refused")) == ("refused", NotYours.code, 1)
    assert life.rounds() == [(1, "expired"), (2, "active")] and life.told("closed_early") == 0
    with pytest.raises(NotNow):
        life.agree(asked, by=1)
    later = life.order(OrderKind.CLOSE_ROUND)
    life.conn.execute("UPDATE rounds SET closes_at = closes_at + interval '1 day' WHERE number = 2")
    assert life.agree(later, by=1).why == "not_now" and life.rounds()[1] == (2, "active")


def test_a_group_whose_rounds_people_time_opens_them_itself(
    conn: Connection[Any], wiring: Wiring, clock: HandClock
) -> None:
    life = begin(conn, wiring, clock, frequency=Frequency.CUSTOM)
    founding.close(conn, life.chama_id, by_user_id=life.users[0], at=START)
    closes_at = START + timedelta(days=3)
    assert life.order(OrderKind.START, closes_at=closes_at).state == "done"
    assert life.rounds() == [(1, "active")]
    assert life.waits(3) == 1
    assert life.rounds() == [(1, "expired")]
    assert life.order(OrderKind.OPEN_ROUND).why == "not_now"
    assert life.order(OrderKind.OPEN_ROUND, closes_at=START + timedelta(days=9)).state == "done"
    assert life.rounds() == [(1, "expired"), (2, "active")]


def test_a_recruitment_deadline_ends_in_waiting_or_in_refunds_as_the_group_agreed(
    conn: Connection[Any], wiring: Wiring, clock: HandClock
) -> None:
    terms = {"deposit_cents": DEPOSIT, "recruitment_deadline": START + timedelta(days=5), "member_target": 4}
    life = begin(conn, wiring, clock, people=2, when_short="cancel", **terms)
    life.pay(0, 1_000)
    life.pay(1, 300)
    assert life.waits(4) == 0
    life.waits(1)
    assert life.status() == "cancelled"
    sent = conn.execute("SELECT amount_cents + charge_cents FROM refunds ORDER BY id").fetchall()
    assert sent == [(DEPOSIT,), (300_00,)]
    assert [life.holds(place, kind) for place in (0, 1) for kind in ("deposit", "member")] == [0, 0, 0, 0]
    assert [life.holds(place, "refund") for place in (0, 1)] == [DEPOSIT, 300_00]
    assert life.value("SELECT count(*) FROM payouts WHERE state = 'ordered'") == 2
    conn.execute("UPDATE chamas SET status = 'recruiting', when_short = 'wait' WHERE id = %s", [life.chama_id])
    life.runs()
    assert (life.status(), life.told("recruitment_over")) == ("waiting", 1)
    assert life.sound()


def test_what_ends_a_running_group_needs_two_officials(life: Life, wiring: Wiring, clock: HandClock) -> None:
    started(life)
    life.seat(1, "treasurer")
    order = life.order(OrderKind.CANCEL)
    assert (order.state, life.status()) == ("asked", "active")
    for by, refused in ((0, NotYours), (2, OfficialsOnly)):
        with pytest.raises(refused):
            life.agree(order, by=by)
    assert life.waits(6) == 0
    life.waits(1)
    assert orders.by_id(life.conn, order.id).why == NotYours.code
    life.pay(2, 500)
    with wiring.transaction() as conn:
        asking.ask(
            conn, asker_member_id=life.members[0], payee_member_id=life.members[0], amount_cents=100_00, at=clock.now()
        )
    assert life.agree(life.order(OrderKind.CANCEL), by=1).why == PayoutUnderWay.code
    life.conn.execute("UPDATE disbursement_requests SET state = 'rejected'")
    again = life.agree(life.order(OrderKind.CANCEL), by=1)
    assert (again.state, life.status()) == ("done", "cancelled")
    with pytest.raises(NotNow):
        life.agree(again, by=1)


def test_a_group_that_has_done_what_it_was_for_completes_and_gives_the_deposits_back(life: Life) -> None:
    started(life)
    for place in range(3):
        life.pay(place, 1_500)
    life.waits(21)
    assert life.rounds() == [(1, "completed"), (2, "completed"), (3, "completed")]
    assert life.status() == "active"
    life.clock.advance(LAST_POT.total_seconds())
    life.runs()
    assert life.status() == "completed"
    assert life.conn.execute("SELECT DISTINCT status FROM chama_members").fetchall() == [("completed",)]
    # No pot was paid: everything that was paid in goes back, with the deposits.
    assert [life.holds(place, "refund") for place in range(3)] == [2_500_00] * 3
    assert [one.state for one in deposits.of_chama(life.conn, life.chama_id)] == ["refunded"] * 3
    assert life.sound()


def test_a_group_in_which_somebody_owes_does_not_complete(life: Life) -> None:
    started(life)
    life.seat(1, "treasurer")
    life.waits(7)
    assert life.agree(life.order(OrderKind.COMPLETE), by=1).why == StillOwed.code
    for place in range(3):
        life.pay(place, 500)
    assert life.agree(life.order(OrderKind.COMPLETE), by=1).state == "done"
    assert (life.status(), life.rounds()) == ("completed", [(1, "completed"), (2, "cancelled")])


@pytest.mark.parametrize("old", list(DepositState))
def test_a_deposit_moves_as_its_table_says(old: DepositState) -> None:
    for new in set(DepositState) - DEPOSIT_MOVES.following[old]:
        with pytest.raises(ForbiddenMove):
            DEPOSIT_MOVES.require(old, new)


def test_a_member_who_leaves_moves_nobody_elses_turn(life: Life) -> None:
    """Public bug: numbers were counted over who is left, so that a removal paid somebody twice and somebody never."""
    started(life)
    register.move_member(life.conn, life.members[0], register.MemberStatus.WITHDRAWN)
    life.waits(14)
    paid = life.conn.execute("SELECT payee_member_id FROM rounds ORDER BY number").fetchall()
    assert paid == [(member_id,) for member_id in life.members]
    assert rounds.active_round(life.conn, life.chama_id)
