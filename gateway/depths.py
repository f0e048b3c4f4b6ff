"""How many rows wait, and where: for the operator, who must see it grow before members notice."""

from dataclasses import dataclass
from datetime import datetime

from ledger.wires import Connection

# Every count stands on a partial index of due or open rows. What names no payment of ours asks for nobody's look.
OTHERS = {
    "attempts_unclear": "SELECT count(*) FROM payment_attempts WHERE state IN ('unclear', 'pending', 'proven')",
    "evidence_worth_a_look": "SELECT count(*) FROM evidence "
    "WHERE verdict IN ('refused', 'conflict') OR (verdict IN ('unmatched', 'unreadable') AND attempt_id IS NOT NULL)",
    "payouts_out": "SELECT count(*) FROM payouts WHERE state IN ('sending', 'accepted', 'unknown')",
    "entries_unsealed": "SELECT count(*) FROM sealing_queue",
    "changes_unchained": "SELECT count(*) FROM audit_queue",
    "suspense_open": "SELECT count(*) FROM suspense WHERE state = 'open'",
}


@dataclass(frozen=True)
class Queue:
    """Rows that a loop of the worker will take: `metric` is its name for programs, `name` for people.

    `oldest_due_at` (UTC) is since when the first of them has been due; None when nothing waits.
    """

    metric: str
    name: str
    count: int
    oldest_due_at: datetime | None


def queues(conn: Connection) -> list[Queue]:
    """Every queue of the worker: prompts, answers unread, questions, messages to people, seals."""
    rows = conn.execute(
        "SELECT 'attempts_due', 'Prompts to send', count(*), min(due_at) FROM payment_attempts WHERE due_at IS NOT NULL"
        " UNION ALL SELECT 'evidence_unread', 'Callbacks unread', count(*), min(due_at)"
        " FROM evidence WHERE due_at IS NOT NULL"
        " UNION ALL SELECT 'inquiries_due', 'Questions to Safaricom', count(*), min(due_at)"
        " FROM inquiries WHERE due_at IS NOT NULL"
        " UNION ALL SELECT 'payouts_due', 'Payouts to send or ask about', count(*), min(due_at)"
        " FROM payouts WHERE due_at IS NOT NULL"
        " UNION ALL SELECT 'notifications_due', 'Messages to send', count(*), min(due_at)"
        " FROM notifications WHERE due_at IS NOT NULL"
        " UNION ALL SELECT 'batches_due', 'Seals to witness', count(*), min(due_at)"
        " FROM batches WHERE due_at IS NOT NULL"
    ).fetchall()
    return [Queue(*row) for row in rows]


def set_aside(conn: Connection) -> int:
    """Rows that puzzled the worker, or that Safaricom does not let it ask about, and wait for a person."""
    counted = conn.execute(
        "SELECT (SELECT count(*) FROM payment_attempts WHERE parked_reason IS NOT NULL)"
        " + (SELECT count(*) FROM notifications WHERE parked_reason IS NOT NULL)"
        " + (SELECT count(*) FROM evidence WHERE verdict = 'unreadable' AND attempt_id IS NOT NULL)"
        " + (SELECT count(*) FROM inquiries WHERE outcome = 'initiator refused')"
    ).fetchall()
    return int(counted[0][0])


def read(conn: Connection) -> dict[str, int]:
    """All that waits, by the name that programs know it by."""
    due = {queue.metric: queue.count for queue in queues(conn)}
    others = {metric: int(conn.execute(count).fetchall()[0][0]) for metric, count in OTHERS.items()}
    return {**due, **others, "rows_set_aside": set_aside(conn)}
