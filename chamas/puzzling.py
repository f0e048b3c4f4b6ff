"""What the worker has set aside, for people: which row, of which group, and the kind of trouble. Reads only.

Each comes back by itself at `until`; put right, it goes through and is not here any more. `pesachama verify` counts the
same rows.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger.wires import Connection


@dataclass(frozen=True)
class SetAside:
    """`row` is a receipt, or an id; `failure` the kind of trouble, never its words. UTC."""

    what: str
    row: str
    chama_id: int | None
    chama: str | None
    failure: str
    until: datetime | None


def listed(conn: Connection, *, limit: int) -> list[SetAside]:
    """The oldest first; those of no group too."""
    with conn.cursor(row_factory=class_row(SetAside)) as cursor:
        return cursor.execute(
            """
            SELECT one.what, one.row, one.chama_id, c.name AS chama, one.failure, one.until FROM (
                SELECT 'request to pay out' AS what, id::text AS row, chama_id, failure, aside_until AS until
                FROM disbursement_requests
                UNION ALL SELECT 'round', id::text, chama_id, failure, aside_until FROM rounds
                UNION ALL SELECT 'motion', id::text, chama_id, failure, due_at FROM motions
                UNION ALL SELECT 'receipt to take back', receipt, chama_id, failure, due_at
                FROM take_backs WHERE state IN ('asked', 'approved')
                UNION ALL SELECT 'receipt to settle', receipt, chama_id, failure, due_at
                FROM settlements WHERE state = 'approved'
                UNION ALL SELECT 'receipt in suspense', receipt, NULL, failure, due_at
                FROM suspense WHERE state = 'open'
                UNION ALL SELECT 'receipt to send back', receipt, NULL, failure, due_at
                FROM reversals WHERE state <> 'booked'
                UNION ALL SELECT replace(loop, '_', ' '), row_id::text, CASE
                    WHEN loop IN ('doors', 'ends', 'windings') THEN row_id
                    WHEN loop IN ('pots', 'fine_rounds') THEN (SELECT chama_id FROM rounds WHERE id = row_id)
                    WHEN loop = 'defaults' THEN (SELECT chama_id FROM chama_members WHERE id = row_id)
                    WHEN loop = 'rules' THEN (SELECT chama_id FROM rule_proposals WHERE id = row_id)
                    END, failure, until FROM puzzles
            ) AS one LEFT JOIN chamas c ON c.id = one.chama_id
            WHERE one.failure IS NOT NULL ORDER BY one.until NULLS FIRST, one.what, one.row LIMIT %s
            """,
            [limit],
        ).fetchall()
