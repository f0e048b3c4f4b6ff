"""A ballot from its call to places that hold, and what makes it void; swaps by consent."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from chamas.cycle import ballots, drawing, places, rounds, swaps
from chamas.cycle.ballots import BallotOpen, NoBallot, NotByBallot, OrderNotDrawn
from chamas.cycle.swaps import CannotSwap, SwapOver
from chamas.dues import turnover
from chamas.members import register
from chamas.members.refusals import OfficialsOnly
from chamas.members.states import MemberStatus
from chamas.rulebook.rules import OrderKind
from gateway.api import agreed
from gateway.api.answers import as_json
from gateway.wiring import Wiring
from tests.chamas.conftest import Village
from tests.chamas.test_drawing import check
from tests.drills.fuse import dies_everywhere
from tests.instruments import START, HandClock

HOUR = 3_600
DAY = 24 * HOUR


@pytest.fixture
def drawn_village(conn: Connection[Any], village: Village) -> Village:
    """The rules ask for a ballot from now on; round 1 is Amina's, so that two others draw."""
    now = rounds.rules_at(conn, village.chama_id, START)
    assert now is not None
    rounds.adopt(conn, village.chama_id, replace(now.rules, order=OrderKind.BALLOT), in_force_from=START)
    return village


def call(wiring: Wiring, village: Village) -> str:
    """An official calls it, and the worker seals it: its seal."""
    with wiring.transaction() as conn:
        ballots.call(conn, village.chama_id, by_user_id=village.user_ids[0], at=wiring.now())
    assert ballots.follow_due(wiring) == 1
    with wiring.transaction() as conn:
        found = ballots.latest(conn, village.chama_id)
    assert found is not None and found.seal is not None
    return found.seal.hex()


def told(conn: Connection[Any], template: str) -> list[Any]:
    return conn.execute(
        "SELECT u.first_name, n.arguments FROM notifications n JOIN users u ON u.id = n.user_id "
        "WHERE n.template = %s ORDER BY u.first_name", [template]
    ).fetchall()  # fmt: skip


def standing(conn: Connection[Any], village: Village) -> list[int]:
    return [place.number for place in places.everybody(conn, village.chama_id)]


def test_a_ballot_moves_those_whose_turn_is_to_come_and_anybody_recomputes_it(
    conn: Connection[Any], wiring: Wiring, drawn_village: Village
) -> None:
    village = drawn_village
    now = rounds.rules_at(conn, village.chama_id, START)
    assert now is not None
    with pytest.raises(OrderNotDrawn):
        ballots.require_drawn(conn, now)
    with pytest.raises(OfficialsOnly):
        ballots.call(conn, village.chama_id, by_user_id=village.user_ids[1], at=START)
    seal = call(wiring, village)
    assert [(name, facts["seal"]) for name, facts in told(conn, "ballot_called")] == [
        ("Baraka", seal),
        ("Wanjiku", seal),
    ]
    assert ballots.follow_due(wiring) == 0
    before = agreed.ballot(conn, village.chama_id)
    assert before is not None and before.seed is None and before.order == ()
    with pytest.raises(BallotOpen):
        ballots.call(conn, village.chama_id, by_user_id=village.user_ids[0], at=START)
    ballots.put_in(conn, village.chama_id, user_id=village.user_ids[1], typed="4821", at=START)
    for nobody in (village.user_ids[1], village.user_ids[0]):  # once each, and Amina has had her turn
        with pytest.raises(NoBallot):
            ballots.put_in(conn, village.chama_id, user_id=nobody, typed="5", at=START)
    assert [one.typed for one in agreed.ballot(conn, village.chama_id).roster] == [None, None]  # type: ignore[union-attr]
    ballots.put_in(conn, village.chama_id, user_id=village.user_ids[2], typed="77", at=START)
    assert ballots.follow_due(wiring) == 1
    published = as_json(agreed.ballot(conn, village.chama_id))
    ran = check(published, seal)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert standing(conn, village) == [1, *published["order"]]
    assert [facts["number"] for _, facts in told(conn, "ballot_drawn")] == [
        published["order"].index(number) + 1 for number in (2, 3)
    ]
    ballots.require_drawn(conn, now)
    # This version of the rules has had its ballot.
    with pytest.raises(NotByBallot):
        ballots.call(conn, village.chama_id, by_user_id=village.user_ids[0], at=START)


