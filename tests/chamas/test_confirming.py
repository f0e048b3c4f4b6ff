"""Members say whether their balance is right: drawn by a seed, asked once a month, and heard of whatever they say."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas import verify
from chamas.meeting import confirming
from chamas.meeting.confirming import ConfirmationState, drawn
from chamas.members.refusals import NotNow
from gateway.wiring import Wiring
from ledger.books import account_id
from tests.chamas.a_cycle import Cycle
from tests.chamas.conftest import Till, Village
from tests.chamas.test_defaults import left_a_deposit
from tests.instruments import START, HandClock, SeededChance


@pytest.fixture
def paid(conn: Connection[Any], village: Village, chance: SeededChance) -> Village:
    """Baraka has paid 300: the books have one page."""
    Till(conn, village, chance).arrive("TKK7RT61SV", 300, village.member_ids[1])
    return village


def states(conn: Connection[Any]) -> list[tuple[int, int, str]]:
    return conn.execute("SELECT sample_id, balance_cents, state FROM confirmations ORDER BY 1, member_id").fetchall()


def test_anybody_with_seed_and_roster_draws_the_same_members() -> None:
    roster, seed = list(range(1, 31)), bytes(range(16))
    ranked = sorted(roster, key=lambda one: hashlib.sha256(seed + str(one).encode()).hexdigest())
    assert drawn(seed, roster) == drawn(seed, roster[::-1]) == sorted(ranked[:6])
    # A fifth, rounded up, and three at least; a small group is asked whole.
    assert [len(drawn(seed, roster[:size])) for size in (1, 3, 4, 15, 16, 30)] == [1, 3, 3, 3, 4, 6]
    asked = {one for number in range(60) for one in drawn(number.to_bytes(16), roster)}
    assert asked == set(roster)


def test_a_sample_is_drawn_once_a_month_and_silence_stands(
    conn: Connection[Any], paid: Village, wiring: Wiring, clock: HandClock
) -> None:
    sizes = []
    for _day in range(31):
        sizes.append(confirming.draw_due(wiring))
        clock.advance(24 * 3_600)
    assert [day for day, size in enumerate(sizes) if size] == [0, 30]
    assert states(conn)[:3] == [(1, 0, "silent"), (1, 30_000, "silent"), (1, 0, "silent")]
    assert {state for _, _, state in states(conn)[3:]} == {"asked"}
    assert [finding.ok for finding in verify.verify(conn)] == [True] * len(verify.verify(conn))
    conn.execute("UPDATE samples SET roster = roster || 999::bigint WHERE id = 1")
    [wrong] = [finding for finding in verify.verify(conn) if not finding.ok]
    assert wrong.name == "samples were drawn by their seeds"


def test_a_yes_stands_a_no_is_told_to_two_officials_and_neither_is_asked_again(
    conn: Connection[Any], web_wiring: Wiring, paid: Village, wiring: Wiring
) -> None:
    amina, baraka, wanjiku = paid.user_ids
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE id = %s", [paid.member_ids[1]])
    confirming.draw_due(wiring)
    for user_id, right in ((amina, True), (wanjiku, False)):
        with web_wiring.acting_as(user_id) as web:
            hers = confirming.waiting_for(web, user_id)
            assert hers is not None and hers.seq == 1
            confirming.answer(web, hers.sample_id, user_id=user_id, right=right, at=START)
            assert confirming.waiting_for(web, user_id) is None
        with pytest.raises(NotNow), web_wiring.acting_as(user_id) as web:
            confirming.answer(web, hers.sample_id, user_id=user_id, right=not right, at=START)
    told = conn.execute("SELECT user_id, template FROM notifications WHERE kind = 'answer' ORDER BY 1").fetchall()
    assert told == [(amina, "balance_disputed"), (baraka, "balance_disputed")]
    assert [one.state for one in confirming.listed(conn, paid.chama_id)] == [
        ConfirmationState.RIGHT, ConfirmationState.ASKED, ConfirmationState.WRONG,
    ]  # fmt: skip
    # Nobody answers for another.
    with web_wiring.acting_as(amina) as web:
        assert web.execute("UPDATE confirmations SET state = 'right', answered_at = %s", [START]).rowcount == 1


def test_without_a_page_nobody_is_asked(conn: Connection[Any], village: Village, wiring: Wiring) -> None:
    assert account_id(conn, village.book_id, f"member:{village.member_ids[0]}") is not None
    assert confirming.draw_due(wiring) == 0
    wiring.clock.advance(timedelta(days=1).total_seconds())  # type: ignore[attr-defined]
    assert states(conn) == []


def test_who_left_a_deposit_is_asked_about_what_she_paid_in(cycle: Cycle) -> None:
    cycle.pays("Wanjiku", 300)
    # On an account of its own, which was written to after the one of what she pays in, or before.
    for name in ("Wanjiku", "Baraka"):
        left_a_deposit(cycle, name, 750_00)
    cycle.pays("Baraka", 200)
    three = [cycle.members[name] for name in ("Amina", "Baraka", "Wanjiku")]
    cycle.conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE id <> ALL(%s)", [three])
    assert confirming.draw_due(cycle.wiring) == 1
    assert [cents for _sample, cents, _state in states(cycle.conn)] == [0, 200_00, 300_00]
    assert cycle.value("SELECT roster FROM samples") == three
