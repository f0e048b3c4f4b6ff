"""When a phone was last used by its owner: silent numbers are given to somebody else. phones_seen is written here only.

Theory of operation. The first dial of a day writes down that the phone is in use. After sixty silent days a dial writes
nothing: whoever holds the number now shows first, by the chama PIN, that she is still its owner.
"""

from datetime import datetime, timedelta

from ledger.wires import Connection

# Kenya's networks take a number back after 90 days without use at the earliest.
SILENT_FOR = timedelta(days=60)
# Once a day is exact enough, and costs a dial nothing for the rest of it.
WRITTEN_DOWN = timedelta(days=1)


def silent(seen_at: datetime, at: datetime) -> bool:
    """Whether a phone that was seen then is taken for somebody else's at `at`."""
    return at - seen_at > SILENT_FOR


def stale(seen_at: datetime, at: datetime) -> bool:
    """Whether it is to be written down that the phone is in use."""
    return at - seen_at > WRITTEN_DOWN


def seen(conn: Connection, user_id: int, *, at: datetime) -> None:
    """Her phone is in use by herself."""
    conn.execute(
        "INSERT INTO phones_seen (user_id, seen_at) VALUES (%s, %s) "
        "ON CONFLICT (user_id) DO UPDATE SET seen_at = greatest(phones_seen.seen_at, excluded.seen_at)",
        [user_id, at],
    )


def forget(conn: Connection, user_id: int) -> int:
    """Takes away when her phone was used; 1 when it was known."""
    return conn.execute("DELETE FROM phones_seen WHERE user_id = %s", [user_id]).rowcount
