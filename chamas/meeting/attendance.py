"""Who comes to a meeting, who was there, and what each put on the table. attendance is written here only.

A member answers by phone before the meeting; an official marks in it. What is marked is no money yet: until the box is
counted it may be marked anew.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from chamas.members.access import INSIDE
from ledger.wires import Connection

Answer = Literal["coming", "apology"]


@dataclass(frozen=True)
class Line:
    """One member in the roll of a meeting, amounts in cents. `here` is None for who was not asked for yet."""

    member_id: int
    user_id: int
    number: int
    first_name: str
    reply: Answer | None
    here: bool | None
    cash_cents: int
    fine_cents: int
    marked_by: int | None

    @property
    def given_cents(self) -> int:
        """All that she put on the table."""
        return self.cash_cents + self.fine_cents


def reply(conn: Connection, meeting_id: int, member_id: int, answer: Answer, *, at: datetime) -> None:
    """She says whether she comes; the last word holds."""
    conn.execute(
        "INSERT INTO attendance (meeting_id, member_id, reply, replied_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (meeting_id, member_id) DO UPDATE SET reply = excluded.reply, replied_at = excluded.replied_at",
        [meeting_id, member_id, answer, at],
    )


def mark(
    conn: Connection,
    meeting_id: int,
    member_id: int,
    *,
    here: bool,
    cash_cents: int,
    fine_cents: int,
    by_user_id: int,
    at: datetime,
) -> None:
    """An official marks her, or marks her anew."""
    conn.execute(
        "INSERT INTO attendance (meeting_id, member_id, here, cash_cents, fine_cents, marked_by, marked_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (meeting_id, member_id) DO UPDATE SET here = excluded.here, "
        "cash_cents = excluded.cash_cents, fine_cents = excluded.fine_cents, marked_by = excluded.marked_by, "
        "marked_at = excluded.marked_at",
        [meeting_id, member_id, here, cash_cents, fine_cents, by_user_id, at],
    )


def roll(conn: Connection, meeting_id: int) -> list[Line]:
    """Everybody who is in the group of this meeting, by number, and who answered or was marked before she left it."""
    found = conn.cursor(row_factory=class_row(Line))
    found.execute(
        """
        SELECT m.id AS member_id, m.user_id, m.number, u.first_name, a.reply, a.here,
               coalesce(a.cash_cents, 0) AS cash_cents, coalesce(a.fine_cents, 0) AS fine_cents, a.marked_by
        FROM meetings g JOIN chama_members m ON m.chama_id = g.chama_id JOIN users u ON u.id = m.user_id
        LEFT JOIN attendance a ON (a.meeting_id, a.member_id) = (g.id, m.id)
        WHERE g.id = %s AND (a.member_id IS NOT NULL OR m.status = ANY(%s)) ORDER BY m.number
        """,
        [meeting_id, list(INSIDE)],
    )
    return found.fetchall()


def replies(conn: Connection, meeting_id: int, member_id: int) -> tuple[int, Answer | None]:
    """How many say that they come, and what she said herself."""
    [row] = conn.execute(
        "SELECT count(*) FILTER (WHERE reply = 'coming'), max(reply) FILTER (WHERE member_id = %s) "
        "FROM attendance WHERE meeting_id = %s",
        [member_id, meeting_id],
    ).fetchall()
    return row[0], row[1]


def apologies(conn: Connection, meeting_id: int) -> list[int]:
    """Members (ids) who said that they cannot come."""
    rows = conn.execute(
        "SELECT member_id FROM attendance WHERE meeting_id = %s AND reply = 'apology' ORDER BY member_id", [meeting_id]
    ).fetchall()
    return [member_id for (member_id,) in rows]
