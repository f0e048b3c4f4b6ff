"""A meeting in progress: one key a member, then the cash box is counted and the meeting is over.

What officials mark is a draft. The count makes it money of the group: everything that was put on the table goes into
the books as one set, the count is kept beside what the books then hold, true or not, and each giver is asked on her own
phone how much she gave (cash.py). A count that fails is told to every official at once, and closes the meeting all the
same: the difference stays open until another count answers it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chamas.arriving import cash, cash_box, cash_claims
from chamas.dues import owing
from chamas.meeting import agenda, attendance, meetings
from chamas.meeting.agenda import Meeting
from chamas.meeting.attendance import Answer, Line
from chamas.members.access import IN_OFFICE
from chamas.members.office import office
from chamas.members.refusals import NotNow, OwnCash, UnknownMember
from chamas.members.register import OFFICIALS, ChamaStatus
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import assertions
from ledger.assertions import Assertion
from ledger.wires import Chance, Connection


@dataclass(frozen=True)
class Closed:
    """How a meeting ended; money in cents. `counted` says whether the box held; `following` is the next one."""

    meeting: Meeting
    here: int
    given_cents: int
    counted: Assertion
    following: Meeting | None


def answer(conn: Connection, meeting_id: int, *, user_id: int, said: Answer, at: datetime) -> Meeting:
    """A member says whether she comes. Raises NotNow when it has begun, or she is none of its group."""
    meeting = agenda.find(conn, meeting_id)
    mine = _line_of(attendance.roll(conn, meeting_id), user_id=user_id)
    if mine is None or meeting.state is not agenda.MeetingState.SCHEDULED:
        raise NotNow
    attendance.reply(conn, meeting_id, mine.member_id, said, at=at)
    return meeting


def due_cents(conn: Connection, member_id: int, at: datetime) -> int:
    """What she is asked for today, in whole shillings: nobody pays cents in cash."""
    owed = max(owing.dues(conn, member_id, at).owed_cents, 0)
    return owed + -owed % 100


def mark(
    conn: Connection, meeting_id: int, number: int, *, by_user_id: int, here: bool, cash_cents: int = 0, at: datetime
) -> Line:
    """The member of this number is here, or not, and put this much on the table for what she owes; a fine stays.

    Raises OfficialsOnly, NotNow, UnknownMember, OwnCash, UnfitAmount.
    """
    line = _look(conn, meeting_id, number, by_user_id=by_user_id, cents=cash_cents, at=at)
    fine = line.fine_cents if here else 0
    return _mark(conn, meeting_id, line, here=here, cash_cents=cash_cents, fine=fine, by_user_id=by_user_id, at=at)


def fine(conn: Connection, meeting_id: int, number: int, *, by_user_id: int, cents: int, at: datetime) -> Line:
    """She puts a fine on the table, beside what she pays. Raises what `mark` raises."""
    line = _look(conn, meeting_id, number, by_user_id=by_user_id, cents=cents, at=at)
    return _mark(
        conn, meeting_id, line, here=True, cash_cents=line.cash_cents, fine=cents, by_user_id=by_user_id, at=at
    )


def close(
    conn: Connection, meeting_id: int, *, by_user_id: int, counted_cents: int, at: datetime, chance: Chance
) -> Closed:
    """The box holds `counted_cents`, says who counted. Books what was given as one set, keeps the count, ends the
    meeting. Raises OfficialsOnly, NotNow, and what posting refuses."""
    meeting = meetings.running(conn, meeting_id, by_user_id=by_user_id, at=at)
    _mark_officials(conn, meeting, by_user_id=by_user_id, at=at)
    lines = attendance.roll(conn, meeting_id)
    given = [_claimed(conn, meeting, line, by_user_id=by_user_id, at=at) for line in lines if line.given_cents]
    cash.fill_box(conn, meeting.chama_id, given, at=at, chance=chance)
    counted = _count(conn, meeting, counted_cents, by_user_id=by_user_id, at=at)
    following = meetings.complete(conn, meeting, by_user_id=by_user_id, assertion_id=counted.id, at=at)
    if not counted.held:
        _alarm(conn, meeting, counted, at=at)
    total = sum(line.given_cents for line in lines)
    return Closed(agenda.find(conn, meeting_id), sum(bool(line.here) for line in lines), total, counted, following)


def _look(conn: Connection, meeting_id: int, number: int, *, by_user_id: int, cents: int, at: datetime) -> Line:
    """The member of this number, in a meeting that is on. Money needs a running group and another official's hand."""
    meeting = meetings.running(conn, meeting_id, by_user_id=by_user_id, at=at)
    line = _line_of(attendance.roll(conn, meeting_id), number=number)
    if line is None:
        raise UnknownMember
    if cents:
        cash.fit(cents)
        if line.user_id == by_user_id:
            raise OwnCash
        [(status,)] = conn.execute("SELECT status FROM chamas WHERE id = %s", [meeting.chama_id]).fetchall()
        if status != ChamaStatus.ACTIVE:
            raise NotNow
    return line


