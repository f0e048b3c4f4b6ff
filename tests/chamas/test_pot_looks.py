"""Pots of which nothing can be paid yet are put off together, just as if each had been looked at by itself."""

import random
from typing import Any

import pytest

from chamas.arriving import cash
from chamas.payouts import pot_looks, round_payouts
from chamas.rulebook.rules import ShortPot
from tests.chamas.a_cycle import Cycle, Within

DAY = 86_400.0


def looked(cycle: Cycle) -> tuple[list[Any], list[Any]]:
    """What would become of every pot, and of what is asked for."""
    with cycle.conn.transaction(force_rollback=True):
        while round_payouts.follow_due(Within(cycle.conn, cycle.wiring)):  # type: ignore[arg-type]
            pass
        return (
            cycle.conn.execute("SELECT number, pot_due_at, set_off_cents FROM rounds ORDER BY number").fetchall(),
            cycle.conn.execute(
                "SELECT round_id, amount_cents, state FROM disbursement_requests ORDER BY 1, 2, 3"
            ).fetchall(),
        )


@pytest.mark.parametrize("policy", [ShortPot.TOP_UP, ShortPot.WAIT])
def test_pots_are_put_off_as_if_each_had_been_looked_at(
    cycle: Cycle, monkeypatch: pytest.MonkeyPatch, policy: ShortPot
) -> None:
    cycle.rules(grace_hours=48, short_pot=policy)
    draw, together = random.Random(20261122), 0
    for _ in range(10):
        today = draw.choice((0.0, 0.8))
        for name in cycle.members:
            if draw.random() < (0.05 if name == "Baraka" else today):
                cycle.pays(name, draw.choice((200, 500, 800)))
        cycle.clock.advance(draw.choice((3, 5, 6)) * DAY)
        with monkeypatch.context() as patched:
            patched.setattr(pot_looks, "put_off", lambda _conn, _at: 0)
            alone = looked(cycle)
        assert looked(cycle) == alone
        with cycle.conn.transaction(force_rollback=True):
            together += pot_looks.put_off(cycle.conn, cycle.wiring.now())
        cycle.runs()
        if draw.random() < 0.5:
            cycle.pays_out()
    assert together > 3 and cycle.sound()


def test_two_rounds_do_not_ask_for_the_same_money(cycle: Cycle) -> None:
    """What was given in notes is in the pot, and not with M-PESA: both would ask for the 2,000 that are there."""

    def in_notes(name: str, number: int) -> None:
        whose = "SELECT user_id FROM chama_members WHERE id = %s"
        by, hers = (cycle.value(whose, cycle.members[one]) for one in ("Chebet" if name == "Juma" else "Juma", name))
        at = cycle.wiring.now()
        with cycle.wiring.transaction() as conn:
            claim = cash.record(conn, by_user_id=by, chama_id=cycle.chama_id, number=number, amount_cents=500_00, at=at)
            cash.confirm(conn, claim.id, user_id=hers, said_cents=500_00, at=at, chance=cycle.till.chance)

    for number, name in enumerate(cycle.members, start=1):
        cycle.pays(name, 500) if number < 5 else in_notes(name, number)
    cycle.waits(7 * DAY)
    for number, name in enumerate(cycle.members, start=1):
        in_notes(name, number)
    cycle.waits(7 * DAY)
    # Only one of them: the other would be agreed on, and then there would not be enough money.
    assert [(payee, amount) for _, payee, amount, _ in cycle.requests()] == [("Amina", 1_991_00)]
    cycle.waits(3_600)  # nobody had answered in time
    assert cycle.pays_out() == [("Amina", 1_991_00)] and cycle.due_pots() == [1, 2]
