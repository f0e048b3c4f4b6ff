"""Meetings of a group: when the next one is, who is told, and how it went. meetings is written here only.

Theory of operation. A group has one meeting ahead, or on, at a time (its states: agenda.py). It may be the first of a
series: when it is over the next one is set, counted from the first by the group's frequency. Members are told of a
meeting when it is set, and reminded once the day before; not who has sent an apology. What happens in one: sitting.py.
Who comes: attendance.py.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from chamas.meeting import attendance
from chamas.meeting.agenda import MEETING_MOVES, OPEN, Meeting, MeetingState, ahead, find
from chamas.members import standing
from chamas.members.access import INSIDE, Action
from chamas.members.office import office
from chamas.members.refusals import NotNow, demand
from chamas.rulebook import calendar
from chamas.rulebook.calendar import Frequency
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import nairobi
from ledger.refusals import Refusal
from ledger.wires import Connection, Wires

# Long enough to find somebody to send the money with, short enough to be remembered.
REMINDED_BEFORE = timedelta(days=1)
# A group that meets once a year sets its meeting after the last one.
FURTHEST = timedelta(days=400)
# A day that is over since less than this was meant as it stands, and is too late; before that, next year's is meant.
JUST_OVER = timedelta(days=90)
# One statement of a few milliseconds for the job; it comes again.
REMINDED_AT_ONCE = 50


class MeetingSet(Refusal):
    """There is one ahead, or on."""

    code = "meeting_set"
    status = 409
    words = "Another meeting is set already: hold it or cancel it first."


class UnfitMeeting(Refusal):
    """In the past, too far away, no such day, or a series of a group whose calendar has no steps."""

    code = "unfit_meeting"
    status = 422
    words = "A meeting is set for a day and an hour to come, within a year."


def instant(day: str, hour: int, at: datetime) -> datetime:
    """The next time (UTC) that it is this day (`2811`: 28 November) and hour in Nairobi.

    Raises UnfitMeeting, also for a day that is over since less than JUST_OVER: who types this morning in the afternoon
    does not mean next year.
    """
    today = nairobi.local(at)
    try:
        this_year = today.replace(month=int(day[2:]), day=int(day[:2]), hour=hour, minute=0, second=0, microsecond=0)
        wanted = this_year if this_year > today - JUST_OVER else this_year.replace(year=today.year + 1)
    except ValueError:
        raise UnfitMeeting from None
    if wanted <= today:
        raise UnfitMeeting
    return wanted.astimezone(UTC)


def hour_of(day: str, hour: int) -> datetime:
    """That hour (UTC) of a whole date (`2026-11-28`) in Nairobi. Raises UnfitMeeting for what is none."""
    try:
        return datetime.combine(date.fromisoformat(day), time(hour), nairobi.EAT).astimezone(UTC)
    except ValueError:
        raise UnfitMeeting from None


def schedule(
    conn: Connection, chama_id: int, *, by_user_id: int, starts_at: datetime, repeats: bool = False, at: datetime
) -> Meeting:
    """Sets the group's next meeting; everybody in it is told by SMS. Raises OfficialsOnly, NotNow, MeetingSet,
    UnfitMeeting."""
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id, hold=True)
    demand(here, Action.MEET, at=at)
    if ahead(conn, chama_id) is not None:
        raise MeetingSet
    if not at < starts_at <= at + FURTHEST or (repeats and here.frequency is Frequency.CUSTOM):
        raise UnfitMeeting
    anchor_at = starts_at if repeats else None
    meeting = _add(conn, chama_id, by_user_id=by_user_id, starts_at=starts_at, anchor_at=anchor_at, at=at)
    _tell(conn, meeting, "meeting_set", at=at)
    return meeting


def convene(conn: Connection, chama_id: int, *, by_user_id: int, at: datetime) -> Meeting:
    """The group sits together now: the meeting that is set begins, or one that nobody had set.

    Raises OfficialsOnly, NotNow, also while one is on.
    """
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id, hold=True)
    demand(here, Action.MEET, at=at)
    meeting = ahead(conn, chama_id)
    if meeting is None:
        meeting = _add(conn, chama_id, by_user_id=by_user_id, starts_at=at, anchor_at=None, at=at)
    if meeting.on:
        raise NotNow
    MEETING_MOVES.require(meeting.state, MeetingState.IN_PROGRESS)
    conn.execute(
        "UPDATE meetings SET state = %s, begun_at = %s, remind_at = NULL WHERE id = %s",
        [MeetingState.IN_PROGRESS, at, meeting.id],
    )
    return find(conn, meeting.id)


def cancel(conn: Connection, meeting_id: int, *, by_user_id: int, at: datetime) -> Meeting | None:
    """It does not take place, or broke up; everybody is told. Returns the next of its series. Raises OfficialsOnly,
    NotNow when it is over."""
    meeting = running(conn, meeting_id, by_user_id=by_user_id, at=at, states=OPEN)
    _end(conn, meeting, MeetingState.CANCELLED, assertion_id=None, at=at)
    _tell(conn, meeting, "meeting_cancelled", at=at)
    return _next_of_series(conn, meeting, by_user_id=by_user_id, at=at)


def complete(conn: Connection, meeting: Meeting, *, by_user_id: int, assertion_id: int, at: datetime) -> Meeting | None:
    """The box is counted and the meeting over; returns the next of its series. The caller holds it (`running`)."""
    _end(conn, meeting, MeetingState.COMPLETED, assertion_id=assertion_id, at=at)
    return _next_of_series(conn, meeting, by_user_id=by_user_id, at=at)


def running(
    conn: Connection,
    meeting_id: int,
    *,
    by_user_id: int,
    at: datetime,
    states: Sequence[MeetingState] = (MeetingState.IN_PROGRESS,),
) -> Meeting:
    """The meeting, locked until the end, for an official. Raises OfficialsOnly, NotNow in any other state."""
    conn.execute("SELECT id FROM meetings WHERE id = %s FOR NO KEY UPDATE", [meeting_id])
    meeting = find(conn, meeting_id)
    demand(standing.group(conn, chama_id=meeting.chama_id, user_id=by_user_id), Action.MEET, at=at)
    if meeting.state not in states:
        raise NotNow
    return meeting


def remind_due(wiring: Wires) -> int:
    """Reminds the members of meetings that are due for it; returns of how many meetings."""
    at = wiring.now()
    with wiring.transaction() as conn:
        rows = conn.execute(
            """
            UPDATE meetings SET remind_at = NULL WHERE id IN (
                SELECT id FROM meetings WHERE remind_at <= %s ORDER BY remind_at LIMIT %s
                FOR NO KEY UPDATE SKIP LOCKED) RETURNING id
            """,
            [at, REMINDED_AT_ONCE],
        ).fetchall()
        for (meeting_id,) in sorted(rows):
            meeting = find(conn, meeting_id)
            # After a long outage: nobody is called to what has been.
            if meeting.starts_at > at:
                _tell(conn, meeting, "meeting_tomorrow", at=at, besides=attendance.apologies(conn, meeting.id))
    return len(rows)


def _next_of_series(conn: Connection, meeting: Meeting, *, by_user_id: int, at: datetime) -> Meeting | None:
    if meeting.anchor_at is None or meeting.frequency is Frequency.CUSTOM:
        return None
    steps = 1
    while (starts_at := calendar.boundary(meeting.anchor_at, meeting.frequency, steps)) <= max(at, meeting.starts_at):
        steps += 1
    return _add(conn, meeting.chama_id, by_user_id=by_user_id, starts_at=starts_at, anchor_at=meeting.anchor_at, at=at)


def _add(
    conn: Connection, chama_id: int, *, by_user_id: int, starts_at: datetime, anchor_at: datetime | None, at: datetime
) -> Meeting:
    remind_at = starts_at - REMINDED_BEFORE
    [(meeting_id,)] = conn.execute(
        """
        INSERT INTO meetings (chama_id, number, state, starts_at, anchor_at, called_by, called_at, remind_at)
        SELECT %s, coalesce(max(number), 0) + 1, %s, %s, %s, %s, %s, %s FROM meetings WHERE chama_id = %s
        RETURNING id
        """,
        [chama_id, MeetingState.SCHEDULED, starts_at, anchor_at, by_user_id, at, remind_at if remind_at > at else None,
         chama_id],
    ).fetchall()  # fmt: skip
    return find(conn, meeting_id)


def _end(conn: Connection, meeting: Meeting, new: MeetingState, *, assertion_id: int | None, at: datetime) -> None:
    MEETING_MOVES.require(meeting.state, new)
    conn.execute(
        "UPDATE meetings SET state = %s, ended_at = %s, remind_at = NULL, assertion_id = %s WHERE id = %s",
        [new, at, assertion_id, meeting.id],
    )


def _tell(conn: Connection, meeting: Meeting, template: str, *, at: datetime, besides: Sequence[int] = ()) -> None:
    """Everybody who is in; who called it as well, so that she sees what the others got."""
    with office(conn):
        rows = conn.execute(
            "SELECT id, user_id FROM chama_members WHERE chama_id = %s AND status = ANY(%s) ORDER BY id",
            [meeting.chama_id, list(INSIDE)],
        ).fetchall()
        facts = {"chama": meeting.chama, "starts_at": meeting.starts_at.isoformat()}
        told = [user_id for member_id, user_id in rows if member_id not in besides]
        notices.queue(
            conn,
            [
                Notice(f"{template}:{meeting.id}:{user_id}", template, user_id, meeting.chama_id, facts)
                for user_id in told
            ],
            at=at,
        )
