"""What the desk sees of money on its way: arrivals, oddities and suspense. Reads only."""

from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import sql

from ledger.wires import Connection
from payments import phones
from payments.tokens import token_hash
from payments.whence import whence

# M-PESA takes twenty letters for an account; whatever else a body holds is not read on the desk.
TYPED_SHOWN = 20

# For an archive of the book {book}: what Safaricom proved, and where it stands. No payer.
RECEIPTS_OF_BOOK = sql.SQL(
    "SELECT r.receipt, r.seq, r.amount_cents, {paid_at}, r.kind, s.number AS shortcode "
    "FROM receipts r JOIN shortcodes s ON s.id = r.shortcode_id WHERE r.book_id = {book} ORDER BY r.seq"
)


@dataclass(frozen=True)
class Arrival:
    """Money that is asked for or has come. `payment_id` is None for money that no prompt of ours asked for.

    `phone` is given whole and kept masked; `state` is the attempt's, or `suspense`. M-PESA hides who paid at the
    paybill: there `who` is the member whose it became, by number and first name.
    """

    payment_id: int | None
    at: datetime
    phone: str | None
    chama: str | None
    amount_cents: int
    state: str
    receipt: str | None
    code: str | None
    who: str | None = None

    def __post_init__(self) -> None:
        """No whole number leaves this file."""
        object.__setattr__(self, "phone", self.phone and phones.mask(self.phone))


@dataclass(frozen=True)
class Oddity:
    """A message from the outside that credited nothing, or could not be read. `ours`: it names a payment of ours."""

    evidence_id: int
    at: datetime
    source: str
    verdict: str
    reason: str | None
    receipt: str | None
    payment_id: int | None
    seen_count: int
    ours: bool


@dataclass(frozen=True)
class Suspended:
    """Booked money that belongs to nobody yet; `failure` is why its owner could not be looked for.

    `typed` is the account as its payer typed it, cut to TYPED_SHOWN; `payer` her number as it is masked. Both are empty
    where the evidence does not say, or has been made to name nobody.
    """

    receipt: str
    amount_cents: int
    reason: str
    opened_at: datetime
    failure: str | None = None
    typed: str = ""
    payer: str = ""


@dataclass(frozen=True)
class Sum:
    """A number of payments and what they add up to."""

    count: int
    cents: int


def arrivals(conn: Connection, limit: int = 20) -> list[Arrival]:
    """The newest payments, newest first: prompts of ours, and receipts that no prompt asked for."""
    rows = conn.execute(
        "(SELECT a.id, a.created_at AS at, a.phone, c.name, a.amount_cents, a.state, r.receipt, e.code, NULL"
        " FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id JOIN chamas c ON c.id = i.chama_id"
        " LEFT JOIN receipts r ON r.attempt_id = a.id"
        " LEFT JOIN entry_codes e ON (e.book_id, e.seq) = (r.book_id, r.seq)"
        " ORDER BY a.id DESC LIMIT %(limit)s)"
        " UNION ALL"
        " (SELECT NULL, r.proved_at, NULL, c.name, r.amount_cents,"
        " CASE WHEN s.state = 'open' THEN 'suspense' ELSE 'paid' END, r.receipt, e.code, hers.who"
        " FROM receipts r LEFT JOIN entry_codes e ON (e.book_id, e.seq) = (r.book_id, r.seq)"
        " LEFT JOIN suspense s ON s.receipt = r.receipt LEFT JOIN chamas c ON c.book_id = r.book_id"
        " LEFT JOIN LATERAL (SELECT m.number || ' ' || u.first_name AS who FROM postings p"
        " JOIN accounts o ON o.id = p.account_id JOIN chama_members m ON m.id = o.owner_member_id"
        " JOIN users u ON u.id = m.user_id"
        " WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq) LIMIT 1) hers ON TRUE"
        " WHERE r.attempt_id IS NULL ORDER BY r.proved_at DESC LIMIT %(limit)s)"
        " ORDER BY at DESC LIMIT %(limit)s",
        {"limit": limit},
    ).fetchall()
    return [Arrival(*row) for row in rows]


def booked_since(conn: Connection, since: datetime) -> Sum:
    """Receipts proved and booked at or after `since` (UTC)."""
    summed = conn.execute(
        "SELECT count(*), coalesce(sum(amount_cents), 0)::bigint FROM receipts"
        " WHERE proved_at >= %s AND book_id IS NOT NULL",
        [since],
    ).fetchall()
    return Sum(*summed[0])


def oddities(conn: Connection, *, ours: bool, since: datetime, limit: int) -> list[Oddity]:
    """The newest messages from `since` (UTC) on that credited nothing, newest first.

    `ours` are those about a payment or a receipt of ours, or to a path whose secret was right; the others are anybody's
    knocking.
    """
    rows = conn.execute(
        "SELECT id, received_at, source, verdict, reason, receipt, attempt_id, seen_count, ours FROM evidence e"
        " CROSS JOIN LATERAL (SELECT attempt_id IS NOT NULL OR verdict IN ('refused', 'conflict')"
        " OR starts_with(source, 'c2b') OR EXISTS (SELECT FROM receipts r WHERE r.receipt = e.receipt) AS ours) whose"
        " WHERE verdict IN ('unmatched', 'refused', 'conflict', 'unreadable')"
        " AND ours = %s AND received_at >= %s ORDER BY id DESC LIMIT %s",
        [ours, since, limit],
    ).fetchall()
    return [Oddity(*row) for row in rows]


def suspense(conn: Connection, limit: int = 10) -> list[Suspended]:
    """Open suspense, oldest first: the oldest is the most urgent."""
    rows = conn.execute(
        "SELECT s.receipt, r.amount_cents, s.reason, s.opened_at, s.failure, e.source, e.body, c.number"
        " FROM suspense s JOIN receipts r USING (receipt) JOIN shortcodes c ON c.id = r.shortcode_id"
        " LEFT JOIN evidence e ON e.id = coalesce(s.told_by, r.evidence_id)"
        " WHERE s.state = 'open' ORDER BY s.opened_at LIMIT %s",
        [limit],
    ).fetchall()
    shown = [(Suspended(*row[:5]), _whence(*row[5:])) for row in rows]
    return [replace(held, typed=typed, payer=payer) for held, (typed, payer) in shown]


def _whence(source: str | None, body: bytes | None, shortcode: str) -> tuple[str, str]:
    """What was typed as the account, and who paid as far as other people may see her."""
    if source is None or body is None:
        return "", ""
    found = whence(source, body, shortcode)
    typed = "".join(letter for letter in found.typed if letter.isprintable())[:TYPED_SHOWN]
    return typed, f"{found.payer.head[:6]}***{found.payer.tail[-3:]}" if found.payer.tail else ""


def last_notice(conn: Connection, secret: str) -> tuple[datetime | None, bool]:
    """When a paybill's confirmation last came under our secret (UTC), and whether any money has come at all."""
    row = conn.execute(
        "SELECT (SELECT max(received_at) FROM evidence WHERE source = 'c2b_confirmation' AND token_hash = %s), "
        "EXISTS (SELECT FROM receipts)",
        [token_hash(secret)],
    ).fetchone()
    return (row[0], row[1]) if row else (None, False)


def suspense_sum(conn: Connection) -> Sum:
    """All open suspense."""
    summed = conn.execute(
        "SELECT count(*), coalesce(sum(r.amount_cents), 0)::bigint FROM suspense s JOIN receipts r USING (receipt)"
        " WHERE s.state = 'open'"
    ).fetchall()
    return Sum(*summed[0])
