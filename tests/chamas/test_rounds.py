"""Rounds open, close and follow each other; who owes, who has paid, whose turn it is."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, errors

from chamas.cycle import rounds
from chamas.cycle.rounds import RoundState
from chamas.dues import contributions, owing, turnover
from chamas.dues.owing import Dues
from chamas.members import register
from chamas.members.register import MemberStatus
from gateway.wiring import Wiring
from ledger import batches, checkpoints
from ledger.moves import ForbiddenMove
from tests.chamas.a_cycle import Cycle
from tests.chamas.conftest import ROUND_CENTS, Village
from tests.instruments import START, HandClock

WEEK = timedelta(days=7)


def test_every_active_member_owes_for_the_open_round(conn: Connection[Any], village: Village) -> None:
    assert owing.dues(conn, village.member_ids[2], START) == Dues(
        round_number=1,
        due_cents=ROUND_CENTS,
        paid_cents=0,
        arrears_cents=0,
        credit_cents=0,
        waiting_cents=0,
        closes_at=START + WEEK,
        turn_at=START + 3 * WEEK,
        late=False,
        account="482133",
    )


def test_the_turn_of_a_position_passes_with_its_round(conn: Connection[Any], village: Village) -> None:
    with conn.transaction():
        rounds.move(conn, village.open_round.id, RoundState.COMPLETED)
        second = turnover.open_round(conn, village.chama_id, at=START + WEEK)
    turns = [owing.dues(conn, member_id, START + WEEK).turn_at for member_id in village.member_ids]
    assert turns == [None, second.closes_at, START + 3 * WEEK]
    assert conn.execute("SELECT payee_member_id FROM rounds WHERE number = 2").fetchone() == (village.member_ids[1],)


def test_nobody_owes_between_two_rounds(conn: Connection[Any], village: Village) -> None:
    rounds.move(conn, village.open_round.id, RoundState.COMPLETED)
    dues = owing.dues(conn, village.member_ids[0], START)
    assert (dues.round_number, dues.due_cents, dues.arrears_cents) == (None, 0, ROUND_CENTS)
    assert owing.who_has_paid(conn, village.chama_id, START).lines == ()


def test_an_unknown_member_has_no_dues(conn: Connection[Any], village: Village) -> None:
    with pytest.raises(LookupError):
        owing.dues(conn, 999, START)


def test_a_chama_has_one_open_round(conn: Connection[Any], village: Village) -> None:
    with pytest.raises(errors.UniqueViolation):
        turnover.open_round(conn, village.chama_id, at=START)


def test_a_completed_round_stays_completed(conn: Connection[Any], village: Village) -> None:
    rounds.move(conn, village.open_round.id, RoundState.COMPLETED)
    with pytest.raises(ForbiddenMove):
        rounds.move(conn, village.open_round.id, RoundState.ACTIVE)


def test_a_round_keeps_the_rules_it_opened_with(conn: Connection[Any], village: Village) -> None:
    rounds.adopt_rules(
        conn,
        chama_id=village.chama_id,
        contribution_cents=2 * ROUND_CENTS,
        frequency=village.open_round.frequency,
        in_force_from=START + timedelta(days=1),
    )
    assert owing.dues(conn, village.member_ids[0], START + WEEK).due_cents == ROUND_CENTS
    rounds.move(conn, village.open_round.id, RoundState.COMPLETED)
    turnover.open_round(conn, village.chama_id, at=START + WEEK)
    assert owing.dues(conn, village.member_ids[0], START + WEEK).due_cents == 2 * ROUND_CENTS


def test_only_active_members_owe(conn: Connection[Any], village: Village) -> None:
    register.move_member(conn, village.member_ids[1], MemberStatus.WITHDRAWN)
    rounds.move(conn, village.open_round.id, RoundState.COMPLETED)
    turnover.open_round(conn, village.chama_id, at=START + WEEK)
    listed = owing.who_has_paid(conn, village.chama_id, START)
    assert [line.first_name for line in listed.lines] == ["Amina", "Wanjiku"]


def test_a_round_that_is_over_gives_way_to_the_next(wiring: Wiring, clock: HandClock, village: Village) -> None:
    assert turnover.turn_over_due(wiring) == 0
    clock.advance((WEEK * 2).total_seconds())
    assert [turnover.turn_over_due(wiring) for _ in range(3)] == [1, 1, 0]
    with wiring.transaction() as conn:
        states = conn.execute("SELECT number, state, closes_at FROM rounds ORDER BY number").fetchall()
        dues = owing.dues(conn, village.member_ids[0], clock.now())
    assert states == [
        (1, "expired", START + WEEK),
        (2, "expired", START + 2 * WEEK),
        (3, "active", START + 3 * WEEK),
    ]
    assert (dues.round_number, dues.due_cents, dues.arrears_cents) == (3, ROUND_CENTS, 2 * ROUND_CENTS)
    assert dues.owed_cents == 3 * ROUND_CENTS


def test_a_round_is_whole_when_its_last_money_was_sealed_before_anybody_looked(cycle: Cycle) -> None:
    for name in ("Amina", "Baraka", "Wanjiku", "Chebet"):
        cycle.pays(name, 500)
    cycle.closes()
    state = "SELECT state FROM rounds WHERE number = 1"
    cycle.pays("Juma", 500)
    own = cycle.wiring.settings
    assert cycle.value(state) == "expired" and batches.seal_due(cycle.wiring, witness="checkpoint") == 5
    checkpoints.write_due(cycle.wiring, path=Path(own.checkpoint_file), operator_key=own.chain_operator_key)
    # Whoever confirms what is sealed looks at the rounds that it paid: they are in nobody's queue after that.
    assert contributions.confirm_sealed(cycle.wiring) == 5
    assert cycle.value(state) == "completed"
