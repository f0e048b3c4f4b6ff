"""Reminders of an open round: only to who has not paid and does not leave, on days that fit how often the group meets.

An official may have everybody reminded who owes, on her own phone, on any day: once for each day, and not who was on
that day already. Nothing is kept of what was reminded but the messages themselves: the key of each names contribution
and day, so that the job may run as often as it likes. After an outage the newest day that has passed is told, and no
older one; what an older one has left in the queue is dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg.rows import class_row

from chamas.members import standing
from chamas.members.access import Action
from chamas.members.office import office
from chamas.members.refusals import demand
from chamas.rulebook.calendar import Frequency
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import nairobi
from ledger.wires import Connection, Wires

# Days before the day of closing, 0 is that day itself: long enough to earn the money, and seldom enough to be read.
DAYS_BEFORE: Mapping[Frequency, Sequence[int]] = {
    Frequency.WEEKLY: (1, 0),
    Frequency.FORTNIGHTLY: (2, 0),
    Frequency.MONTHLY: (3, 1, 0),
    Frequency.CUSTOM: (1, 0),
}
# The first of those days, from its first hour on.
LONGEST_AHEAD = timedelta(days=max(max(days) for days in DAYS_BEFORE.values()) + 1)
# Hour of Nairobi: after the way to work, with the day for paying still ahead.
HOUR = 9
# One statement of a few milliseconds for each lot.
AT_ONCE = 500


@dataclass(frozen=True)
class Closing:
    """An open round that closes soon. Instants are UTC."""

    id: int
    opens_at: datetime
    closes_at: datetime
    frequency: Frequency

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequency", Frequency(self.frequency))


def step_at(closing: Closing, at: datetime) -> int | None:
    """The newest of the round's days that has come by `at`, in days before its last; None before the first.

    A round that closes at midnight closes on the day before.
    """
    last = nairobi.local(closing.closes_at - timedelta(seconds=1))
    for days in sorted(DAYS_BEFORE[closing.frequency]):
        comes = (last - timedelta(days=days)).replace(hour=HOUR, minute=0, second=0, microsecond=0).astimezone(UTC)
        if closing.opens_at <= comes <= at < closing.closes_at:
            return days
    return None


def remind_due(wires: Wires) -> int:
    """Reminds whoever is due and has not been for this day; returns how many messages that makes."""
    told = 0
    while True:
        with wires.transaction() as conn:
            lot = _tell(conn, at=wires.now())
        told += lot
        if lot < AT_ONCE:
            return told


def _tell(conn: Connection, *, at: datetime) -> int:
    steps = {closing.id: step for closing in _closing(conn, at) if (step := step_at(closing, at)) is not None}
    rows = conn.execute(
        """
        SELECT k.id, w.step, m.user_id, r.chama_id, c.name, r.number, r.closes_at, k.due_cents - k.paid_cents
        FROM unnest(%s::bigint[], %s::integer[]) AS w (round_id, step)
        JOIN contributions k ON k.round_id = w.round_id AND k.paid_cents < k.due_cents
            AND k.state IN ('pending', 'failed')
        JOIN rounds r ON r.id = k.round_id JOIN chamas c ON c.id = r.chama_id
        JOIN chama_members m ON m.id = k.member_id AND m.status IN ('active', 'defaulted')
        LEFT JOIN notice_preferences p ON p.user_id = m.user_id
        WHERE coalesce(p.reminders, TRUE)
          AND NOT EXISTS (SELECT FROM motions x WHERE (x.member_id, x.kind, x.state) = (m.id, 'exit', 'going')
              AND x.how <> 'after_turn')
          AND NOT EXISTS (SELECT FROM notifications n WHERE n.dedupe_key = 'reminder:' || k.id || ':' || w.step)
        ORDER BY k.id LIMIT %s
        """,
        [list(steps), list(steps.values()), AT_ONCE],
    ).fetchall()
    notices.overtake(conn, [f"reminder:{row[0]}:{older}" for row in rows for older in _older(row[1])])
    told = [_notice(*row) for row in rows]
    return notices.queue(conn, told, at=at) if told else 0


def remind_now(conn: Connection, chama_id: int, *, by_user_id: int, at: datetime) -> int:
    """An official has everybody else reminded who owes the open round and was not today; returns how many messages
    that makes. Who wants no reminders gets none, and nobody at night (couriers.py). Raises OfficialsOnly, NotNow.
    """
    demand(standing.group(conn, chama_id=chama_id, user_id=by_user_id), Action.REMIND, at=at)
    rows = conn.execute(
        """
        SELECT k.id, 'asked:' || %(day)s, m.user_id, r.chama_id, c.name, r.number, r.closes_at,
               k.due_cents - k.paid_cents
        FROM rounds r JOIN chamas c ON c.id = r.chama_id
        JOIN contributions k ON k.round_id = r.id AND k.paid_cents < k.due_cents AND k.state IN ('pending', 'failed')
        JOIN chama_members m ON m.id = k.member_id AND m.status IN ('active', 'defaulted')
        WHERE r.chama_id = %(chama)s AND r.state = 'active' AND m.user_id <> %(by)s
          AND NOT EXISTS (SELECT FROM motions x WHERE (x.member_id, x.kind, x.state) = (m.id, 'exit', 'going')
              AND x.how <> 'after_turn')
        ORDER BY k.id
        """,
        {"chama": chama_id, "by": by_user_id, "day": nairobi.local(at).date().isoformat()},
    ).fetchall()
    # Messages to others are in nobody's sight but the office's.
    with office(conn):
        today = conn.execute(
            "SELECT arguments->>'contribution' FROM notifications "
            "WHERE chama_id = %s AND template = 'reminder' AND queued_at >= %s",
            [chama_id, nairobi.day_begins(at)],
        ).fetchall()
        told = [_notice(*row) for row in rows if (str(row[0]),) not in today]
        return notices.queue(conn, told, at=at) if told else 0


def _notice(  # noqa: PLR0917 - a row
    contribution_id: int,
    step: object,
    user_id: int,
    chama_id: int,
    name: str,
    number: int,
    closes_at: datetime,
    missing_cents: int,
) -> Notice:
    facts = {
        "chama": name,
        "round": number,
        "missing_cents": missing_cents,
        "closes_at": (closes_at - timedelta(seconds=1)).isoformat(),
        "contribution": contribution_id,
    }
    return Notice(f"reminder:{contribution_id}:{step}", "reminder", user_id, chama_id, facts)


def _closing(conn: Connection, at: datetime) -> list[Closing]:
    found = conn.cursor(row_factory=class_row(Closing))
    found.execute(
        "SELECT r.id, r.opens_at, r.closes_at, s.frequency FROM rounds r JOIN rule_sets s ON s.id = r.rule_set_id "
        "JOIN chamas c ON c.id = r.chama_id AND c.status = 'active' "
        "WHERE r.state = 'active' AND r.closes_at > %s AND r.closes_at <= %s ORDER BY r.id",
        [at, at + LONGEST_AHEAD],
    )
    return found.fetchall()


def _older(step: int) -> list[int]:
    return sorted({days for steps in DAYS_BEFORE.values() for days in steps if days > step})
