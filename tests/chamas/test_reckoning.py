"""What a member owes and why: reckoned anew from rounds and entries, it is what the rows say, and what she is told."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from chamas.course.orders import OrderKind
from chamas.cycle import rounds
from chamas.dues import contributions, owing
from chamas.dues.reckoning import Brought, Charge, reckon
from chamas.entrance import founding
from chamas.rulebook.calendar import Frequency
from gateway.wiring import Wiring
from tests.chamas.a_life import Life, begin
from tests.instruments import START, HandClock

DAY = timedelta(days=1)


def charge(number: int, shillings: int, *, arrears_first: bool = True) -> Charge:
    return Charge(number, shillings * 100, START + (number - 1) * 7 * DAY, arrears_first)


def came(days: float, shillings: int) -> Brought:
    return Brought(1, shillings * 100, START + days * DAY)


@pytest.mark.parametrize(
    ("charges", "brought", "why", "credit"),
    [
        ([], [came(0, 300)], "", 300_00),
        ([charge(1, 1_000), charge(2, 1_000)], [], "2 x 1,000", 0),
        ([charge(1, 1_000), charge(2, 1_000), charge(3, 1_000)], [came(1, 600)], "2 x 1,000 + 400", 0),
        ([charge(1, 500), charge(2, 500), charge(3, 700)], [], "2 x 500 + 700", 0),
        # Early money waits for its round; what is more than a round asks for is the next one's.
        ([charge(1, 500), charge(2, 500)], [came(-1, 800)], "200", 0),
        ([charge(1, 500)], [came(1, 800)], "", 300_00),
        # The open round first, by its own rules: the old debt stays.
        ([charge(1, 500), charge(2, 500, arrears_first=False)], [came(8, 600)], "400", 0),
        # A round that was paid whole and taken back is not asked for again.
        ([charge(1, 500)], [came(1, 500), Brought(2, -500_00, START + 2 * DAY)], "", 0),
    ],
)
def test_why_she_owes(charges: list[Charge], brought: list[Brought], why: str, credit: int) -> None:
    found = reckon(charges, brought)
    assert (found.why, found.credit_cents) == (why, credit)


def test_nothing_is_taken_back_that_never_came() -> None:
    with pytest.raises(ValueError, match="taken back"):
        reckon([charge(1, 500)], [came(1, 100), Brought(2, -200_00, START + 2 * DAY)])


@given(
    dues=st.lists(st.integers(1, 3_000), max_size=8),
    sums=st.lists(st.tuples(st.floats(0, 60), st.integers(1, 9_000)), max_size=10),
    current_first=st.booleans(),
)
def test_every_cent_is_somewhere_and_nobody_has_credit_beside_a_debt(
    dues: list[int], sums: list[tuple[float, int]], current_first: bool
) -> None:
    """Public bug: debts that are counted twice."""
    charges = [charge(number, due, arrears_first=not current_first) for number, due in enumerate(dues, 1)]
    found = reckon(charges, [came(days, shillings) for days, shillings in sums])
    brought, asked = sum(shillings for _, shillings in sums) * 100, sum(dues) * 100
    assert brought == asked - found.owed_cents + found.credit_cents
    assert not (found.owed_cents and found.credit_cents)


def rows(conn: Connection[Any], member_id: int) -> tuple[dict[int, int], int]:
    missing = conn.execute(
        "SELECT r.number, k.due_cents - k.paid_cents FROM contributions k JOIN rounds r ON r.id = k.round_id "
        "WHERE k.member_id = %s AND k.paid_cents < k.due_cents",
        [member_id],
    ).fetchall()
    return dict(missing), owing.dues(conn, member_id, START).credit_cents


@pytest.mark.parametrize("arrears_first", [True, False])
def test_what_is_reckoned_is_what_the_rows_say_whatever_comes(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, arrears_first: bool
) -> None:
    life: Life = begin(conn, wiring, clock, people=2)
    rounds.adopt_rules(
        conn,
        chama_id=life.chama_id,
        contribution_cents=700_00,
        frequency=Frequency.WEEKLY,
        arrears_first=arrears_first,
        in_force_from=START + 10 * DAY,
    )
    founding.close(conn, life.chama_id, by_user_id=life.users[0], at=START)
    life.order(OrderKind.START)
    chance = random.Random(arrears_first)
    for _ in range(12):
        place, shillings = chance.randrange(2), chance.choice((100, 500, 700, 900, 2_100))
        split = owing.dues(conn, life.members[place], clock.now()).split(shillings * 100)
        before = conn.execute("SELECT coalesce(max(seq), 0) FROM allocations").fetchall()[0][0]
        life.pay(place, shillings)
        went = conn.execute(
            "SELECT coalesce(r.state, 'credit'), sum(a.amount_cents)::bigint FROM allocations a "
            "LEFT JOIN contributions k ON k.id = a.contribution_id LEFT JOIN rounds r ON r.id = k.round_id "
            "WHERE a.seq > %s GROUP BY 1",
            [before],
        ).fetchall()
        said = {"expired": split.arrears_cents, "active": split.this_round_cents, "credit": split.credit_cents}
        assert dict(went) == {where: cents for where, cents in said.items() if cents}
        life.waits(chance.choice((0, 1, 4, 8)))
        for member_id in life.members:
            found = owing.reckoned(conn, member_id)
            assert ({one.number: one.missing_cents for one in found.missing}, found.credit_cents) == rows(
                conn, member_id
            )
    for round_id, paid in conn.execute("SELECT round_id, sum(paid_cents) FROM contributions GROUP BY 1").fetchall():
        assert contributions.collected(conn, round_id) == paid
    assert life.sound()

    nobody = owing.reckoned(conn, 999)
    assert (nobody.owed_cents, nobody.credit_cents, nobody.why) == (0, 0, "")
