"""One payment and everything that was said about it, and lists of payments. Reads only; phones come out masked.

A payment is one attempt to collect, and its id the attempt's: on the phone, at the desk and in the API.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row

from ledger.wires import Connection
from payments import phones


@dataclass(frozen=True)
class Payment:
    """One attempt; `phone` is masked, instants are UTC. `receipt`, the page `entry` of `book_id` and `code` are None
    until it is booked.
    """

    id: int
    chama_id: int
    chama: str
    member_id: int
    payer_id: int
    purpose: str
    phone: str
    amount_cents: int
    state: str
    reference: str
    result_code: str | None
    receipt: str | None
    book_id: int | None
    entry: int | None
    code: str | None
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None

    def __post_init__(self) -> None:
        """No whole number leaves this file."""
        object.__setattr__(self, "phone", phones.mask(self.phone))


@dataclass(frozen=True)
class Said:
    """One message about a payment: `source` is the door it came through, `verdict` what we made of it."""

    id: int
    at: datetime
    source: str
    verdict: str
    reason: str | None
    receipt: str | None
    seen_count: int


# What a list may be narrowed by. What is not asked for is left out instead of being switched off by a NULL,
# so that each search has a plan of its own.
CONDITIONS = {
    "payment_id": sql.SQL("a.id = %(payment_id)s"),
    "member_id": sql.SQL("i.member_id = %(member_id)s"),
    "payer_id": sql.SQL("i.payer_id = %(payer_id)s"),
    "state": sql.SQL("a.state = %(state)s"),
    "phone": sql.SQL("a.phone = %(phone)s"),
    "receipt": sql.SQL("r.receipt = %(receipt)s"),
    "before": sql.SQL("a.id < %(before)s"),
}


def payments(
    conn: Connection,
    *,
    payment_id: int | None = None,
    member_id: int | None = None,
    payer_id: int | None = None,
    state: str | None = None,
    phone: str | None = None,
    receipt: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Payment]:
    """Payments that fit everything that is given, newest first, with an id below `before`. `phone` is E.164."""
    named: dict[str, int | str | None] = {"payment_id": payment_id, "member_id": member_id, "payer_id": payer_id}
    named |= {"state": state, "phone": phone, "receipt": receipt, "before": before}
    asked = [CONDITIONS[name] for name, value in named.items() if value is not None]
    query = sql.SQL(
        """
        SELECT a.id, i.chama_id, c.name AS chama, i.member_id, i.payer_id, i.purpose, a.phone, a.amount_cents, a.state,
               a.account_reference AS reference, a.result_code, r.receipt, r.book_id, r.seq AS entry, e.code,
               a.created_at, a.sent_at, a.settled_at
        FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id JOIN chamas c ON c.id = i.chama_id
             LEFT JOIN receipts r ON r.attempt_id = a.id
             LEFT JOIN entry_codes e ON (e.book_id, e.seq) = (r.book_id, r.seq)
        WHERE {} ORDER BY a.id DESC LIMIT %(limit)s
        """
    ).format(sql.SQL(" AND ").join(asked or [sql.SQL("TRUE")]))
    with conn.cursor(row_factory=class_row(Payment)) as found:
        return found.execute(query, {**named, "limit": limit}).fetchall()


def payment(conn: Connection, payment_id: int) -> Payment | None:
    """One payment by its id."""
    found = payments(conn, payment_id=payment_id, limit=1)
    return found[0] if found else None


def evidence(conn: Connection, payment_id: int) -> list[Said]:
    """Everything that was said about a payment, in the order it came."""
    with conn.cursor(row_factory=class_row(Said)) as said:
        return said.execute(
            "SELECT id, received_at AS at, source, verdict, reason, receipt, seen_count FROM evidence"
            " WHERE attempt_id = %s ORDER BY received_at, id",
            [payment_id],
        ).fetchall()


@dataclass(frozen=True)
class Asked:
    """A question to Safaricom about a payment: `kind` is stk_query or status, `times` how often it was put."""

    at: datetime
    kind: str
    state: str
    times: int
    outcome: str | None


def questions(conn: Connection, payment_id: int) -> list[Asked]:
    """What was asked about a payment, or about a receipt that its evidence names, in the order it was begun."""
    with conn.cursor(row_factory=class_row(Asked)) as asked:
        return asked.execute(
            "SELECT opened_at AS at, kind, state, asked AS times, outcome FROM inquiries "
            "WHERE asked > 0 AND (attempt_id = %(id)s OR receipt IN "
            "(SELECT receipt FROM evidence WHERE attempt_id = %(id)s AND receipt IS NOT NULL)) ORDER BY opened_at, id",
            {"id": payment_id},
        ).fetchall()


@dataclass(frozen=True)
class Booked:
    """Money that stands in a book, however it came. Cents; UTC."""

    receipt: str
    amount_cents: int
    paid_at: datetime
    book_id: int
    entry: int


def booked(
    conn: Connection, *, receipt: str | None = None, book_id: int | None = None, entry: int | None = None
) -> Booked | None:
    """What is booked under M-PESA's code, or on this page of a book; None when nothing is, or nobody may see it."""
    with conn.cursor(row_factory=class_row(Booked)) as found:
        return found.execute(
            "SELECT receipt, amount_cents, paid_at, book_id, seq AS entry FROM receipts "
            "WHERE book_id IS NOT NULL AND (receipt = %s OR (book_id, seq) = (%s::bigint, %s::bigint))",
            [receipt, book_id, entry],
        ).fetchone()
