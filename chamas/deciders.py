"""Who may decide about money that is no member's word alone: an official of the group, or an operator of the desk."""

from datetime import datetime

from chamas.register import OFFICIALS, MemberStatus
from ledger.wires import Connection

# Whoever sees the group's money may decide about it, if she is one of its officials.
INSIDE = (MemberStatus.CONFIRMED, MemberStatus.ACTIVE)


def officiates(conn: Connection, user_id: int, chama_id: int, settled_by: datetime | None = None) -> int | None:
    """As which member she is an official of the group, and was so at `settled_by` (UTC); None when she is none."""
    row = conn.execute(
        "SELECT id FROM chama_members WHERE (user_id, chama_id) = (%s, %s) AND role = ANY(%s) AND status = ANY(%s) "
        "AND (%s::timestamptz IS NULL OR role_since IS NULL OR role_since <= %s)",
        [user_id, chama_id, list(OFFICIALS), list(INSIDE), settled_by, settled_by],
    ).fetchone()
    return row[0] if row else None


def operates(conn: Connection, user_id: int) -> bool:
    """Whether she is an admin of this gateway."""
    row = conn.execute(
        "SELECT TRUE FROM users WHERE id = %s AND status = 'active' AND platform_role = 'admin'", [user_id]
    ).fetchone()
    return row is not None
