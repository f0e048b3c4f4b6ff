"""Money that is proved to have arrived: whose it is, one entry in the right book, and word to the member.

Called in the transaction that proves the receipt. The receipt is the key of the entry, so a second call finds the first
one's entry and has no effect of its own. Money that finds no member goes to suspense in the shortcode's book, with a
reason: every cent that arrives is booked.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas import contributions, notices, register
from chamas.allocation import Share
from chamas.register import MemberStatus
from ledger.books import Draft, Line, Posted, balance, open_account, post
from ledger.wires import Chance, Connection
from ledger.words import words
from payments import receipts
from payments.receipts import ProvenReceipt

# Who may still owe or be owed; money for anybody else waits for two officials.
TAKES_MONEY = frozenset({MemberStatus.CONFIRMED, MemberStatus.ACTIVE, MemberStatus.DEFAULTED})


@dataclass(frozen=True)
class Booked:
    """Where the money stands: its entry, and how it was shared (empty in suspense, and when it was booked before)."""

    posted: Posted
    member_id: int | None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Receiver:
    """The member whom the money is for, with what the message to her says."""

    member_id: int
    user_id: int
    status: str
    chama_id: int
    chama_name: str
    book_id: int
    payer_name: str


def book(conn: Connection, receipt: ProvenReceipt, *, at: datetime, chance: Chance) -> Booked:
    """Books one receipt, shares it over what the member owes and queues her message. Amounts in cents.

    Raises KeyReused when the same receipt was booked with another amount, instant or member.
    """
    receiver = _receiver(conn, receipt)
    if receiver is None:
        return _to_suspense(conn, receipt, receipt.reason or "unmatched", at=at, chance=chance)
    if receiver.status not in TAKES_MONEY:
        return _to_suspense(conn, receipt, f"member_{receiver.status}", at=at, chance=chance)
    return _to_member(conn, receipt, receiver, at=at, chance=chance)


def _receiver(conn: Connection, receipt: ProvenReceipt) -> Receiver | None:
    if receipt.member_id is None:
        return None
    found = conn.cursor(row_factory=class_row(Receiver))
    found.execute(
        """
        SELECT m.id AS member_id, m.user_id, m.status, c.id AS chama_id, c.name AS chama_name, c.book_id,
               p.first_name AS payer_name
        FROM chama_members m JOIN chamas c ON c.id = m.chama_id JOIN users p ON p.id = coalesce(%s, m.user_id)
        WHERE m.id = %s
        """,
        [receipt.payer_id, receipt.member_id],
    )
    return found.fetchone()


def _to_member(conn: Connection, receipt: ProvenReceipt, to: Receiver, *, at: datetime, chance: Chance) -> Booked:
    """Debits the chama's part of the float, credits the member, and settles what she owes."""
    float_id = open_account(conn, book_id=to.book_id, code=f"mpesa:{receipt.shortcode}", kind="asset")
    hers_id = open_account(conn, book_id=to.book_id, code=f"member:{to.member_id}", kind="liability")
    posted = _post(conn, receipt, to.book_id, "contribution", debit=float_id, credit=hers_id, at=at, chance=chance)
    if posted.repeated:
        return Booked(posted, to.member_id)
    register.lock_chama(conn, to.chama_id)
    shares = contributions.settle(
        conn, member_id=to.member_id, book_id=to.book_id, seq=posted.seq, amount_cents=receipt.amount_cents
    )
    receipts.booked(conn, receipt.receipt, book_id=posted.book_id, seq=posted.seq)
    notices.queue(
        conn,
        dedupe_key=f"receipt:{receipt.receipt}",
        template="contribution_received",
        user_id=to.user_id,
        chama_id=to.chama_id,
        arguments={
            "chama": to.chama_name,
            "name": to.payer_name,
            "amount_cents": receipt.amount_cents,
            "paid_at": receipt.paid_at.isoformat(),
            "receipt": receipt.receipt,
            "total_cents": balance(conn, hers_id),
            "page": posted.seq,
            "words": words(posted.hash),
            "code": posted.code,
        },
        at=at,
    )
    return Booked(posted, to.member_id, shares)


def _to_suspense(conn: Connection, receipt: ProvenReceipt, reason: str, *, at: datetime, chance: Chance) -> Booked:
    """Keeps the money in the shortcode's own book until it is known whose it is."""
    [(book_id,)] = conn.execute("SELECT book_id FROM shortcodes WHERE id = %s", [receipt.shortcode_id]).fetchall()
    float_id = open_account(conn, book_id=book_id, code="mpesa", kind="asset")
    suspense_id = open_account(conn, book_id=book_id, code="suspense", kind="liability")
    posted = _post(conn, receipt, book_id, "suspense", debit=float_id, credit=suspense_id, at=at, chance=chance)
    if not posted.repeated:
        receipts.booked(conn, receipt.receipt, book_id=posted.book_id, seq=posted.seq)
        receipts.suspend(conn, receipt.receipt, reason=reason, at=at)
    return Booked(posted, None)


def _post(
    conn: Connection,
    receipt: ProvenReceipt,
    book_id: int,
    kind: str,
    *,
    debit: int,
    credit: int,
    at: datetime,
    chance: Chance,
) -> Posted:
    draft = Draft(
        book_id=book_id,
        kind=kind,
        occurred_at=receipt.paid_at,
        lines=(Line(debit, receipt.amount_cents), Line(credit, -receipt.amount_cents)),
        scope="receipt",
        key=receipt.receipt,
        note={"receipt": receipt.receipt},
    )
    return post(conn, draft, at=at, chance=chance)
