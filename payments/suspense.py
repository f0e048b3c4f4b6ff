"""Money that is booked and belongs to nobody yet: the only module that writes it.

Theory of operation. A receipt that fits nobody is booked all the same and lies in suspense, `open` until two officials
agree whose money it is, or the paybill's notice of it comes late and names a member (`told_by`); then it is `resolved`,
once and for good. While it is open it is due for a look at whose it may
be, when it comes and once a day; what kept a look from its end stands in `failure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ledger.moves import Moves
from ledger.wires import Connection
from payments.paybill import Sent
from payments.payers import Payers
from payments.receipts import ProvenReceipt
from payments.whence import Whence, notice_of, whence

# Members join and numbers change; nobody waits for it by the minute.
LOOK_EVERY = timedelta(days=1)


class SuspenseState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


SUSPENSE_MOVES: Moves[SuspenseState] = Moves(
    "suspense.state",
    {SuspenseState.OPEN: frozenset({SuspenseState.RESOLVED}), SuspenseState.RESOLVED: frozenset()},
)


@dataclass(frozen=True)
class Unmatched:
    """Money in suspense that is still nobody's, its `reason`, and whence it came. Cents; UTC."""

    receipt: str
    shortcode_id: int
    amount_cents: int
    paid_at: datetime
    reason: str
    whence: Whence


@dataclass(frozen=True)
class Suspended:
    """Money in suspense, and the page (`seq` of `book_id`) on which it lies there."""

    receipt: str
    shortcode_id: int
    shortcode: str
    kind: str
    amount_cents: int
    paid_at: datetime
    book_id: int
    seq: int

    def nobodys(self) -> ProvenReceipt:
        """What the books were told of it: it came, and is nobody's."""
        return ProvenReceipt(
            self.receipt, self.shortcode_id, self.shortcode, self.kind, self.amount_cents, self.paid_at
        )


def put(conn: Connection, reasons: Mapping[str, str], *, at: datetime) -> None:
    """Puts receipts among the money that belongs to nobody yet; `reasons` says of each why."""
    if reasons:
        conn.execute(
            "INSERT INTO suspense (receipt, reason, state, opened_at, due_at) "
            "SELECT n.receipt, n.reason, %s, %s, %s FROM unnest(%s::text[], %s::text[]) AS n (receipt, reason)",
            [SuspenseState.OPEN, at, at, list(reasons), list(reasons.values())],
        )


def resolve(conn: Connection, receipt: str, *, at: datetime) -> bool:
    """The money has found its owner; False when it had before."""
    cursor = conn.execute(
        "UPDATE suspense SET state = 'resolved', resolved_at = %s, due_at = NULL "
        "WHERE receipt = %s AND state = ANY(%s)",
        [at, receipt, SUSPENSE_MOVES.leading_to(SuspenseState.RESOLVED)],
    )
    return cursor.rowcount == 1


def told_late(conn: Connection, notices: Mapping[str, int], *, at: datetime) -> None:
    """Notices of the paybill came of these receipts, as this evidence: what of their money is nobody's is looked at
    now.
    """
    if notices:
        conn.execute(
            "UPDATE suspense s SET told_by = n.evidence_id, due_at = %s FROM unnest(%s::text[], %s::bigint[]) "
            "AS n (receipt, evidence_id) WHERE s.receipt = n.receipt AND s.state = 'open'",
            [at, list(notices), list(notices.values())],
        )


def notice(conn: Connection, receipt: str) -> Sent | None:
    """What the paybill's notice says that came after this money lay in suspense; None without one that can be read."""
    row = conn.execute(
        "SELECT e.source, e.body FROM suspense s JOIN evidence e ON e.id = s.told_by WHERE s.receipt = %s", [receipt]
    ).fetchone()
    return None if row is None else notice_of(row[0], row[1])


def claim(conn: Connection, *, at: datetime, back: datetime, limit: int) -> list[str]:
    """Takes money in suspense whose owner is to be looked for now; it is due again at `back`, should that fail."""
    rows = conn.execute(
        "UPDATE suspense SET due_at = %s WHERE receipt IN (SELECT receipt FROM suspense WHERE due_at <= %s "
        "ORDER BY due_at, receipt LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING receipt",
        [back, at, limit],
    ).fetchall()
    return sorted(receipt for (receipt,) in rows)


def find(conn: Connection, receipt: str) -> Unmatched | None:
    """Money in suspense with what shows of whence it came, locked; None when it is nobody's no more."""
    row = conn.execute(
        "SELECT s.receipt, r.shortcode_id, r.amount_cents, r.paid_at, s.reason, e.source, e.body, c.number "
        "FROM suspense s JOIN receipts r ON r.receipt = s.receipt "
        "JOIN evidence e ON e.id = coalesce(s.told_by, r.evidence_id) "
        "JOIN shortcodes c ON c.id = r.shortcode_id WHERE s.receipt = %s AND s.state = 'open' FOR UPDATE OF s",
        [receipt],
    ).fetchone()
    if row is None:
        return None
    return Unmatched(row[0], row[1], row[2], row[3], row[4], whence(row[5], row[6], row[7]))


def looked_at(conn: Connection, receipt: str, *, again_at: datetime) -> None:
    """An owner of this money was looked for; while it is nobody's, that is done again."""
    conn.execute(
        "UPDATE suspense SET due_at = %s, failure = NULL WHERE receipt = %s AND due_at IS NOT NULL", [again_at, receipt]
    )


def note_failure(conn: Connection, receipt: str, failure: str) -> None:
    """Its owner could not be looked for, and why: it stands on the desk with this, and comes back."""
    conn.execute("UPDATE suspense SET failure = %s WHERE receipt = %s", [failure, receipt])


def lock(conn: Connection, receipt: str) -> Suspended | None:
    """Money that is still nobody's, locked until the transaction ends; None when it is settled, or never was."""
    row = conn.execute(
        "SELECT r.receipt, r.shortcode_id, c.number, r.kind, r.amount_cents, r.paid_at, r.book_id, r.seq "
        "FROM suspense s JOIN receipts r ON r.receipt = s.receipt JOIN shortcodes c ON c.id = r.shortcode_id "
        "WHERE s.receipt = %s AND s.state = ANY(%s) FOR UPDATE OF s",
        [receipt, SUSPENSE_MOVES.leading_to(SuspenseState.RESOLVED)],
    ).fetchone()
    return None if row is None else Suspended(*row)


def holds_of(conn: Connection, phone: str, payers: Payers) -> bool:
    """Whether money from this number (E.164) still belongs to nobody."""
    row = conn.execute(
        "SELECT TRUE FROM suspense s JOIN receipts r ON r.receipt = s.receipt "
        "WHERE s.state = ANY(%s) AND r.payer_key = %s LIMIT 1",
        [SUSPENSE_MOVES.leading_to(SuspenseState.RESOLVED), payers.of_phone(phone)],
    ).fetchone()
    return row is not None
