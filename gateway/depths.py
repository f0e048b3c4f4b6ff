"""How many rows wait, and where: for the operator, who must see it grow before members notice."""

from ledger.wires import Connection

# Every count stands on a partial index of due or open rows.
DEPTHS = {
    "attempts_due": "SELECT count(*) FROM payment_attempts WHERE due_at IS NOT NULL",
    "attempts_unclear": "SELECT count(*) FROM payment_attempts WHERE state IN ('unclear', 'pending', 'proven')",
    "evidence_unread": "SELECT count(*) FROM evidence WHERE due_at IS NOT NULL",
    "evidence_worth_a_look": "SELECT count(*) FROM evidence "
    "WHERE verdict IN ('unmatched', 'refused', 'conflict', 'unreadable')",
    "inquiries_due": "SELECT count(*) FROM inquiries WHERE due_at IS NOT NULL",
    "notifications_due": "SELECT count(*) FROM notifications WHERE due_at IS NOT NULL",
    "entries_unsealed": "SELECT count(*) FROM sealing_queue",
    "batches_due": "SELECT count(*) FROM batches WHERE due_at IS NOT NULL",
    "suspense_open": "SELECT count(*) FROM suspense WHERE state = 'open'",
}


def read(conn: Connection) -> dict[str, int]:
    """Rows that wait, by queue."""
    rows = {}
    for queue, count in DEPTHS.items():
        row = conn.execute(count).fetchone()
        rows[queue] = int(row[0]) if row else 0
    return rows
