"""What a group was told: how it went by each way, what it cost in a month, and the newest messages. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.telling import caps
from chamas.telling.notice_states import Channel, NoticeState
from ledger.wires import Connection


@dataclass(frozen=True)
class Sent:
    """One message to a member or to somebody invited. `failure` says why it did not arrive; instants are UTC."""

    id: int
    number: int | None
    name: str
    template: str
    channel: Channel
    state: NoticeState
    failure: str | None
    cost_cents: int | None
    queued_at: datetime
    sent_at: datetime | None
    seen_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "channel", Channel(self.channel))
        object.__setattr__(self, "state", NoticeState(self.state))


@dataclass(frozen=True)
class Sums:
    """A month of a group: messages by way and state; money in cents. `left_cents` below 0: the law took more."""

    cap_cents: int
    spent_cents: int
    left_cents: int
    counts: tuple[tuple[Channel, NoticeState, int], ...]


def month(conn: Connection, chama_id: int, *, at: datetime) -> Sums | None:
    """The month in which `at` lies; None when there is no such group."""
    found = caps.months(conn, [chama_id], at=at)
    if not found:
        return None
    rows = conn.execute(
        "SELECT channel, state, count(*) FROM notifications WHERE chama_id = %s AND queued_at >= %s "
        "GROUP BY channel, state ORDER BY channel, state",
        [chama_id, caps.month_begins(at)],
    ).fetchall()
    counts = tuple((Channel(channel), NoticeState(state), count) for channel, state, count in rows)
    [sums] = found
    return Sums(sums.cap_cents, sums.spent_cents, sums.cap_cents - sums.spent_cents, counts)


def newest(conn: Connection, chama_id: int, *, before: int | None = None, limit: int = 50) -> list[Sent]:
    """The messages of a group with an id below `before`, newest first."""
    found = conn.cursor(row_factory=class_row(Sent))
    found.execute(
        """
        SELECT n.id, m.number, u.first_name AS name, n.template, n.channel, n.state, n.failure, n.cost_cents,
               n.queued_at, n.sent_at, n.seen_at
        FROM notifications n JOIN users u ON u.id = n.user_id
        LEFT JOIN chama_members m ON (m.chama_id, m.user_id) = (n.chama_id, n.user_id)
        WHERE n.chama_id = %(chama)s AND (%(before)s::bigint IS NULL OR n.id < %(before)s)
        ORDER BY n.queued_at DESC, n.id DESC LIMIT %(limit)s
        """,
        {"chama": chama_id, "before": before, "limit": limit},
    )
    return found.fetchall()
