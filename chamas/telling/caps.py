"""What a group's SMS cost in a month, and where that ends. notice_caps is written here only.

The cost is what Africa's Talking answered for each message; one whose answer never came counts PRICE_CENTS. A month is
one of Nairobi's calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.rows import class_row

from chamas.members.access import IN_OFFICE
from chamas.members.register import OFFICIALS
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import nairobi
from ledger.wires import Connection

# One SMS to a Kenyan number, as every answer of Africa's Talking that we have seen says.
PRICE_CENTS = 80
# In a weekly group a member is told of some 5 payments, 8 reminders and 12 steps of payouts in a month.
PER_MEMBER_CENTS = 25 * PRICE_CENTS


@dataclass(frozen=True)
class Month:
    """A group's month so far, in cents. `told_cents` is what the law of the house took of it, which no cap stops."""

    chama_id: int
    name: str
    cap_cents: int
    spent_cents: int
    told_cents: int


def month_begins(at: datetime) -> datetime:
    """The first instant (UTC) of the month of Nairobi's calendar in which `at` lies."""
    return nairobi.local(nairobi.day_begins(at)).replace(day=1).astimezone(UTC)


def months(conn: Connection, chama_ids: Iterable[int], *, at: datetime) -> list[Month]:
    """What these groups have spent in this month, by id."""
    found = conn.cursor(row_factory=class_row(Month))
    found.execute(
        """
        SELECT c.id AS chama_id, c.name,
               coalesce(k.cap_cents, %(each)s * (SELECT count(*) FROM chama_members m
                   WHERE m.chama_id = c.id AND m.status IN ('confirmed', 'active', 'defaulted'))) AS cap_cents,
               spent.cents AS spent_cents, spent.lawful_cents AS told_cents
        FROM chamas c LEFT JOIN notice_caps k ON k.chama_id = c.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(one.cents), 0)::bigint AS cents,
                   coalesce(sum(one.cents) FILTER (WHERE one.kind IN ('money', 'answer')), 0)::bigint AS lawful_cents
            FROM (SELECT n.kind, coalesce(n.cost_cents, %(price)s * n.tries) AS cents
                  FROM notifications n
                  WHERE n.chama_id = c.id AND n.queued_at >= %(since)s AND n.channel = 'sms'
                    AND (n.cost_cents IS NOT NULL OR n.state = 'unclear')) AS one) AS spent
        WHERE c.id = ANY(%(chamas)s) ORDER BY c.id
        """,
        {"each": PER_MEMBER_CENTS, "price": PRICE_CENTS, "since": month_begins(at), "chamas": sorted(chama_ids)},
    )
    return found.fetchall()


def left_cents(conn: Connection, chama_ids: Iterable[int], *, at: datetime) -> dict[int, int]:
    """What each of these groups may still spend in this month; negative when the law took more."""
    asked = set(chama_ids)
    return {one.chama_id: one.cap_cents - one.spent_cents for one in months(conn, asked, at=at)} if asked else {}


def cap(conn: Connection, chama_id: int, cap_cents: int, *, at: datetime) -> None:
    """From now on the group spends so much in a month at most, beside what the law of the house demands."""
    conn.execute(
        "INSERT INTO notice_caps (chama_id, cap_cents, set_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (chama_id) DO UPDATE SET cap_cents = excluded.cap_cents, set_at = excluded.set_at",
        [chama_id, cap_cents, at],
    )


def tell_officials(conn: Connection, chama_id: int, *, at: datetime) -> None:
    """The officials hear, once in a month, that what is not demanded waits for the next dial from now on."""
    [month] = months(conn, [chama_id], at=at)
    officials = conn.execute(
        "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = ANY(%s) ORDER BY id",
        [chama_id, list(OFFICIALS), list(IN_OFFICE)],
    ).fetchall()
    key = f"cap_reached:{chama_id}:{nairobi.local(at):%Y-%m}"
    facts = {"chama": month.name, "spent_cents": month.spent_cents, "cap_cents": month.cap_cents}
    notices.queue(
        conn,
        [Notice(f"{key}:{user_id}", "cap_reached", user_id, chama_id, facts) for (user_id,) in officials],
        at=at,
    )
