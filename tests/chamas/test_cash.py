"""Cash counts when the member says the same amount; every other end books nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection, errors

from chamas.arriving import cash, cash_claims
from chamas.arriving.cash import ESCALATES_AFTER
from chamas.arriving.cash_claims import CASH_MOVES, CashState, Claim
from chamas.members import register
from chamas.members.refusals import NotNow, OfficialsOnly, OwnCash, UnfitAmount, UnknownMember
from chamas.members.register import Role
from chamas.telling import notices
from chamas.verify import verify
from gateway.wiring import Wiring
from ledger.moves import ForbiddenMove
from tests.chamas.conftest import Village
from tests.instruments import START, SeededChance

AMINA, BARAKA, WANJIKU = range(3)


@pytest.fixture
def officials(conn: Connection[Any], village: Village) -> Village:
    """Amina is chairperson, Baraka treasurer."""
    register.change_role(conn, village.member_ids[BARAKA], Role.TREASURER, at=START)
    return village


@pytest.fixture
def claim(conn: Connection[Any], officials: Village) -> Iterator[Claim]:
    yield wrote(conn, officials)


def wrote(conn: Connection[Any], village: Village, cents: int = 300_00, by: int = BARAKA, number: int = 3) -> Claim:
    return cash.record(
        conn, by_user_id=village.user_ids[by], chama_id=village.chama_id, number=number, amount_cents=cents, at=START
    )


def told(conn: Connection[Any]) -> list[tuple[str, int]]:
    return conn.execute("SELECT template, user_id FROM notifications ORDER BY id").fetchall()


def test_the_same_amount_is_booked_shared_and_told(conn: Connection[Any], officials: Village, claim: Claim) -> None:
    her = officials.user_ids[WANJIKU]
    assert "amount_cents" not in conn.execute("SELECT arguments FROM notifications").fetchall()[0][0]
    assert cash.say(conn, claim.id, user_id=her, said_cents=300_00, at=START).state is CashState.RECORDED
    assert officials.holds(conn, officials.member_ids[WANJIKU]) == 0
    with conn.transaction():
        done, posted = cash.confirm(
            conn, claim.id, user_id=her, said_cents=300_00, at=START + timedelta(hours=1), chance=SeededChance(4)
        )
    assert (done.state, done.book_id, done.seq) == (CashState.CONFIRMED, officials.book_id, posted.seq)
    assert officials.holds(conn, officials.member_ids[WANJIKU]) == 300_00
    assert conn.execute("SELECT balance_cents FROM accounts WHERE code = 'cash'").fetchall() == [(300_00,)]
    paid = "SELECT paid_cents FROM contributions WHERE member_id = %s"
    assert conn.execute(paid, [officials.member_ids[WANJIKU]]).fetchall() == [(300_00,)]
    assert told(conn) == [("cash_to_confirm", her), ("cash_booked", her)]
    assert [finding.name for finding in verify(conn) if not finding.ok] == []
    with pytest.raises(NotNow):
        cash.confirm(conn, claim.id, user_id=her, said_cents=300_00, at=START, chance=SeededChance(5))
    conn.execute("UPDATE cash_claims SET amount_cents = 20000, said_cents = 20000")
    assert [finding.name for finding in verify(conn) if not finding.ok] == ["confirmed cash is booked"]


@pytest.mark.parametrize("said_cents", [0, 299_00, 3_000_00])
def test_another_amount_books_nothing_and_the_other_officials_are_told(
    conn: Connection[Any], officials: Village, claim: Claim, said_cents: int
) -> None:
    her = officials.user_ids[WANJIKU]
    assert cash.say(conn, claim.id, user_id=her, said_cents=said_cents, at=START).state is CashState.DISPUTED
    both = [("cash_denied", officials.user_ids[BARAKA]), ("cash_disputed", officials.user_ids[AMINA])]
    assert sorted(told(conn)[1:]) == both
    assert officials.holds(conn, officials.member_ids[WANJIKU]) == 0
    # She has one word: nobody finds the official's figure by trying.
    with pytest.raises(NotNow):
        cash.say(conn, claim.id, user_id=her, said_cents=300_00, at=START)
    with pytest.raises(NotNow):
        cash.confirm(conn, claim.id, user_id=her, said_cents=300_00, at=START, chance=SeededChance(4))


def test_nobody_else_says_it_for_her(conn: Connection[Any], officials: Village, claim: Claim) -> None:
    for user_id in officials.user_ids[:WANJIKU]:
        with pytest.raises(NotNow):
            cash.say(conn, claim.id, user_id=user_id, said_cents=300_00, at=START)
        with pytest.raises(NotNow):
            cash.confirm(conn, claim.id, user_id=user_id, said_cents=300_00, at=START, chance=SeededChance(4))
    with pytest.raises(NotNow):
        cash.confirm(
            conn, claim.id, user_id=officials.user_ids[WANJIKU], said_cents=299_00, at=START, chance=SeededChance(4)
        )


def test_who_records_what(conn: Connection[Any], officials: Village) -> None:
    with pytest.raises(OfficialsOnly):
        wrote(conn, officials, by=WANJIKU, number=1)
    with pytest.raises(OwnCash):
        wrote(conn, officials, number=2)
    with pytest.raises(UnknownMember):
        wrote(conn, officials, number=99)
    for cents in (0, 10_50, 250_001_00):
        with pytest.raises(UnfitAmount):
            wrote(conn, officials, cents)
    assert conn.execute("SELECT count(*) FROM cash_claims").fetchone() == (0,)


def test_only_who_wrote_it_takes_it_back_before_she_has_answered(
    conn: Connection[Any], officials: Village, claim: Claim
) -> None:
    with pytest.raises(NotNow):
        cash.withdraw(conn, claim.id, by_user_id=officials.user_ids[AMINA], at=START, chance=SeededChance(6))
    cash.withdraw(conn, claim.id, by_user_id=officials.user_ids[BARAKA], at=START, chance=SeededChance(6))
    with pytest.raises(NotNow):
        cash.withdraw(conn, claim.id, by_user_id=officials.user_ids[BARAKA], at=START, chance=SeededChance(6))
    assert cash_claims.waiting_for(conn, officials.user_ids[WANJIKU]) == []


def test_after_a_week_the_other_officials_hear_of_it_once(
    wiring: Wiring, clock: Any, conn: Connection[Any], officials: Village, claim: Claim
) -> None:
    clock.advance(ESCALATES_AFTER.total_seconds() - 1)
    assert cash.escalate(wiring) == 0
    clock.advance(1)
    assert [cash.escalate(wiring), cash.escalate(wiring)] == [1, 0]
    assert told(conn)[1:] == [("cash_unconfirmed", officials.user_ids[AMINA])]
    [still] = cash_claims.listed(conn, officials.chama_id)
    assert still.state is CashState.RECORDED


def test_what_others_were_told_of_her_cash_is_forgotten_with_her(
    conn: Connection[Any], officials: Village, claim: Claim
) -> None:
    her = officials.user_ids[WANJIKU]
    cash.say(conn, claim.id, user_id=her, said_cents=0, at=START)
    notices.forget_person(conn, her, [], [officials.member_ids[WANJIKU]])
    assert conn.execute("SELECT DISTINCT arguments FROM notifications").fetchall() == [({},)]


def test_every_forbidden_move_is_forbidden(conn: Connection[Any]) -> None:
    for old in CashState:
        for new in CashState:
            if new not in CASH_MOVES.following[old]:
                with pytest.raises(ForbiddenMove):
                    CASH_MOVES.require(old, new)


def test_the_database_knows_no_confirmed_cash_without_its_page(
    conn: Connection[Any], officials: Village, claim: Claim
) -> None:
    for change in ("state = 'confirmed', said_cents = amount_cents", "state = 'disputed', said_cents = amount_cents"):
        with pytest.raises(errors.CheckViolation):
            conn.execute(f"UPDATE cash_claims SET {change}")  # noqa: S608


def test_on_the_web_she_confirms_her_own_and_nothing_of_another_group(
    web_wiring: Wiring, conn: Connection[Any], officials: Village, claim: Claim
) -> None:
    her = officials.user_ids[WANJIKU]
    with web_wiring.acting_as(her) as acting:
        cash.confirm(acting, claim.id, user_id=her, said_cents=300_00, at=START, chance=SeededChance(4))
    assert officials.holds(conn, officials.member_ids[WANJIKU]) == 300_00
    stranger = register.create_person(conn, phone="+254700000077", first_name="Daudi", language="en", at=START)
    with web_wiring.acting_as(stranger) as acting:
        assert cash_claims.listed(acting, officials.chama_id) == []
        assert acting.execute("UPDATE contributions SET paid_cents = 0").rowcount == 0


def test_what_she_disputes_stays_on_the_list_until_another_official_ends_it(
    conn: Connection[Any], officials: Village, claim: Claim
) -> None:
    amina, baraka, wanjiku = officials.user_ids
    cash.say(conn, claim.id, user_id=wanjiku, said_cents=0, at=START)
    assert [(one.id, one.unsettled) for one in cash_claims.listed(conn, officials.chama_id)] == [(claim.id, True)]
    for user_id in (baraka, wanjiku):
        with pytest.raises(NotNow):
            cash.withdraw(conn, claim.id, by_user_id=user_id, at=START, chance=SeededChance(6))
    assert not cash.withdraw(conn, claim.id, by_user_id=amina, at=START, chance=SeededChance(6)).unsettled
