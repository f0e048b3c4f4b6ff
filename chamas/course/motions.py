"""What a group is asked about one of its members, answered by others. motions is written here only.

Theory of operation. A motion is a subject of approvals (chamas/approving/approvals.py): an answer names the digest of
exactly what is asked, and the worker alone counts (departing.py). It changes nothing but its own row until then.
Its states are in motion_states.py.

Nobody decides about herself, nor what she asked for; who is to take an office must accept it beside (motion_voices.py).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from chamas.approving import approvals
from chamas.approving.approvals import NotAsShown, NotYourVoice, Said, Subject, Verdict, Vote, Word
from chamas.approving.approvers import Voice
from chamas.approving.voices import member_in, voices_in
from chamas.course import motion_voices
from chamas.course.motion_states import MOTION_MOVES, How, Motion, MotionKind, MotionState
from chamas.members import pins
from chamas.members.states import Role
from ledger.wires import Connection

# What others take from here beside the functions below.
__all__ = ["How", "Motion", "MotionKind", "MotionState"]

_M = MotionState
_SELECT = sql.SQL(
    "SELECT x.id, x.chama_id, c.name AS chama, c.status AS chama_status, x.kind, x.member_id, m.user_id, m.number, "
    "u.first_name AS name, m.status AS member_status, x.asked_by, a.first_name AS asker, x.other_id, "
    "o.first_name AS other, x.role, x.how, x.cycle, x.needed, x.state, x.reason, x.asked_at, x.expires_at, "
    "x.invitation_id, x.paid_in_cents, x.received_cents, x.owed_cents "
    "FROM motions x JOIN chamas c ON c.id = x.chama_id "
    "JOIN chama_members m ON m.id = x.member_id JOIN users u ON u.id = m.user_id "
    "JOIN chama_members am ON am.id = x.asked_by JOIN users a ON a.id = am.user_id "
    "LEFT JOIN chama_members om ON om.id = x.other_id LEFT JOIN users o ON o.id = om.user_id WHERE {}"
)
_BY_ID = _SELECT.format(sql.SQL("x.id = %s"))
_OF_CHAMA = _SELECT.format(sql.SQL("x.chama_id = %s AND (%s::bigint IS NULL OR x.id < %s) ORDER BY x.id DESC LIMIT %s"))
_OPEN = _SELECT.format(sql.SQL("x.member_id = %s AND x.kind = %s AND x.state IN ('asked', 'going')"))
_OFFERED = _SELECT.format(sql.SQL("x.invitation_id = %s AND x.state IN ('asked', 'going')"))
_ASKED = _SELECT.format(sql.SQL("x.chama_id = %s AND x.state = 'asked' ORDER BY x.id"))


def _read(conn: Connection, query: sql.Composed, given: Sequence[Any]) -> list[Motion]:
    with conn.cursor(row_factory=class_row(Motion)) as cursor:
        return cursor.execute(query, given).fetchall()


def by_id(conn: Connection, motion_id: int) -> Motion:
    """Raises NotAsShown for one that there is not, or that who acts may not see."""
    found = _read(conn, _BY_ID, [motion_id])
    if not found:
        raise NotAsShown
    return found[0]


def of_chama(conn: Connection, chama_id: int, *, before: int | None = None, limit: int = 20) -> list[Motion]:
    """The motions of a group with an id below `before`, newest first."""
    return _read(conn, _OF_CHAMA, [chama_id, before, before, limit])


def open_about(conn: Connection, member_id: int, kind: MotionKind) -> Motion | None:
    """What of this kind is asked about her, or under way."""
    return next(iter(_read(conn, _OPEN, [member_id, kind])), None)


def offered_by(conn: Connection, invitation_id: int) -> Motion | None:
    """The substitution whose newcomer this invitation asks."""
    return next(iter(_read(conn, _OFFERED, [invitation_id])), None)


def waiting_for(conn: Connection, chama_id: int, user_id: int, *, at: datetime) -> list[Motion]:
    """What waits for this person's yes or no in this group, oldest first."""
    found = [one for one in _read(conn, _ASKED, [chama_id]) if at < one.expires_at and user_id in asked(conn, one)]
    return [one for one in found if user_id not in (said := said_to(conn, one)).yes | said.no.keys()]


def add(
    conn: Connection,
    *,
    chama_id: int,
    kind: MotionKind,
    member_id: int,
    asked_by: int,
    needed: int,
    at: datetime,
    expires_after: timedelta,
    how: How | None = None,
    cycle: int | None = None,
    role: Role | None = None,
    other_id: int | None = None,
    offer: tuple[int, int, int, int] | None = None,
) -> Motion:
    """Asks it; what is asked about her already stays as it was asked. `offer`: invitation, paid in, got, owes."""
    made = conn.execute(
        "INSERT INTO motions (chama_id, kind, member_id, asked_by, how, cycle, role, other_id, needed, state, asked_at,"
        " expires_at, due_at, invitation_id, paid_in_cents, received_cents, owed_cents) VALUES (%s, %s, %s, %s, %s, "
        "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [
            *(chama_id, kind, member_id, asked_by, how, cycle, role, other_id, needed, _M.ASKED),
            *(at, at + expires_after, at, *(offer or (None,) * 4)),
        ],
    ).fetchone()
    if made is not None:
        return by_id(conn, made[0])
    found = open_about(conn, member_id, kind)
    if found is None:
        raise NotAsShown
    return found


