"""The same money under other rules."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from psycopg import Connection

from chamas.dues import turnover
from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import Rules
from chamas.ruling.preview import Line, Money, Past, replay
from gateway.api import agreed
from gateway.wiring import Wiring
from tests.chamas.conftest import Till, Village
from tests.instruments import START, HandClock

WEEK = timedelta(days=7)
RULES = Rules(500_00, Frequency.WEEKLY)
PAST = [Past(n, START + (n - 1) * WEEK, START + n * WEEK, n, RULES, (1, 2)) for n in (1, 2)]


def test_what_was_paid_of_a_round_at_its_close() -> None:
    money = [
        Money(1, START + timedelta(days=1), 700_00),
        Money(2, START + WEEK + timedelta(days=1), 600_00),
        Money(2, START + 3 * WEEK, 400_00),
    ]
    # The rest of 700 is credit for round 2; of 600 that came late, 500 settle round 1, which was closed by then.
    assert replay(PAST, money, lambda one: one.rules) == {(1, 1): 500_00, (1, 2): 0, (2, 1): 200_00, (2, 2): 100_00}
    current = replace(RULES, arrears_first=False)
    assert replay(PAST, money, lambda one: current)[2, 2] == 500_00
    dearer = replace(RULES, contribution_cents=700_00)
    assert replay(PAST, money, lambda one: dearer if one.number == 2 else one.rules)[2, 1] == 200_00
    assert replay(PAST, money, lambda one: dearer)[1, 1] == 700_00


def test_what_would_have_changed_is_told_line_by_line(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, village: Village, till: Till
) -> None:
    till.arrive("TKK7RT61SV", 1_200, village.member_ids[0])
    clock.advance(WEEK.total_seconds())
    turnover.turn_over_due(wiring)
    shown = agreed.previewed(conn, village.chama_id, contribution_cents=700_00)
    assert shown is not None and shown.rounds == 1
    assert shown.lines == (
        Line(1, 1, 500_00, 500_00, 700_00, 700_00),
        Line(1, 2, 500_00, 0, 700_00, 0),
        Line(1, 3, 500_00, 0, 700_00, 0),
    )
    assert [(pot.pot_cents, pot.pot_then_cents) for pot in shown.pots] == [(500_00, 700_00)]
    other = agreed.previewed(conn, village.chama_id, order="fixed", places=[3, 1, 2])
    assert other is not None and other.lines == ()
    assert [(pot.payee, pot.payee_then) for pot in other.pots] == [(1, 3)]
    # Whoever was paid out of the order, after a swap or a ballot: a flat fine pays nobody else.
    conn.execute("UPDATE rounds SET payee_member_id = %s WHERE number = 1", [village.member_ids[1]])
    fine = agreed.previewed(conn, village.chama_id, penalty="flat", penalty_cents=50_00)
    assert fine is not None and fine.lines == () and fine.pots == ()
    # What is told of the past as it was is what the books have.
    assert conn.execute("SELECT paid_cents FROM contributions ORDER BY id LIMIT 3").fetchall() == [
        (500_00,),
        (0,),
        (0,),
    ]
