"""What an operator must see of money on its way: how long it has been unclear, and whether Safaricom still calls us.

Reads only. Silence of callbacks looks like a quiet day: only our own accepted prompts tell it from one, and what Pull
lists of the paybill. While it lasts, payments are asked about sooner (reconcile.py) and Pull every few minutes
(pull.py); the first callback that comes ends it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.wires import Connection

# Upper ends of the ages in which open money is counted; what is older than a day is not asked about any more.
AGES = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))

# So many accepted prompts of the last hour without a single callback are no chance. A prompt lives about a minute and
# its callback has been seen 26 s after it: younger ones may still be on a screen.
SILENT_PROMPTS = 3
LISTENING = timedelta(hours=1)
STILL_OUT = timedelta(minutes=3)


# The paybill's confirmations come within seconds too; Pull may list a payment a little before its notice is read.
SILENT_NOTICES = 3
NOTICED_WITHIN = timedelta(minutes=10)


# Officials meet weekly: who paid into nothing has asked by then, and nobody has answered her.
NOBODYS_FOR = timedelta(days=7)


# A day shows every address from which Safaricom calls a busy paybill.
CALLERS_SINCE = timedelta(days=1)


@dataclass(frozen=True)
class Open:
    """Attempts whose end is not known, in one span of age: younger than `under`, None for the oldest; cents."""

    under: timedelta | None
    unclear: int
    pending: int
    proven: int
    cents: int

    @property
    def count(self) -> int:
        return self.unclear + self.pending + self.proven


@dataclass(frozen=True)
class Silence:
    """Accepted prompts that no callback followed, and since when."""

    prompts: int
    since: datetime


def open_money(conn: Connection, *, at: datetime) -> list[Open]:
    """Attempts that are unclear, pending or proven, by age, youngest first; every age is there."""
    rows = conn.execute(
        "SELECT ages.number, count(*) FILTER (WHERE a.state = 'unclear'), count(*) FILTER (WHERE a.state = 'pending'), "
        "count(*) FILTER (WHERE a.state = 'proven'), coalesce(sum(a.amount_cents), 0)::bigint "
        "FROM payment_attempts a CROSS JOIN LATERAL "
        "(SELECT count(*) AS number FROM unnest(%s::interval[]) AS age WHERE a.created_at <= %s - age) AS ages "
        "WHERE a.state IN ('unclear', 'pending', 'proven') GROUP BY ages.number",
        [list(AGES), at],
    ).fetchall()
    found = {number: Open(None, *counts) for number, *counts in rows}
    nothing = Open(None, 0, 0, 0, 0)
    spans = [*AGES, None]
    return [
        Open(under, one.unclear, one.pending, one.proven, one.cents)
        for number, under in enumerate(spans)
        for one in [found.get(number, nothing)]
    ]


def silence(conn: Connection, *, at: datetime) -> Silence | None:
    """Prompts of the last hour that Daraja accepted while not one of our callbacks came; None while all is well."""
    row = conn.execute(
        "SELECT count(*), min(sent_at) FROM payment_attempts "
        "WHERE created_at > %(from)s AND sent_at <= %(until)s AND send_outcome = 'accepted' "
        "AND NOT EXISTS (SELECT FROM evidence WHERE received_at > %(from)s AND source = 'stk_callback' "
        "AND (attempt_id IS NOT NULL OR verdict = 'unread'))",
        {"from": at - LISTENING, "until": at - STILL_OUT},
    ).fetchone()
    return Silence(*row) if row and row[0] >= SILENT_PROMPTS else None


def unnoticed(conn: Connection, *, at: datetime) -> int:
    """Payments of the last hours that Pull lists while not one confirmation came under our secret; 0 while all is well.

    Only where confirmations have come before: a till or a paybill that was never registered has none.
    """
    row = conn.execute(
        "SELECT count(*) FROM listed_payments WHERE source = 'pull' AND at > %(from)s AND at <= %(until)s "
        "AND EXISTS (SELECT FROM listed_payments WHERE source = 'confirmation' AND listed_at <= %(from)s) "
        "AND NOT EXISTS (SELECT FROM listed_payments WHERE source = 'confirmation' AND listed_at > %(from)s)",
        {"from": at - 3 * LISTENING, "until": at - NOTICED_WITHIN},
    ).fetchone()
    return int(row[0]) if row and row[0] >= SILENT_NOTICES else 0


def unconfirmed(conn: Connection) -> int:
    """Receipts that were booked after a failure, or were named by a stranger, and that Safaricom never confirmed."""
    row = conn.execute(
        "SELECT count(*) FROM inquiries q JOIN receipts r USING (receipt) "
        "WHERE q.state = 'closed' AND q.outcome = 'gave up after a day'"
    ).fetchone()
    return int(row[0]) if row else 0


def nobodys(conn: Connection, *, at: datetime, after: timedelta = NOBODYS_FOR) -> tuple[int, int]:
    """Receipts that have lain in suspense for at least so long: how many, and their cents."""
    [(count, cents)] = conn.execute(
        "SELECT count(*), coalesce(sum(r.amount_cents), 0)::bigint FROM suspense s JOIN receipts r USING (receipt) "
        "WHERE s.state = 'open' AND s.opened_at <= %s",
        [at - after],
    ).fetchall()
    return int(count), int(cents)


def callers(conn: Connection, *, at: datetime) -> dict[str, int]:
    """Addresses from which callbacks came that were believed in the last day, and how many rows of each."""
    rows = conn.execute(
        "SELECT host(remote_ip), count(*) FROM evidence WHERE received_at > %s AND remote_ip IS NOT NULL "
        "AND verdict IN ('applied', 'repeated', 'late') GROUP BY remote_ip",
        [at - CALLERS_SINCE],
    ).fetchall()
    return dict(rows)
