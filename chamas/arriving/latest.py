"""The newest payments into one group, as its officials watch them come in. Reads only; phones come out masked.

From the group's members to their prompts, and from its book to what came without one: there are few of both, and what
other groups were paid is not read.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger.wires import Connection
from payments import phones


@dataclass(frozen=True)
class Arriving:
    """A prompt, or money from the paybill (`phone` is empty: M-PESA hides who paid). `row` names it as long as it is
    shown; `who` is whose money it is, empty while it is nobody's. Cents; UTC.
    """

    row: str
    payment_id: int | None
    at: datetime
    who: str
    phone: str
    amount_cents: int
    state: str
    receipt: str | None
    code: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "phone", phones.mask(self.phone) if self.phone else "")


# Both kinds have few rows in one group, and each is cut before the two are put together.
_LATEST = """
SELECT * FROM (
(SELECT 'prompt ' || a.id AS row, a.id AS payment_id, a.created_at AS at, m.number || ' ' || u.first_name AS who,
    a.phone, a.amount_cents, a.state, r.receipt, e.code
FROM chama_members m JOIN users u ON u.id = m.user_id
    CROSS JOIN LATERAL (
        SELECT i.id FROM payment_intents i WHERE i.member_id = m.id ORDER BY i.id DESC LIMIT %(limit)s) i
    JOIN payment_attempts a ON a.intent_id = i.id
    LEFT JOIN receipts r ON r.attempt_id = a.id
    LEFT JOIN entry_codes e ON (e.book_id, e.seq) = (r.book_id, r.seq)
WHERE m.chama_id = %(chama)s ORDER BY a.created_at DESC, a.id DESC LIMIT %(limit)s)
UNION ALL
(SELECT 'receipt ' || r.receipt, NULL, r.proved_at, coalesce(hers.who, ''), '', r.amount_cents,
    CASE WHEN s.state = 'open' THEN 'suspense' ELSE 'paid' END, r.receipt, e.code
FROM chamas c JOIN receipts r ON r.book_id = c.book_id
    LEFT JOIN suspense s ON s.receipt = r.receipt
    LEFT JOIN entry_codes e ON (e.book_id, e.seq) = (r.book_id, r.seq)
    LEFT JOIN LATERAL (
        SELECT m.number || ' ' || u.first_name AS who FROM postings p JOIN accounts a ON a.id = p.account_id
            JOIN chama_members m ON m.id = a.owner_member_id JOIN users u ON u.id = m.user_id
        WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq) LIMIT 1) hers ON TRUE
WHERE c.id = %(chama)s AND r.attempt_id IS NULL ORDER BY r.seq DESC LIMIT %(limit)s)) AS came
ORDER BY at DESC, row DESC LIMIT %(limit)s
"""


def latest(conn: Connection, chama_id: int, *, limit: int = 50) -> list[Arriving]:
    """Prompts of the group's members and receipts in its book that no prompt asked for, newest first."""
    with conn.cursor(row_factory=class_row(Arriving)) as cursor:
        return cursor.execute(_LATEST, {"chama": chama_id, "limit": limit}).fetchall()


@dataclass(frozen=True)
class Today:
    """What came into one group since an instant: receipts and their cents, and prompts whose end is not known."""

    receipts: int
    cents: int
    waiting: int


def since(conn: Connection, chama_id: int, begins_at: datetime) -> Today:
    """Booked from `begins_at` (UTC) on; prompts that wait are those of the members, whenever they were sent."""
    [row] = conn.execute(
        "SELECT (SELECT count(*) FROM receipts r WHERE r.book_id = c.book_id AND r.proved_at >= %(at)s), "
        "(SELECT coalesce(sum(r.amount_cents), 0)::bigint FROM receipts r WHERE r.book_id = c.book_id "
        "AND r.proved_at >= %(at)s), (SELECT count(*) FROM payment_attempts a JOIN payment_intents i "
        "ON i.id = a.intent_id WHERE a.state IN ('unclear', 'pending', 'proven') AND i.chama_id = c.id) "
        "FROM chamas c WHERE c.id = %(chama)s",
        {"chama": chama_id, "at": begins_at},
    ).fetchall()
    return Today(*row)
