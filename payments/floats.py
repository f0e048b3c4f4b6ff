"""What our books say that M-PESA holds for a shortcode: now, and as it stood when M-PESA was asked.

A group's part of the money stands in the group's own book; what belongs to no group stands in the shortcode's. So what
M-PESA says can be asserted of one account only: the shortcode's own book must hold it less what the groups' books hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger import assertions
from ledger.assertions import Assertion
from ledger.books import open_account
from ledger.wires import Connection
from payments import movements
from payments.states import EXPECTING

ACCOUNT = "mpesa"
# Balance and payments are told to the second, by servers whose clocks may differ a little.
MOMENT = timedelta(seconds=2)
# A member who was asked for money within it may have paid, and we would not know yet.
ON_ITS_WAY = timedelta(hours=24)


@dataclass(frozen=True)
class Stood:
    """`cents` in all books at the instant that was asked about; `later_cents` what moved since, `groups_cents` what the
    groups' books hold today, when the shortcode's own was at page `seq`. `moving`: money moved in that very moment.
    """

    cents: int
    later_cents: int
    groups_cents: int
    seq: int
    moving: bool


def stood(conn: Connection, shortcode_id: int, at: datetime) -> Stood:
    """The books of a shortcode at `at` (UTC), by the time at which M-PESA moved the money."""
    own, groups, seq = _held(conn, shortcode_id)
    later = movements.after(conn, shortcode_id, at - MOMENT)
    moved = sum(one.signed_cents for one in later if one.at > at)
    moving = any(one.at <= at + MOMENT for one in later)
    return Stood(own + groups - moved, moved, groups, seq, moving)


def unsettled(conn: Connection, shortcode_id: int, at: datetime) -> bool:
    """Whether money of before `at` may still arrive by itself: a payment is unclear, evidence unread, Pull behind.

    What Pull listed speaks of money that moved before, whenever it was received.
    """
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id "
        "WHERE i.shortcode_id = %(id)s AND a.state = ANY(%(open)s) AND a.created_at BETWEEN %(since)s AND %(at)s) "
        "OR EXISTS (SELECT FROM evidence WHERE due_at IS NOT NULL AND (received_at <= %(at)s OR source = 'pull')) "
        "OR EXISTS (SELECT FROM inquiries WHERE receipt IS NOT NULL AND due_at IS NOT NULL AND shortcode_id = %(id)s) "
        "OR EXISTS (SELECT FROM pulls WHERE shortcode_id = %(id)s AND reached_at <= %(at)s)",
        {"id": shortcode_id, "open": list(EXPECTING), "since": at - ON_ITS_WAY, "at": at},
    ).fetchone()
    return bool(row and row[0]) or movements.on_their_way(conn, shortcode_id)


def assert_held(
    conn: Connection,
    shortcode_id: int,
    utility_cents: int,
    stood: Stood,
    *,
    at: datetime,
    asserted_by: int | None = None,
) -> Assertion:
    """Keeps what M-PESA said of the shortcode's own book, true or not; it answers the last of its kind that failed."""
    [(book_id, last_failed)] = conn.execute(
        "SELECT s.book_id, (SELECT max(b.id) FROM balance_assertions b JOIN accounts a ON a.id = b.account_id "
        "WHERE b.book_id = s.book_id AND a.code = %s AND b.source = 'mpesa_balance' AND b.result = 'failed' "
        "AND NOT EXISTS (SELECT FROM balance_assertions c WHERE c.corrects_id = b.id)) FROM shortcodes s "
        "WHERE s.id = %s",
        [ACCOUNT, shortcode_id],
    ).fetchall()
    return assertions.assert_balance(
        conn,
        book_id=book_id,
        account=_account(conn, book_id),
        cents=utility_cents + stood.later_cents - stood.groups_cents,
        source="mpesa_balance",
        asserted_by=asserted_by,
        at=at,
        as_of_seq=stood.seq,
        corrects_id=last_failed,
    )


def _account(conn: Connection, book_id: int) -> str:
    """The account of a book that no money came to yet is opened: it holds nothing, and that is said of it."""
    there = conn.execute("SELECT TRUE FROM accounts WHERE (book_id, code) = (%s, %s)", [book_id, ACCOUNT]).fetchone()
    if there is None:
        open_account(conn, book_id=book_id, code=ACCOUNT, kind="asset")
    return ACCOUNT


def _held(conn: Connection, shortcode_id: int) -> tuple[int, int, int]:
    """What the shortcode's own book holds at M-PESA, what the groups' books do, and its last page: of one moment."""
    [(own, groups, seq)] = conn.execute(
        "SELECT coalesce(sum(a.cents) FILTER (WHERE a.book_id = s.book_id), 0)::bigint, "
        "coalesce(sum(a.cents) FILTER (WHERE a.book_id <> s.book_id), 0)::bigint, max(h.next_seq) - 1 "
        "FROM shortcodes s JOIN heads h ON h.book_id = s.book_id LEFT JOIN LATERAL (SELECT book_id, "
        "debits_posted_cents - credits_posted_cents AS cents FROM accounts WHERE code = 'mpesa:' || s.number "
        "OR (code = 'mpesa' AND book_id = s.book_id)) AS a ON TRUE WHERE s.id = %s GROUP BY s.id",
        [shortcode_id],
    ).fetchall()
    return own, groups, seq