def _mark(
    conn: Connection,
    meeting_id: int,
    line: Line,
    *,
    here: bool,
    cash_cents: int,
    fine: int,
    by_user_id: int,
    at: datetime,
) -> Line:
    # What another official wrote of her own stays in that one's name when she only says that she is here.
    own = line.user_id == by_user_id and line.given_cents > 0
    if own and here:
        return line
    attendance.mark(
        conn,
        meeting_id,
        line.member_id,
        here=here,
        cash_cents=cash_cents,
        fine_cents=fine,
        by_user_id=by_user_id,
        at=at,
    )
    marked = _line_of(attendance.roll(conn, meeting_id), number=line.number)
    return marked or line


def _mark_officials(conn: Connection, meeting: Meeting, *, by_user_id: int, at: datetime) -> None:
    """Who marked others, or counts, was there, though nobody asked her."""
    lines = attendance.roll(conn, meeting.id)
    hands = {by_user_id, *(line.marked_by for line in lines)}
    for line in lines:
        if line.here is None and line.user_id in hands:
            attendance.mark(
                conn,
                meeting.id,
                line.member_id,
                here=True,
                cash_cents=0,
                fine_cents=0,
                by_user_id=line.user_id,
                at=at,
            )


def _line_of(lines: Sequence[Line], *, number: int | None = None, user_id: int | None = None) -> Line | None:
    return next((line for line in lines if number == line.number or user_id == line.user_id), None)


def _claimed(conn: Connection, meeting: Meeting, line: Line, *, by_user_id: int, at: datetime) -> cash_claims.Claim:
    return cash_claims.add(
        conn,
        chama_id=meeting.chama_id,
        member_id=line.member_id,
        recorded_by=line.marked_by or by_user_id,
        amount_cents=line.given_cents,
        fine_cents=line.fine_cents,
        meeting_id=meeting.id,
        at=at,
    )


def _count(conn: Connection, meeting: Meeting, cents: int, *, by_user_id: int, at: datetime) -> Assertion:
    """The count, kept; it answers the last one that failed, whose difference it holds or carries on."""
    cash_box.open_box(conn, meeting.book_id)
    failed = [one.id for one in assertions.open_failures(conn) if _is_of(one, meeting)]
    return assertions.assert_balance(
        conn,
        book_id=meeting.book_id,
        account=cash_box.BOX,
        cents=cents,
        source="cash_count",
        asserted_by=by_user_id,
        at=at,
        corrects_id=failed[-1] if failed else None,
    )


def _is_of(failure: assertions.OpenFailure, meeting: Meeting) -> bool:
    return (failure.book_id, failure.account_code) == (meeting.book_id, cash_box.BOX)


def _alarm(conn: Connection, meeting: Meeting, counted: Assertion, *, at: datetime) -> None:
    """Tells every official, the one who counted included: nobody finds out alone, and nobody alone knows."""
    template = "box_short" if counted.difference_cents < 0 else "box_over"
    facts = {
        "chama": meeting.chama,
        "amount_cents": abs(counted.difference_cents),
        "counted_cents": counted.asserted_cents,
        "held_cents": counted.found_cents,
    }
    with office(conn):
        rows = conn.execute(
            "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = ANY(%s) ORDER BY id",
            [meeting.chama_id, list(OFFICIALS), list(IN_OFFICE)],
        ).fetchall()
        told = [Notice(f"{template}:{meeting.id}:{user}", template, user, meeting.chama_id, facts) for (user,) in rows]
        notices.queue(conn, told, at=at)
