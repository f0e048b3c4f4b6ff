"""What waits to be said to somebody on a screen: what she wants that way, and what no message brought. Reads only.

A message that failed for good, or that a group's cap held back, is said at her next dial.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from ledger.wires import Connection


@dataclass(frozen=True)
class Message:
    """One message; its words are made like those of an SMS. `seen_at` is UTC, None until she has read it."""

    id: int
    template: str
    arguments: Mapping[str, Any]
    language: str
    private_phone: bool
    queued_at: datetime
    seen_at: datetime | None


def unseen(conn: Connection, user_id: int, *, limit: int = 5) -> list[Message]:
    """What she has not read yet, oldest first."""
    found = conn.cursor(row_factory=class_row(Message))
    found.execute(
        "SELECT n.id, n.template, n.arguments, u.language, u.private_phone, n.queued_at, n.seen_at "
        "FROM notifications n JOIN users u ON u.id = n.user_id "
        "WHERE n.user_id = %s AND n.seen_at IS NULL AND (n.channel = 'in_app' OR n.state = 'failed') "
        "ORDER BY n.id LIMIT %s",
        [user_id, limit],
    )
    return found.fetchall()
