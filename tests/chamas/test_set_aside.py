"""A row that puzzles the worker is set aside with its reason, and whoever stands behind it goes on."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas import disbursing, rounds, turnover, verify
from chamas.calendar import Frequency
from gateway.wiring import Wiring
from ledger.books import open_book
from tests.chamas.conftest import Till, Village
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
        "1 requests or rounds that puzzle (DataError)"
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
    [other] = conn.execute(
        "INSERT INTO chamas (number, name, kind, frequency, contribution_cents, member_target, status, book_id, "
        "created_at) SELECT '51907', 'Tumaini', kind, frequency, contribution_cents, member_target, status, %s, "
        "created_at FROM chamas RETURNING id",
        [open_book(conn, kind="chama", name="Tumaini", at=START)],
    ).fetchall()
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
