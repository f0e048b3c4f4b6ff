"""Meetings: set, answered, reminded of, held, counted; what is given there is each giver's by her own word."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection, errors

from chamas.approving.approvals import NOT_AGREED, Proof, Vote, Word
from chamas.arriving import cash, cash_claims
from chamas.arriving.cash_claims import CashState
from chamas.dues import fining, penalties
from chamas.dues.penalties import PenaltyState
from chamas.meeting import agenda, attendance, meetings, sitting
from chamas.meeting.agenda import MEETING_MOVES, Meeting, MeetingState
from chamas.meeting.meetings import MeetingSet, UnfitMeeting
from chamas.members import register
from chamas.members.refusals import NotNow, NotYourFine, OfficialsOnly, OwnCash, UnfitAmount, UnknownMember
from chamas.members.register import Role
from chamas.verify import verify
from gateway.wiring import Wiring
from ledger import assertions, books
from ledger.moves import ForbiddenMove
from ledger.nairobi import local
from tests.chamas.conftest import Village
from tests.instruments import START, HandClock, SeededChance

AMINA, BARAKA, WANJIKU = range(3)
TOMORROW = START + timedelta(days=2)


@pytest.fixture
def officials(conn: Connection[Any], village: Village) -> Village:
    """Amina is chairperson, Baraka treasurer, Wanjiku a member."""
    register.change_role(conn, village.member_ids[BARAKA], Role.TREASURER, at=START)
    return village


@pytest.fixture
def on(conn: Connection[Any], officials: Village) -> Iterator[Meeting]:
    """A meeting that has begun."""
    yield meetings.convene(conn, officials.chama_id, by_user_id=officials.user_ids[BARAKA], at=START)


def told(conn: Connection[Any], template: str) -> list[int]:
    rows = conn.execute("SELECT user_id FROM notifications WHERE template = %s ORDER BY user_id", [template])
    return [user_id for (user_id,) in rows]


def balances(conn: Connection[Any], village: Village) -> dict[str, int]:
    rows = conn.execute("SELECT code, balance_cents FROM accounts WHERE book_id = %s", [village.book_id])
    return {code: cents for code, cents in rows if cents}


def wrong(conn: Connection[Any]) -> list[str]:
    return [one.name for one in (*verify(conn), *assertions.verify(conn)) if not one.ok]


def test_a_meeting_is_set_answered_and_reminded_of_once(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, officials: Village
) -> None:
    amina, baraka, wanjiku = officials.user_ids
    with pytest.raises(OfficialsOnly):
        meetings.schedule(conn, officials.chama_id, by_user_id=wanjiku, starts_at=TOMORROW, at=START)
    for starts_at in (START, START + timedelta(days=500)):
        with pytest.raises(UnfitMeeting):
            meetings.schedule(conn, officials.chama_id, by_user_id=amina, starts_at=starts_at, at=START)
    made = meetings.schedule(conn, officials.chama_id, by_user_id=amina, starts_at=TOMORROW, repeats=True, at=START)
    assert told(conn, "meeting_set") == [amina, baraka, wanjiku]
    with pytest.raises(MeetingSet):
        meetings.schedule(conn, officials.chama_id, by_user_id=amina, starts_at=TOMORROW, at=START)
    sitting.answer(conn, made.id, user_id=amina, said="coming", at=START)
    for said in ("coming", "apology"):
        sitting.answer(conn, made.id, user_id=wanjiku, said=said, at=START)  # type: ignore[arg-type]
    assert attendance.replies(conn, made.id, officials.member_ids[WANJIKU]) == (1, "apology")
    clock.advance(timedelta(days=1).total_seconds() - 1)
    assert meetings.remind_due(wiring) == 0
    clock.advance(1)
    assert [meetings.remind_due(wiring), meetings.remind_due(wiring)] == [1, 0]
    assert told(conn, "meeting_tomorrow") == [amina, baraka]
    following = meetings.cancel(conn, made.id, by_user_id=baraka, at=wiring.now())
    assert following is not None
    assert (following.number, following.starts_at) == (2, TOMORROW + timedelta(weeks=1))
    assert told(conn, "meeting_cancelled") == [amina, baraka, wanjiku]
    with pytest.raises(NotNow):
        meetings.cancel(conn, made.id, by_user_id=baraka, at=wiring.now())
    with pytest.raises(NotNow):
        sitting.answer(conn, made.id, user_id=amina, said="coming", at=START)


@pytest.mark.parametrize(
    ("day", "hour", "printed"),
    [("2811", 14, "2026-11-28 14:00"), ("0108", 14, "2027-08-01 14:00"), ("2011", 15, "2026-11-20 15:00")],
)
def test_a_day_is_the_next_one_of_its_name(day: str, hour: int, printed: str) -> None:
    assert f"{local(meetings.instant(day, hour, START)):%Y-%m-%d %H:%M}" == printed


@pytest.mark.parametrize(("day", "hour"), [("3102", 14), ("2011", 14), ("1511", 14)])
def test_a_day_that_no_month_has_or_that_has_just_been_is_refused(day: str, hour: int) -> None:
    with pytest.raises(UnfitMeeting):
        meetings.instant(day, hour, START)


def test_a_whole_date_keeps_its_year(conn: Connection[Any], officials: Village) -> None:
    assert f"{local(meetings.hour_of('2027-01-05', 14)):%Y-%m-%d %H:%M}" == "2027-01-05 14:00"
    for day, hour in (("2026-13-01", 14), ("tomorrow", 14), ("2026-11-28", 24)):
        with pytest.raises(UnfitMeeting):
            meetings.hour_of(day, hour)
    this_morning = meetings.hour_of("2026-11-20", 6)
    with pytest.raises(UnfitMeeting):
        meetings.schedule(conn, officials.chama_id, by_user_id=officials.user_ids[0], starts_at=this_morning, at=START)
    assert conn.execute("SELECT count(*) FROM meetings").fetchone() == (0,)


def test_what_is_given_is_one_set_in_the_box_and_becomes_hers_by_her_word(
    conn: Connection[Any], wiring: Wiring, officials: Village, on: Meeting
) -> None:
    amina, baraka, wanjiku = officials.user_ids
    # Written before the meeting and not confirmed: it lies in the same box.
    earlier = cash.record(conn, by_user_id=amina, chama_id=officials.chama_id, number=2, amount_cents=100_00, at=START)
    sitting.mark(conn, on.id, 3, by_user_id=baraka, here=True, cash_cents=300_00, at=START)
    sitting.mark(conn, on.id, 3, by_user_id=baraka, here=True, cash_cents=500_00, at=START)
    sitting.fine(conn, on.id, 3, by_user_id=baraka, cents=50_00, at=START)
    sitting.mark(conn, on.id, 1, by_user_id=baraka, here=False, at=START)
    assert balances(conn, officials) == {}
    before = books.page(conn, officials.book_id)
    done = sitting.close(
        conn, on.id, by_user_id=baraka, counted_cents=650_00, at=START + timedelta(hours=2), chance=SeededChance(4)
    )
    after = books.page(conn, officials.book_id)
    assert before is None
    assert after is not None
    assert after.seq == 2
    assert (done.meeting.state, done.here, done.given_cents) == (MeetingState.COMPLETED, 2, 550_00)
    assert (done.counted.held, done.counted.source) == (True, "cash_count")
    assert balances(conn, officials) == {"cash": 650_00, "cash_unconfirmed": 650_00}
    assert told(conn, "cash_to_confirm") == [baraka, wanjiku]
    [claim] = cash_claims.waiting_for(conn, wanjiku)
    assert (claim.amount_cents, claim.fine_cents, claim.meeting_id, claim.in_the_box) == (550_00, 50_00, on.id, True)
    assert wrong(conn) == []
    with conn.transaction():
        cash.confirm(conn, claim.id, user_id=wanjiku, said_cents=550_00, at=START, chance=SeededChance(5))
    # The fine that she agreed to is a row of hers, paid by this cash; the worker moves it to the group.
    [fine] = penalties.of_member(conn, officials.member_ids[WANJIKU])
    assert (fine.due_cents, fine.paid_cents, fine.state, fine.in_cash) == (50_00, 50_00, PenaltyState.PAID, True)
    [(said,)] = conn.execute("SELECT arguments FROM notifications WHERE template = 'cash_booked_fined'").fetchall()
    assert (said["amount_cents"], said["fine_cents"], said["total_cents"]) == (550_00, 50_00, 500_00)
    hers = f"member:{officials.member_ids[WANJIKU]}"
    assert balances(conn, officials) == {"cash": 650_00, "cash_unconfirmed": 100_00, hers: 550_00}
    assert wrong(conn) == []
    assert fining.go_on(wiring) == 1
    assert balances(conn, officials) == {"cash": 650_00, "cash_unconfirmed": 100_00, "fines": 50_00, hers: 500_00}
    paid = "SELECT paid_cents, state FROM contributions WHERE member_id = %s"
    assert conn.execute(paid, [officials.member_ids[WANJIKU]]).fetchall() == [(500_00, "paid")]
    assert wrong(conn) == []
    # A mismatch makes it nobody's; another official takes it out of the box, not who wrote it and not she.
    cash.say(conn, earlier.id, user_id=baraka, said_cents=90_00, at=START)
    assert balances(conn, officials)["cash_unconfirmed"] == 100_00
    for user_id in (amina, baraka, wanjiku):
        with pytest.raises(NotNow):
            cash.withdraw(conn, earlier.id, by_user_id=user_id, at=START, chance=SeededChance(6))
    register.change_role(conn, officials.member_ids[WANJIKU], Role.SECRETARY, at=START)
    back = cash.withdraw(conn, earlier.id, by_user_id=wanjiku, at=START, chance=SeededChance(7))
    assert (back.state, balances(conn, officials)["cash"]) == (CashState.WITHDRAWN, 550_00)
    assert wrong(conn) == []
    conn.execute("UPDATE cash_claims SET state = 'disputed' WHERE id = %s", [earlier.id])
    assert wrong(conn) == ["unconfirmed cash is what waits for a word"]


def test_a_fine_beside_cash_that_she_calls_wrong_takes_none_of_it(
    conn: Connection[Any], wiring: Wiring, officials: Village, on: Meeting
) -> None:
    amina, baraka, wanjiku = officials.user_ids
    conn.execute("UPDATE chama_members SET role_since = NULL")
    sitting.mark(conn, on.id, 3, by_user_id=baraka, here=True, cash_cents=450_00, at=START)
    sitting.fine(conn, on.id, 3, by_user_id=baraka, cents=50_00, at=START)
    sitting.close(conn, on.id, by_user_id=baraka, counted_cents=500_00, at=START, chance=SeededChance(4))
    [claim] = cash_claims.waiting_for(conn, wanjiku)
    with conn.transaction():
        cash.confirm(
            conn,
            claim.id,
            user_id=wanjiku,
            said_cents=500_00,
            at=START + timedelta(hours=1),
            chance=SeededChance(5),
            but_not_the_fine=True,
        )
    [fine] = penalties.of_member(conn, officials.member_ids[WANJIKU])
    assert (fine.due_cents, fine.paid_cents, fine.state) == (50_00, 0, PenaltyState.DISPUTED)
    paid = "SELECT paid_cents FROM contributions WHERE member_id = %s"
    assert conn.execute(paid, [officials.member_ids[WANJIKU]]).fetchall() == [(500_00,)]
    assert fining.go_on(wiring) == 0
    assert balances(conn, officials) == {"cash": 500_00, f"member:{officials.member_ids[WANJIKU]}": 500_00}
    # Baraka wrote it down, and does not decide on it.
    answer = Word(Vote.REJECT, fine.digest, Proof.PHONE, baraka, START + timedelta(hours=2), NOT_AGREED)
    with pytest.raises(NotYourFine):
        penalties.answer(conn, fine.id, answer)
    assert (told(conn, "cash_booked_disputed"), told(conn, "fine_disputed")) == ([wanjiku], [amina])
    assert wrong(conn) == []


def test_a_count_that_fails_is_told_to_all_officials_and_answered_by_the_next(
    conn: Connection[Any], officials: Village, on: Meeting
) -> None:
    amina, baraka, _wanjiku = officials.user_ids
    sitting.mark(conn, on.id, 3, by_user_id=baraka, here=True, cash_cents=500_00, at=START)
    done = sitting.close(conn, on.id, by_user_id=baraka, counted_cents=400_00, at=START, chance=SeededChance(4))
    assert (done.counted.held, done.counted.difference_cents) == (False, -100_00)
    assert (done.meeting.state, done.meeting.assertion_id) == (MeetingState.COMPLETED, done.counted.id)
    assert told(conn, "box_short") == [amina, baraka]
    assert wrong(conn) == ["what was counted is what the books hold"]
    again = meetings.convene(conn, officials.chama_id, by_user_id=amina, at=START)
    answered = sitting.close(conn, again.id, by_user_id=amina, counted_cents=500_00, at=START, chance=SeededChance(5))
    assert (answered.counted.held, answered.counted.corrects_id) == (True, done.counted.id)
    assert wrong(conn) == []
    third = meetings.convene(conn, officials.chama_id, by_user_id=amina, at=START)
    sitting.close(conn, third.id, by_user_id=amina, counted_cents=510_00, at=START, chance=SeededChance(6))
    assert told(conn, "box_over") == [amina, baraka]


def test_who_marks_what(conn: Connection[Any], officials: Village, on: Meeting) -> None:
    _amina, baraka, wanjiku = officials.user_ids
    for refusal, number, by, cents in (
        (OfficialsOnly, 1, wanjiku, 0),
        (UnknownMember, 99, baraka, 0),
        (OwnCash, 2, baraka, 500_00),
        (UnfitAmount, 3, baraka, 50),
        (UnfitAmount, 3, baraka, 250_001_00),
    ):
        with pytest.raises(refusal):
            sitting.mark(conn, on.id, number, by_user_id=by, here=True, cash_cents=cents, at=START)
    with pytest.raises(NotNow):
        meetings.convene(conn, officials.chama_id, by_user_id=baraka, at=START)
    conn.execute("UPDATE chamas SET status = 'completed'")
    with pytest.raises(NotNow):
        sitting.mark(conn, on.id, 3, by_user_id=baraka, here=True, cash_cents=500_00, at=START)
    assert conn.execute("SELECT count(*) FROM attendance").fetchone() == (0,)


def test_a_meeting_that_broke_up_counts_nothing(conn: Connection[Any], officials: Village, on: Meeting) -> None:
    baraka = officials.user_ids[BARAKA]
    sitting.mark(conn, on.id, 3, by_user_id=baraka, here=True, cash_cents=500_00, at=START)
    meetings.cancel(conn, on.id, by_user_id=baraka, at=START)
    with pytest.raises(NotNow):
        sitting.close(conn, on.id, by_user_id=baraka, counted_cents=0, at=START, chance=SeededChance(4))
    assert (balances(conn, officials), cash_claims.listed(conn, officials.chama_id)) == ({}, [])


def test_every_forbidden_move_is_forbidden(conn: Connection[Any]) -> None:
    for old in MeetingState:
        for new in MeetingState:
            if new not in MEETING_MOVES.following[old]:
                with pytest.raises(ForbiddenMove):
                    MEETING_MOVES.require(old, new)


def test_the_database_holds_one_meeting_ahead(conn: Connection[Any], officials: Village, on: Meeting) -> None:
    with pytest.raises(errors.UniqueViolation):
        conn.execute(
            "INSERT INTO meetings (chama_id, number, state, starts_at, called_by, called_at) "
            "VALUES (%s, 2, 'scheduled', %s, %s, %s)",
            [officials.chama_id, START, officials.user_ids[0], START],
        )


def test_on_the_web_an_official_holds_it_and_nobody_of_another_group_sees_it(
    web_wiring: Wiring, conn: Connection[Any], officials: Village
) -> None:
    _amina, baraka, wanjiku = officials.user_ids
    at: datetime = web_wiring.now()
    with web_wiring.acting_as(baraka) as acting:
        held = meetings.convene(acting, officials.chama_id, by_user_id=baraka, at=at)
        sitting.mark(acting, held.id, 3, by_user_id=baraka, here=True, cash_cents=500_00, at=at)
        sitting.close(acting, held.id, by_user_id=baraka, counted_cents=500_00, at=at, chance=SeededChance(4))
    with web_wiring.acting_as(wanjiku) as acting:
        [claim] = cash_claims.waiting_for(acting, wanjiku)
        cash.confirm(acting, claim.id, user_id=wanjiku, said_cents=500_00, at=at, chance=SeededChance(5))
    assert balances(conn, officials) == {"cash": 500_00, f"member:{officials.member_ids[WANJIKU]}": 500_00}
    stranger = register.create_person(conn, phone="+254700000077", first_name="Daudi", language="en", at=START)
    with web_wiring.acting_as(stranger) as acting:
        assert agenda.listed(acting, officials.chama_id) == []
        assert attendance.roll(acting, held.id) == []