@pytest.mark.parametrize("trouble", ["nobody typed", "too late", "another seed", "no seed"])
def test_a_ballot_that_cannot_be_trusted_is_void_and_changes_nothing(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, drawn_village: Village, trouble: str
) -> None:
    village, before = drawn_village, standing(conn, drawn_village)
    call(wiring, village)
    if trouble != "nobody typed":
        ballots.put_in(conn, village.chama_id, user_id=village.user_ids[1], typed="4821", at=START)
    if trouble == "another seed":
        conn.execute("UPDATE ballot_seeds SET seed = decode(repeat('ab', 32), 'hex')")
    if trouble == "no seed":
        conn.execute("DELETE FROM ballot_seeds")
    clock.advance(48 * HOUR + (DAY + 1 if trouble == "too late" else 0))
    assert ballots.follow_due(wiring) == 1
    if trouble in ("another seed", "no seed"):
        assert ballots.latest(conn, village.chama_id).state == "collecting"  # type: ignore[union-attr]
        clock.advance(DAY + 1)
        assert ballots.follow_due(wiring) == 1
    found = ballots.latest(conn, village.chama_id)
    assert found is not None and (found.state, found.seed, found.result) == ("void", None, None)
    assert found.reason in ("nobody typed a number", "the seed was not shown in time")
    assert len(told(conn, "ballot_void")) == 3 and standing(conn, village) == before
    assert ballots.follow_due(wiring) == 0
    call(wiring, village)


def test_a_worker_that_dies_at_any_statement_draws_one_order(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, drawn_village: Village
) -> None:
    village = drawn_village
    ballots.call(conn, village.chama_id, by_user_id=village.user_ids[0], at=START)
    died = dies_everywhere(wiring, ballots.follow_due)
    for number in (1, 2):
        ballots.put_in(conn, village.chama_id, user_id=village.user_ids[number], typed="7", at=START)
    died += dies_everywhere(wiring, ballots.follow_due)
    found = ballots.latest(conn, village.chama_id)
    assert died > 10 and found is not None and found.state == "drawn" and ballots.follow_due(wiring) == 0
    assert standing(conn, village) == [1, *(found.result or ())]
    assert [len(told(conn, template)) for template in ("ballot_called", "ballot_drawn")] == [2, 2]


def test_without_a_rule_nothing_is_drawn(conn: Connection[Any], village: Village) -> None:
    with pytest.raises(NotByBallot):
        ballots.call(conn, village.chama_id, by_user_id=village.user_ids[0], at=START)


def test_two_swap_by_consent_and_nobody_else_moves(conn: Connection[Any], village: Village) -> None:
    amina, baraka, wanjiku = village.user_ids
    ask: dict[str, Any] = {"by_user_id": baraka, "at": START}
    for nobody in (1, 2, 9):  # Amina has her turn now, herself, and no member
        with pytest.raises(CannotSwap):
            swaps.ask(conn, village.chama_id, number=nobody, **ask)
    with conn.transaction():
        swap = swaps.ask(conn, village.chama_id, number=3, **ask)
        assert [one.id for one in swaps.waiting_for(conn, wanjiku, START)] == [swap.id]
        for wrong in (amina, baraka):
            with pytest.raises(SwapOver):
                swaps.answer(conn, swap.id, user_id=wrong, yes=True, at=START)
        again = swaps.ask(conn, village.chama_id, number=3, **ask)
        with pytest.raises(SwapOver):
            swaps.answer(conn, swap.id, user_id=wanjiku, yes=True, at=START)
        assert standing(conn, village) == [1, 2, 3]
        assert swaps.answer(conn, again.id, user_id=wanjiku, yes=True, at=START).state == "agreed"
    assert standing(conn, village) == [1, 3, 2]
    assert [name for name, _ in told(conn, "swap_done")] == ["Amina", "Baraka", "Wanjiku"]
    with conn.transaction():
        swap = swaps.ask(conn, village.chama_id, number=3, **ask)
        assert swaps.answer(conn, swap.id, user_id=wanjiku, yes=False, at=START).state == "declined"
        swap = swaps.ask(conn, village.chama_id, number=3, **ask)
        # She said yes to where both stood: moved meanwhile, there is nothing to agree to.
        places.lay(conn, village.chama_id, [2, 3])
        with pytest.raises(SwapOver):
            swaps.answer(conn, swap.id, user_id=wanjiku, yes=True, at=START)
    assert standing(conn, village) == [1, 2, 3]


def test_a_fixed_list_is_laid_over_those_whose_turn_is_to_come(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village
) -> None:
    now = rounds.rules_at(conn, village.chama_id, START)
    assert now is not None
    fixed = replace(now.rules, order=OrderKind.FIXED, places=(3, 1, 2))
    rounds.adopt(conn, village.chama_id, fixed, in_force_from=START)
    clock.advance(7 * DAY)
    turnover.turn_over_due(wiring)
    # Amina has had her turn; of the others Wanjiku stands first in the list.
    assert standing(conn, village) == [1, 3, 2]
    paid = "SELECT m.number FROM rounds r JOIN chama_members m ON m.id = r.payee_member_id ORDER BY r.number"
    assert conn.execute(paid).fetchall() == [(1,), (3,)]
    # In the middle of a cycle somebody is removed: the next turn is the next member's, and nobody is paid twice.
    register.move_member(conn, village.member_ids[1], MemberStatus.WITHDRAWN)
    clock.advance(14 * DAY)
    while turnover.turn_over_due(wiring):
        pass
    assert conn.execute(paid).fetchall() == [(1,), (3,), (1,), (3,)]


def test_the_seal_is_of_seed_and_roster() -> None:
    assert drawing.seal(bytes(32), [1, 2]) != drawing.seal(bytes(32), [1, 3])
