"""Fines whose members are as late as they were are put off together, just as if each had been looked at by itself."""

import random
from datetime import datetime
from typing import Any

import pytest

from chamas.dues import fining, penalties
from chamas.rulebook.rules import Penalty
from tests.chamas.a_cycle import Cycle, Within

DAY = 86_400.0


def looked(cycle: Cycle) -> list[Any]:
    """What would become of every fine."""
    with cycle.conn.transaction(force_rollback=True):
        while fining.go_on(Within(cycle.conn, cycle.wiring)):  # type: ignore[arg-type]
            pass
        return cycle.conn.execute(
            "SELECT id, state, paid_cents, booked_cents, look_at FROM penalties ORDER BY id"
        ).fetchall()


def proved_late(cycle: Cycle, penalty_id: int, at: datetime) -> None:
    """As if M-PESA said of what has settled her round that it came before she was late."""
    cycle.conn.execute("UPDATE penalties SET late_at = %s WHERE id = %s", [at, penalty_id])


def test_fines_are_put_off_as_if_each_had_been_looked_at(cycle: Cycle, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle.rules(penalty=Penalty.FLAT, penalty_cents=50_00, fines_first=False)
    draw, together, states = random.Random(20261122), 0, set()
    for turn in range(12):
        for name in cycle.members:
            if draw.random() < 0.4:
                cycle.pays(name, draw.choice((300, 500, 800)))
        cycle.clock.advance(draw.choice((1, 2, 6)) * DAY)
        at = cycle.wiring.now()
        open_ids = [row[0] for row in cycle.conn.execute("SELECT id FROM penalties WHERE state = 'due' ORDER BY id")]
        if turn % 4 == 3 and open_ids:
            penalties.waive(cycle.conn, penalties.lock(cycle.conn, open_ids[0]), at=at)
        elif turn % 4 == 2 and open_ids:
            proved_late(cycle, draw.choice(open_ids), at)
        with monkeypatch.context() as patched:
            patched.setattr(fining, "put_off", lambda _conn, at: 0)
            alone = looked(cycle)
        assert looked(cycle) == alone
        with cycle.conn.transaction(force_rollback=True):
            together += fining.put_off(cycle.conn, at)
        cycle.runs()
        states |= {row[0] for row in cycle.conn.execute("SELECT DISTINCT state FROM penalties")}
    assert together > 10 and states >= {"due", "paid", "waived"} and cycle.sound()
