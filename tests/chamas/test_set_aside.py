"""A row that puzzles the worker is set aside with its reason, and whoever stands behind it goes on."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas import aside, verify
from chamas.course import lifecycle, orders
from chamas.course.orders import OrderKind
from chamas.cycle import rounds
from chamas.dues import defaulting, fining, turnover
from chamas.members import register
from chamas.members.register import MemberStatus
from chamas.payouts import disbursing, round_payouts
from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import Penalty
from chamas.ruling import adopting, proposals
from gateway.wiring import Wiring
from ledger.books import open_book
from tests.chamas.a_cycle import Cycle
from tests.chamas.conftest import Till, Village
from tests.chamas.test_defaults import left_a_deposit, status
from tests.chamas.test_disbursements import Group, five_members
from tests.instruments import START, HandClock

WEEK = timedelta(days=7)


@pytest.fixture
def group(conn: Connection[Any], wiring: Wiring, village: Village, till: Till) -> Group:
    return five_members(conn, wiring, village, till)


def test_a_request_that_puzzles_is_set_aside_and_the_next_one_goes_on(group: Group) -> None:
    spoilt, good = group.ask(), group.ask(payee="Baraka")
    for request in (spoilt, good):
        for who in ("Chebet", "Juma"):
            group.says(who, request)
    # No instant that Python knows: a row that no code of ours writes.
    spoil = "UPDATE disbursement_requests SET expires_at = %s WHERE id = %s"
    group.conn.execute(spoil, ["infinity", spoilt.id])
    group.runs()
    assert group.now(good).state == "approved"
    assert [one.detail for one in verify.verify(group.conn) if not one.ok] == [
        "1 rows that puzzle the worker (DataError)"
    ]
    assert disbursing.follow_due(group.wiring) == 0
    # Put right by a person, it goes on by itself; until its time has come nobody tries it again.
    group.conn.execute(spoil, [spoilt.expires_at, spoilt.id])
    group.runs()
    assert (group.now(spoilt).state, group.now(spoilt).failure) == ("pending", "DataError")
    group.waits(disbursing.ASIDE_FOR.total_seconds())
    assert (group.now(spoilt).state, group.now(spoilt).failure) == ("approved", None)


def test_a_group_whose_round_puzzles_is_set_aside_and_the_others_rounds_turn(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village
) -> None:
    """Tumaini's round is overdue for longest, and nothing says what its next one asks for."""
    other = [tumaini(conn)]
    conn.execute(
        "INSERT INTO rounds (chama_id, number, rule_set_id, state, anchor_at, step, opens_at, closes_at, cycle) "
        "SELECT %s, 1, rule_set_id, 'pending', anchor_at, step, %s, closes_at, cycle FROM rounds",
        [*other, START - WEEK],
    )
    clock.advance(WEEK.total_seconds())
    while turnover.turn_over_due(wiring):
        pass
    states = "SELECT state, failure FROM rounds WHERE chama_id = %s ORDER BY number"
    assert conn.execute(states, [village.chama_id]).fetchall() == [("expired", None), ("active", None)]
    assert conn.execute(states, [*other]).fetchall() == [("pending", "NoRules")]
    # Rules come: it is taken up when its time has come, and nobody asks any more what puzzled.
    rounds.adopt_rules(
        conn, chama_id=other[0], contribution_cents=100_00, frequency=Frequency.WEEKLY, in_force_from=START - WEEK * 2
    )
    assert turnover.turn_over_due(wiring) == 0
    clock.advance(turnover.ASIDE_FOR.total_seconds())
    assert turnover.turn_over_due(wiring) == 1
    assert ("pending", "NoRules") not in conn.execute(states, [*other]).fetchall()


def tumaini(conn: Connection[Any]) -> int:
    """A second running chama, without people, rules or rounds."""
    [(chama_id,)] = conn.execute(
        "INSERT INTO chamas (number, name, kind, frequency, contribution_cents, member_target, status, book_id, "
        "created_at) SELECT '51907', 'Tumaini', kind, frequency, contribution_cents, member_target, status, %s, "
        "created_at FROM chamas RETURNING id",
        [open_book(conn, kind="chama", name="Tumaini", at=START)],
    ).fetchall()
    return int(chama_id)


def puzzling(cycle: Cycle) -> list[tuple[str, str]]:
    return cycle.conn.execute("SELECT loop, failure FROM puzzles ORDER BY loop").fetchall()


def works(cycle: Cycle, loop: Any) -> None:
    """Until nothing is due; a loop that stops at a bad row would raise, or never come to rest."""
    for _ in range(30):
        if not loop(cycle.wiring):
            return
    raise AssertionError("never came to rest")