def chosen(voices: Sequence[Voice], motion: Motion) -> set[int]:
    """Who is asked, by member id: whose answer decides, and who must accept."""
    return motion_voices.voters(voices, motion) | motion_voices.accepting(motion)


def asked(conn: Connection, motion: Motion) -> set[int]:
    """The same by user id."""
    voices = voices_in(conn, motion.chama_id)
    counts = chosen(voices, motion)
    return {voice.user_id for voice in voices if voice.member_id in counts}


def agreed(conn: Connection, motion: Motion) -> int:
    """How many of those who decide have said yes so far."""
    voices = voices_in(conn, motion.chama_id)
    yes, counts = said_to(conn, motion).yes, motion_voices.voters(voices, motion)
    return sum(voice.user_id in yes for voice in voices if voice.member_id in counts)


def outcome(conn: Connection, motion: Motion, *, late: bool) -> tuple[Verdict, str]:
    """What the answers come to, and why it is refused."""
    return motion_voices.outcome(said_to(conn, motion), motion, voices_in(conn, motion.chama_id), late=late)


def said_to(conn: Connection, motion: Motion) -> Said:
    """What was said to exactly this."""
    return approvals.said(conn, Subject.MOTION, motion.id, motion.digest)


def vote(conn: Connection, motion_id: int, word: Word) -> Motion:
    """An answer to what was shown. Raises NotYourVoice, NotAsShown; PinTooNew for a yes."""
    motion = by_id(conn, motion_id)
    counts = word.user_id in asked(conn, motion)
    waits = motion.state is _M.ASKED and word.at < motion.expires_at and word.vote is not Vote.FREEZE
    word.demand_heard(counts=counts, waits=waits, digest=motion.digest)
    if word.vote is Vote.APPROVE:
        pins.demand_decides(conn, word.user_id, at=word.at)
    approvals.add(conn, Subject.MOTION, motion.id, word, member_in(conn, motion.chama_id, word.user_id))
    return motion


def take_back(conn: Connection, motion_id: int, *, by_member_id: int, at: datetime) -> Motion:
    """Whoever asked does not ask it any more. Raises NotYourVoice, NotAsShown once it is decided."""
    motion = by_id(conn, motion_id)
    if motion.asked_by != by_member_id:
        raise NotYourVoice
    done = conn.execute(
        "UPDATE motions SET state = %s, ended_at = %s, due_at = NULL WHERE id = %s AND state = ANY(%s)",
        [_M.WITHDRAWN, at, motion_id, MOTION_MOVES.leading_to(_M.WITHDRAWN)],
    )
    if not done.rowcount:
        raise NotAsShown
    return by_id(conn, motion_id)


def move(
    conn: Connection,
    motion: Motion,
    to: MotionState,
    *,
    at: datetime,
    due_at: datetime | None = None,
    reason: str | None = None,
) -> None:
    """One step of it; the caller holds it. Raises ForbiddenMove."""
    MOTION_MOVES.require(motion.state, to)
    ended = to is not _M.GOING
    conn.execute(
        "UPDATE motions SET state = %s, reason = %s, due_at = %s, agreed_at = CASE WHEN %s THEN %s ELSE agreed_at END, "
        "ended_at = CASE WHEN %s THEN %s::timestamptz END, failure = NULL WHERE id = %s",
        [to, reason, due_at, to is _M.GOING, at, ended, at, motion.id],
    )


def look_again(conn: Connection, motion: Motion, due_at: datetime) -> None:
    """When (UTC) the worker looks at it next, unless somebody answers before."""
    conn.execute("UPDATE motions SET due_at = %s, failure = NULL WHERE id = %s", [due_at, motion.id])


def claim(conn: Connection, *, at: datetime, back_at: datetime) -> list[int]:
    """What is due or has an answer that nobody counted, oldest first; it comes back at `back_at`. Whoever is invited to
    a place answers by her invitation.
    """
    rows = conn.execute(
        "SELECT id FROM motions x WHERE due_at <= %s OR (state = 'asked' AND failure IS NULL AND (EXISTS ("
        "SELECT FROM approvals a WHERE (a.subject, a.subject_id) = ('motion', x.id) AND a.seen_at IS NULL) "
        "OR x.taker_at IS NULL AND EXISTS (SELECT FROM invitations i WHERE i.id = x.invitation_id "
        "AND i.answered_at IS NOT NULL))) "
        "ORDER BY id LIMIT 20 FOR NO KEY UPDATE SKIP LOCKED",
        [at],
    ).fetchall()
    ids = [row[0] for row in rows]
    if ids:
        conn.execute("UPDATE motions SET due_at = %s WHERE id = ANY(%s)", [back_at, ids])
    return ids


def lock(conn: Connection, motion_id: int) -> Motion:
    """Holds it until the transaction ends."""
    conn.execute("SELECT id FROM motions WHERE id = %s FOR NO KEY UPDATE", [motion_id])
    return by_id(conn, motion_id)


def note_taker(conn: Connection, motion: Motion, at: datetime) -> None:
    """Whoever is invited to the place has answered, and it was counted."""
    conn.execute("UPDATE motions SET taker_at = %s WHERE id = %s AND taker_at IS NULL", [at, motion.id])


def note_failure(conn: Connection, motion_id: int, failure: str) -> None:
    """The worker met trouble with it, and a person looks."""
    conn.execute("UPDATE motions SET failure = %s WHERE id = %s", [failure, motion_id])
