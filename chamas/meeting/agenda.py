"""Meetings as rows: the one ahead or on, the last one, all of a group, and the states of each. Reads only.

Theory of operation. meetings.py writes them and sitting.py holds one:

    scheduled -> in_progress -> completed
              -> cancelled      -> cancelled (it broke up: nothing that was marked counts)
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from chamas.members.refusals import NotNow
from chamas.rulebook.calendar import Frequency
from ledger.moves import Moves
from ledger.wires import Connection


class MeetingState(StrEnum):
    """Where a meeting stands."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


MEETING_MOVES: Moves[MeetingState] = Moves(
    "meetings.state",
    {
        MeetingState.SCHEDULED: frozenset({MeetingState.IN_PROGRESS, MeetingState.CANCELLED}),
        MeetingState.IN_PROGRESS: frozenset({MeetingState.COMPLETED, MeetingState.CANCELLED}),
        MeetingState.COMPLETED: frozenset(),
        MeetingState.CANCELLED: frozenset(),
    },
)
OPEN = (MeetingState.SCHEDULED, MeetingState.IN_PROGRESS)


@dataclass(frozen=True)
class Meeting:
    """One meeting; instants in UTC. `repeats`: the next one is set when it is over."""

    id: int
    chama_id: int
    chama: str
    book_id: int
    frequency: Frequency
    number: int
    state: MeetingState
    starts_at: datetime
    anchor_at: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    assertion_id: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", MeetingState(self.state))
        object.__setattr__(self, "frequency", Frequency(self.frequency))

    @property
    def repeats(self) -> bool:
        return self.anchor_at is not None

    @property
    def held_at(self) -> datetime:
        """When it began; until then, when it is set for."""
        return self.begun_at or self.starts_at

    @property
    def on(self) -> bool:
        return self.state is MeetingState.IN_PROGRESS


def find(conn: Connection, meeting_id: int) -> Meeting:
    """One meeting. Raises NotNow when there is none, or it is of a group that she is not in."""
    found = _meetings(conn, meeting_id=meeting_id)
    if not found:
        raise NotNow
    return found[0]


def ahead(conn: Connection, chama_id: int) -> Meeting | None:
    """The meeting that is set, or on."""
    return next((one for one in _meetings(conn, chama_id=chama_id) if one.state in OPEN), None)


def last(conn: Connection, chama_id: int) -> Meeting | None:
    """The last meeting that was held."""
    held = (one for one in _meetings(conn, chama_id=chama_id) if one.state is MeetingState.COMPLETED)
    return next(held, None)


def listed(conn: Connection, chama_id: int) -> list[Meeting]:
    """The group's last meetings, newest first."""
    return _meetings(conn, chama_id=chama_id)


def _meetings(conn: Connection, *, meeting_id: int | None = None, chama_id: int | None = None) -> list[Meeting]:
    found = conn.cursor(row_factory=class_row(Meeting))
    found.execute(
        """
        SELECT m.id, m.chama_id, c.name AS chama, c.book_id, c.frequency, m.number, m.state, m.starts_at, m.anchor_at,
               m.begun_at, m.ended_at, m.assertion_id
        FROM meetings m JOIN chamas c ON c.id = m.chama_id
        WHERE m.id = %s::bigint OR m.chama_id = %s::bigint ORDER BY m.number DESC LIMIT 60
        """,
        [meeting_id, chama_id],
    )
    return found.fetchall()
