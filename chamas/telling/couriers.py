"""Which messages may leave now: the rest waits for the morning, for her next dial, or is needed by nobody any more.

    everything      leaves when it is due, and what the law of the house demands always does
    a reminder      waits for the morning unless she takes them at night; is dropped when she has paid or opted out
    above the cap   news and reminders wait for her next dial instead of an SMS, and the officials hear why

Decided when a message is claimed, by the rows as they are then: between the telling and the sending lies an outage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.telling import caps, notices
from chamas.telling.notice_states import LAW, NOTICE_MOVES, Channel, Kind, NoticeState, morning_after, quiet
from chamas.telling.notices import Claimed
from ledger.wires import Connection


@dataclass(frozen=True)
class Due:
    """A message whose time has come, with all that may hold it back. `settled`: what it reminds of is paid."""

    id: int
    kind: Kind
    state: NoticeState
    chama_id: int | None
    reminders: bool
    at_night: bool
    settled: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))
        object.__setattr__(self, "state", NoticeState(self.state))


def claim_due(conn: Connection, *, at: datetime, limit: int, channel: Channel = Channel.SMS) -> list[Claimed]:
    """Takes up to `limit` due messages of one way, oldest first, each as `unclear`. Commit before you call anybody.

    Fewer than were due come back when some are kept; those are not due any more.
    """
    due = _lock_due(conn, channel, at=at, limit=limit)
    kept = _needless(conn, due) | _sleeping(conn, due, at)
    if channel is Channel.SMS:
        kept |= _too_dear(conn, [one for one in due if one.id not in kept], at)
    ready = [one.id for one in due if one.id not in kept]
    return notices.take(conn, ready, at=at) if ready else []


def waiting_for(conn: Connection, user_id: int) -> bool:
    """Whether a message to her has not left for good."""
    row = conn.execute(
        "SELECT TRUE FROM notifications WHERE user_id = %s AND due_at IS NOT NULL LIMIT 1", [user_id]
    ).fetchone()
    return row is not None


def _needless(conn: Connection, due: Sequence[Due]) -> set[int]:
    """Reminders of what is paid, and of people who want none any more. What may have left already goes its way."""
    reminders = [one for one in due if one.kind is Kind.REMINDER and one.state is NoticeState.QUEUED]
    for failure, needless in (
        ("paid", {one.id for one in reminders if one.settled}),
        ("opted out", {one.id for one in reminders if not one.settled and not one.reminders}),
    ):
        if needless:
            notices.drop(conn, sorted(needless), failure=failure)
    return {one.id for one in reminders if one.settled or not one.reminders}


def _sleeping(conn: Connection, due: Sequence[Due], at: datetime) -> set[int]:
    """Reminders to people who are not disturbed now."""
    if not quiet(at):
        return set()
    sleeping = {one.id for one in due if one.kind is Kind.REMINDER and not one.at_night}
    if sleeping:
        notices.put_off(conn, sorted(sleeping), until=morning_after(at))
    return sleeping


def _too_dear(conn: Connection, due: Sequence[Due], at: datetime) -> set[int]:
    """What would go above the cap of its group."""
    optional = [
        one for one in due if one.kind not in LAW and one.chama_id is not None and one.state is NoticeState.QUEUED
    ]
    left = caps.left_cents(conn, {one.chama_id for one in optional if one.chama_id is not None}, at=at)
    dear = set()
    for one in optional:
        assert one.chama_id is not None  # noqa: S101
        left[one.chama_id] -= caps.PRICE_CENTS
        if left[one.chama_id] < 0:
            dear.add(one.id)
            caps.tell_officials(conn, one.chama_id, at=at)
    if dear:
        notices.say_instead(conn, sorted(dear), at=at)
    return dear


def _lock_due(conn: Connection, channel: Channel, *, at: datetime, limit: int) -> list[Due]:
    """Up to `limit` messages of one way whose time has come, oldest first; nobody else gets them meanwhile."""
    found = conn.cursor(row_factory=class_row(Due))
    found.execute(
        """
        SELECT n.id, n.kind, n.state, n.chama_id, coalesce(p.reminders, TRUE) AS reminders,
               coalesce(p.at_night, FALSE) AS at_night,
               n.kind = 'reminder' AND n.arguments->>'contribution' ~ '^[0-9]{1,18}$' AND NOT EXISTS (
                   SELECT FROM contributions k
                   WHERE k.id::text = n.arguments->>'contribution' AND k.paid_cents < k.due_cents) AS settled
        FROM notifications n LEFT JOIN notice_preferences p ON p.user_id = n.user_id
        WHERE n.channel = %s AND n.due_at <= %s AND n.state = ANY(%s)
        ORDER BY n.due_at, n.id LIMIT %s FOR NO KEY UPDATE OF n SKIP LOCKED
        """,
        [channel, at, NOTICE_MOVES.leading_to(NoticeState.UNCLEAR), limit],
    )
    return found.fetchall()