def test_a_round_that_puzzles_stops_neither_the_pots_nor_the_fines_of_others(cycle: Cycle) -> None:
    cycle.rules(penalty=Penalty.FLAT, penalty_cents=100_00)
    for number in (1, 2, 3):
        for name in ("Amina", "Baraka", "Wanjiku", "Chebet"):
            cycle.pays(name, 500)
        cycle.closes()
        if number == 2:
            # No instant that Python knows: a row that no code of ours writes.
            spoil = "UPDATE rounds SET closed_at = 'infinity', closes_at = 'infinity' WHERE number = 2"
            cycle.conn.execute(spoil)
    cycle.clock.advance(3_601)
    works(cycle, round_payouts.follow_due)
    works(cycle, fining.go_on)
    assert [payee for _, payee, _, _ in cycle.requests()] == ["Amina", "Wanjiku"]
    # The version with the fine came while round 1 was open, which keeps its own.
    fined = cycle.conn.execute("SELECT r.number FROM penalties p JOIN rounds r ON r.id = p.round_id").fetchall()
    assert fined == [(3,)] and puzzling(cycle) == [("fine_rounds", "DataError"), ("pots", "DataError")]
    assert [one.detail for one in verify.verify(cycle.conn) if not one.ok] == [
        "2 rows that puzzle the worker (DataError)"
    ]
    # Put right by a person, it goes through when its time has come, and nobody asks any more what puzzled.
    right = "UPDATE rounds SET closed_at = opened_at + interval '7 days', closes_at = opens_at + interval '7 days' "
    cycle.conn.execute(right + "WHERE number = 2")
    cycle.clock.advance(aside.ASIDE_FOR.total_seconds())
    works(cycle, round_payouts.follow_due)
    works(cycle, fining.go_on)
    assert len(cycle.requests()) == 3 and puzzling(cycle) == []


def test_a_member_a_proposal_and_an_order_that_puzzle_stop_no_others(cycle: Cycle) -> None:
    for name in ("Amina", "Chebet", "Baraka", "Wanjiku", "Juma"):
        cycle.pays(name, 100)
    cycle.closes()
    left_a_deposit(cycle, "Baraka", 100_00)
    left_a_deposit(cycle, "Juma", 100_00)
    spoilt = [cycle.members["Baraka"]]
    cycle.conn.execute("DELETE FROM allocations WHERE deposit_id IS NOT NULL AND member_id = %s", spoilt)
    cycle.conn.execute("DELETE FROM deposits WHERE member_id = %s", spoilt)
    with cycle.conn.transaction():
        for name in ("Baraka", "Juma"):
            register.move_member(cycle.conn, cycle.members[name], MemberStatus.DEFAULTED)
    works(cycle, defaulting.go_on)
    assert (cycle.held("deposit", "Baraka"), cycle.held("deposit", "Juma")) == (100_00, 0)
    assert status(cycle, "Juma") == "defaulted" and puzzling(cycle) == [("defaults", "LookupError")]
    other, at, amina = tumaini(cycle.conn), cycle.wiring.now(), cycle.village.user_ids[0]
    cycle.conn.execute(
        "INSERT INTO rule_proposals (chama_id, rule_set_id, proposed_by, rules, needed, state, proposed_at, "
        "expires_at, due_at) SELECT %s, max(id), %s, '{}', 2, 'pending', %s, 'infinity', %s FROM rule_sets",
        [other, cycle.members["Amina"], at, at],
    )
    proposals.propose(cycle.conn, cycle.chama_id, {"wait_minutes": 90}, by_user_id=amina, at=at)
    cycle.conn.execute(
        "INSERT INTO chama_orders (chama_id, kind, state, asked_by, asked_at, needs_second, opens_at) "
        "VALUES (%s, 'start', 'asked', %s, %s, FALSE, 'infinity')",
        [other, amina, at],
    )
    orders.ask(cycle.conn, cycle.chama_id, OrderKind.CLOSE_ROUND, by_user_id=amina, at=at)
    cycle.conn.execute("UPDATE chama_orders SET needs_second = FALSE")  # that somebody agrees is tried elsewhere
    works(cycle, adopting.follow_due)
    works(cycle, lifecycle.go_on)
    # Baraka and Juma are in default, and say nothing to it.
    assert cycle.told("rules_asked") == ["Chebet", "Wanjiku"]
    states = cycle.conn.execute("SELECT state FROM chama_orders ORDER BY id").fetchall()
    assert states == [("asked",), ("done",)] and rounds.active_round(cycle.conn, cycle.chama_id) is None
    assert [loop for loop, _ in puzzling(cycle)] == ["defaults", "orders", "rules"]
