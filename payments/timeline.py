"""One payment and everything that was said about it, and lists of payments. Reads only; phones come out masked.

A payment is one attempt to collect, and its id the attempt's: on the phone, at the desk and in the API. Money that
came to the paybill by itself has no attempt; for programs it is a payment too, with an id beyond all attempts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import sql
from psycopg.rows import class_row

from ledger.wires import Connection
from payments import phones
from payments.states import AttemptState

# Ids of money that has no attempt begin here: no attempt ever gets so far, and JSON's numbers are exact to 2^53.
BEYOND_ATTEMPTS = 10**15  # in SENT_ITSELF, too
ABOUT_ATTEMPT, ITSELF = sql.SQL("attempt_id = %s"), sql.SQL("id = %s")


@dataclass(frozen=True)
class Payment:
    """One attempt; `phone` is masked, instants are UTC. `receipt`, the page `entry` of `book_id` and `code` are None
    until it is booked. Of money sent straight to the paybill M-PESA hides who paid (`phone` is "***"), and while nobody
    knows whose it is, group and member are None.
    """

    id: int
    chama_id: int | None
    chama: str | None
    member_id: int | None
    payer_id: int | None
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
        """No whole number leaves this file; what is masked stays as it is."""
        if "*" not in self.phone:
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

# Money that came to the paybill by itself, newest first.
SENT_ITSELF = sql.SQL(
    """
    SELECT 1000000000000000 + r.evidence_id AS id, c.id AS chama_id, c.name AS chama, hers.member_id,
           NULL AS payer_id, 'paybill' AS purpose, '' AS phone, r.amount_cents, 'paid' AS state,
           '' AS reference, NULL AS result_code, r.receipt, r.book_id, r.seq AS entry, e.code,
           r.proved_at AS created_at, NULL AS sent_at, r.proved_at AS settled_at
    FROM receipts r LEFT JOIN chamas c ON c.book_id = r.book_id
         LEFT JOIN entry_codes e ON (e.book_id, e.seq) = (r.book_id, r.seq)
         LEFT JOIN LATERAL (
             SELECT a.owner_member_id AS member_id FROM postings p JOIN accounts a ON a.id = p.account_id
             WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq)
                 AND a.owner_member_id IS NOT NULL LIMIT 1) hers ON TRUE
    WHERE r.attempt_id IS NULL AND {condition} ORDER BY r.proved_at DESC, r.evidence_id DESC LIMIT %(limit)s
    """
)
# From her accounts to the receipts, of which she has few, and not from all receipts to her.
ON_HER_ACCOUNTS = sql.SQL(
    "(r.book_id, r.seq) IN (SELECT p.book_id, p.seq FROM accounts a JOIN postings p ON p.account_id = a.id "
    "WHERE a.owner_member_id = %(member_id)s AND p.phase = 'posted')"
)


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
    if payment_id > BEYOND_ATTEMPTS:
        return from_paybill(conn, payment_id=payment_id)
    found = payments(conn, payment_id=payment_id, limit=1)
    return found[0] if found else None


def from_paybill(conn: Connection, *, receipt: str | None = None, payment_id: int | None = None) -> Payment | None:
    """Money that came to the paybill by itself, by M-PESA's code or by the id that this gave it."""
    receipts = sql.SQL("r.receipt = coalesce(%(receipt)s, (SELECT receipt FROM evidence WHERE id = %(evidence_id)s))")
    evidence_id = payment_id - BEYOND_ATTEMPTS if payment_id else None
    with conn.cursor(row_factory=class_row(Payment)) as found:
        return found.execute(
            SENT_ITSELF.format(condition=receipts), {"receipt": receipt, "evidence_id": evidence_id, "limit": 1}
        ).fetchone()


MICROSECOND = timedelta(microseconds=1)  # the finest that PostgreSQL keeps
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Where a list of everything goes on: below this attempt, and before this instant (microseconds) and this evidence.
Key = tuple[int, int, int]
NEWEST_AT = datetime(9999, 1, 1, tzinfo=UTC)
NEWEST: Key = (BEYOND_ATTEMPTS, (NEWEST_AT - EPOCH) // MICROSECOND, 0)


class Listed(Payment):
    """A payment in the list of everything; `key` is where the list goes on after it, and nothing to be shown."""

    key: Key = NEWEST


def everything(
    conn: Connection,
    *,
    member_id: int | None = None,
    state: str | None = None,
    beyond: Key | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Prompts and money from the paybill in one list, newest first, beyond the `key` of the last that was seen.

    Each kind has an order of its own, by id and by when it was proved, and the newer of the two that are next is next;
    so a page never repeats or leaves out a row, though ids and instants do not agree to the second.
    """
    attempt, micros, evidence_id = beyond or NEWEST
    prompts = payments(conn, member_id=member_id, state=state, before=attempt, limit=limit)
    sent = []
    if state in (None, AttemptState.PAID):
        sent = _sent_itself(conn, member_id, EPOCH + micros * MICROSECOND, evidence_id, limit)
    listed: list[Listed] = []
    while (prompts or sent) and len(listed) < limit:
        if sent and not (prompts and prompts[0].created_at >= sent[0].created_at):
            one = Listed(**vars(sent.pop(0)))
            micros, evidence_id = (one.created_at - EPOCH) // MICROSECOND, one.id - BEYOND_ATTEMPTS
        else:
            one = Listed(**vars(prompts.pop(0)))
            attempt = one.id
        one.key = (attempt, micros, evidence_id)
        listed.append(one)
    return listed


def _sent_itself(
    conn: Connection, member_id: int | None, before: datetime, evidence_id: int, limit: int
) -> list[Payment]:
    conditions = [sql.SQL("(r.proved_at, r.evidence_id) < (%(before)s, %(evidence_id)s)")]
    if member_id is not None:
        conditions.append(ON_HER_ACCOUNTS)
    named = {"member_id": member_id, "before": before, "evidence_id": evidence_id, "limit": limit}
    with conn.cursor(row_factory=class_row(Payment)) as found:
        return found.execute(SENT_ITSELF.format(condition=sql.SQL(" AND ").join(conditions)), named).fetchall()


def came_for(conn: Connection, member_ids: Sequence[int], *, limit: int) -> list[Payment]:
    """Money that came to the paybill by itself and stands on accounts of these members, newest first."""
    came = [one for member_id in member_ids for one in _sent_itself(conn, member_id, NEWEST_AT, 0, limit)]
    return sorted(came, key=lambda one: (one.created_at, one.id), reverse=True)[:limit]


def evidence(conn: Connection, payment_id: int) -> list[Said]:
    """Everything that was said about a payment, in the order it came; of money from the paybill what proved it."""
    condition, number = ABOUT_ATTEMPT, payment_id
    if payment_id > BEYOND_ATTEMPTS:
        condition, number = ITSELF, payment_id - BEYOND_ATTEMPTS
    query = sql.SQL(
        "SELECT id, received_at AS at, source, verdict, reason, receipt, seen_count FROM evidence WHERE {} "
        "ORDER BY received_at, id"
    ).format(condition)
    with conn.cursor(row_factory=class_row(Said)) as said:
        return said.execute(query, [number]).fetchall()


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
