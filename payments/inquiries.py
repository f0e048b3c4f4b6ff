"""Questions to Safaricom about what is unclear: the rows, and the only module that writes them.

Theory of operation. An `stk_query` asks about a push by its CheckoutRequestID. A `status` asks about a receipt that
somebody named, or about a push whose money is proven without a receipt.

    open    not asked yet; due
    asked   asked once or more, and still due: a process that dies between asking and hearing costs one more question
            and nothing else
    closed  answered, or given up: `outcome` says which. Opened again when a push is sent a second time, and when a
            person wants it put again: then it is due, and the worker opens it

A wrong initiator password asked with again and again locks the initiator, and with it every question of its shortcode.
So the first refusal parks: the question is closed as `initiator refused`, and while such a row stands every further
status question of the shortcode is closed the same way, unasked. Only a person can repair it: `ask_again` opens all of
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row

from ledger.moves import Moves
from ledger.wires import Connection

# A stranger may name receipts without end: beyond this many open questions about receipts, only ours are asked.
STRANGERS = 200
# An answer takes seconds; whoever presses twice in a minute has not waited for it.
HASTENED_EVERY = timedelta(minutes=1)


class Kind(StrEnum):
    STK_QUERY = "stk_query"
    STATUS = "status"


class InquiryState(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    CLOSED = "closed"


INQUIRY_MOVES: Moves[InquiryState] = Moves(
    "inquiries.state",
    {
        InquiryState.OPEN: frozenset({InquiryState.ASKED, InquiryState.CLOSED}),
        InquiryState.ASKED: frozenset({InquiryState.ASKED, InquiryState.CLOSED}),
        InquiryState.CLOSED: frozenset({InquiryState.OPEN}),
    },
)


@dataclass(frozen=True)
class Inquiry:
    """`asked` counts the questions so far; `attempt_id` beside a receipt is the attempt that evidence named with it."""

    id: int
    kind: Kind
    shortcode_id: int
    attempt_id: int | None
    receipt: str | None
    token_hash: bytes | None
    asked: int
    opened_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind(self.kind))


@dataclass(frozen=True)
class AboutReceipt:
    """A receipt worth asking about; without an attempt it was named under a token that nobody knows."""

    receipt: str
    shortcode_id: int
    attempt_id: int | None


def open_about_attempts(
    conn: Connection, kind: Kind, attempt_ids: Sequence[int], *, at: datetime, due_at: datetime
) -> None:
    """One inquiry of a kind per attempt; one that is there, open or closed, is opened again, but not a parked one."""
    if not attempt_ids:
        return
    conn.execute(
        "INSERT INTO inquiries AS mine (kind, shortcode_id, attempt_id, state, due_at, opened_at) "
        "SELECT %s, i.shortcode_id, a.id, 'open', %s, %s FROM payment_attempts a "
        "JOIN payment_intents i ON i.id = a.intent_id WHERE a.id = ANY(%s) ORDER BY a.id "
        "ON CONFLICT (kind, attempt_id) WHERE attempt_id IS NOT NULL AND receipt IS NULL DO UPDATE "
        "SET state = 'open', due_at = excluded.due_at, opened_at = excluded.opened_at, asked = 0, outcome = NULL "
        "WHERE mine.state = ANY(%s) AND mine.outcome IS DISTINCT FROM 'initiator refused'",
        [kind, due_at, at, list(attempt_ids), INQUIRY_MOVES.leading_to(InquiryState.OPEN)],
    )


def open_about_receipts(conn: Connection, about: Sequence[AboutReceipt], *, at: datetime, wait: timedelta) -> None:
    """One inquiry per receipt, for ever: a receipt does not change. Strangers' are dropped while too many are open.

    One that a stranger began is told which attempt the receipt was named with, once that is known.
    """
    ours = sorted({one.receipt: one for one in about}.values(), key=lambda one: one.receipt)
    if not ours:
        return
    conn.execute(
        "INSERT INTO inquiries AS mine (kind, shortcode_id, attempt_id, receipt, state, due_at, opened_at) "
        "SELECT 'status', r.shortcode_id, r.attempt_id, r.receipt, 'open', %s, %s "
        "FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS r (receipt, shortcode_id, attempt_id) "
        "WHERE r.attempt_id IS NOT NULL OR %s > "
        "(SELECT count(*) FROM inquiries WHERE receipt IS NOT NULL AND due_at IS NOT NULL) "
        "ON CONFLICT (kind, receipt) WHERE receipt IS NOT NULL DO UPDATE SET attempt_id = excluded.attempt_id "
        "WHERE mine.attempt_id IS NULL AND excluded.attempt_id IS NOT NULL",
        [
            at + wait,
            at,
            [one.receipt for one in ours],
            [one.shortcode_id for one in ours],
            [one.attempt_id for one in ours],
            STRANGERS,
        ],
    )


def hasten(conn: Connection, kind: Kind, attempt_id: int, *, at: datetime) -> bool:
    """Somebody wants the question about an attempt put now, though it was given up. False when she wanted it a moment
    ago, when there is none, or while Safaricom refuses our initiator.
    """
    return (
        conn.execute(
            "UPDATE inquiries SET due_at = %(at)s, hastened_at = %(at)s WHERE (kind, attempt_id) = (%(kind)s, %(id)s) "
            "AND receipt IS NULL AND outcome IS DISTINCT FROM 'initiator refused' "
            "AND (hastened_at IS NULL OR hastened_at <= %(before)s)",
            {"at": at, "kind": kind, "id": attempt_id, "before": at - HASTENED_EVERY},
        ).rowcount
        == 1
    )


def open_hastened(conn: Connection, *, at: datetime) -> None:
    """Closed questions that somebody wants put again begin from their first."""
    conn.execute(
        "UPDATE inquiries SET state = 'open', asked = 0, opened_at = %s, outcome = NULL "
        "WHERE due_at <= %s AND state = 'closed' AND state = ANY(%s)",
        [at, at, INQUIRY_MOVES.leading_to(InquiryState.OPEN)],
    )


def lock_due(conn: Connection, *, at: datetime, limit: int) -> list[Inquiry]:
    """Open inquiries that are due, locked."""
    with conn.cursor(row_factory=class_row(Inquiry)) as cursor:
        return cursor.execute(
            "SELECT id, kind, shortcode_id, attempt_id, receipt, token_hash, asked, opened_at FROM inquiries "
            "WHERE due_at <= %s ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
            [at, limit],
        ).fetchall()


def by_token_hashes(conn: Connection, hashes: Sequence[bytes]) -> dict[bytes, Inquiry]:
    """Inquiries by the token of their last question, closed ones included: an answer may come late."""
    with conn.cursor(row_factory=class_row(Inquiry)) as cursor:
        rows = cursor.execute(
            "SELECT id, kind, shortcode_id, attempt_id, receipt, token_hash, asked, opened_at FROM inquiries "
            "WHERE token_hash = ANY(%s)",
            [list(hashes)],
        ).fetchall()
    return {row.token_hash: row for row in rows if row.token_hash is not None}


def record_asked(conn: Connection, inquiry: Inquiry, *, due_at: datetime, token_hash: bytes | None) -> None:
    """Before the question leaves: the next one is due at `due_at`, an answer will carry the token."""
    conn.execute(
        "UPDATE inquiries SET state = 'asked', asked = asked + 1, due_at = %s, token_hash = COALESCE(%s, token_hash) "
        "WHERE id = %s AND state = ANY(%s)",
        [due_at, token_hash, inquiry.id, INQUIRY_MOVES.leading_to(InquiryState.ASKED)],
    )


def record_outcome(conn: Connection, inquiry_id: int, outcome: str) -> None:
    """What the last question came to, for people; a callback may have been quicker and closed it with more to say."""
    conn.execute("UPDATE inquiries SET outcome = %s WHERE id = %s AND state <> 'closed'", [outcome[:200], inquiry_id])


def postpone(conn: Connection, inquiry_id: int, *, due_at: datetime, outcome: str) -> None:
    """Nothing can be asked now."""
    conn.execute("UPDATE inquiries SET due_at = %s, outcome = %s WHERE id = %s", [due_at, outcome, inquiry_id])


def close(conn: Connection, inquiry_ids: Sequence[int], *, outcome: str) -> None:
    """Nothing more is to be asked."""
    if inquiry_ids:
        conn.execute(
            "UPDATE inquiries SET state = 'closed', due_at = NULL, outcome = %s WHERE id = ANY(%s) AND state = ANY(%s)",
            [outcome, list(inquiry_ids), INQUIRY_MOVES.leading_to(InquiryState.CLOSED)],
        )


def close_about_attempts(conn: Connection, attempt_ids: Sequence[int], *, outcome: str) -> None:
    """The attempts are settled: what was asked about them, not what was asked about a receipt, is closed."""
    if attempt_ids:
        conn.execute(
            "UPDATE inquiries SET state = 'closed', due_at = NULL, outcome = %s "
            "WHERE attempt_id = ANY(%s) AND receipt IS NULL AND state = ANY(%s)",
            [outcome, list(attempt_ids), INQUIRY_MOVES.leading_to(InquiryState.CLOSED)],
        )


def park(conn: Connection, inquiry_ids: Sequence[int]) -> None:
    """Safaricom refuses our initiator: nothing is asked until a person has acted. One that is closed tells it too."""
    if inquiry_ids:
        conn.execute(
            "UPDATE inquiries SET state = 'closed', due_at = NULL, outcome = 'initiator refused' "
            "WHERE id = ANY(%s) AND state = ANY(%s)",
            [list(inquiry_ids), [InquiryState.CLOSED, *INQUIRY_MOVES.leading_to(InquiryState.CLOSED)]],
        )


def refused(conn: Connection) -> dict[int, int]:
    """Shortcodes whose initiator Safaricom refuses, and how many questions wait for that."""
    rows = conn.execute(
        "SELECT shortcode_id, count(*) FROM inquiries WHERE outcome = 'initiator refused' GROUP BY shortcode_id"
    ).fetchall()
    return dict(rows)


def ask_again(conn: Connection, *, at: datetime) -> int:
    """A person says that the initiator is put right: what was parked is due, for another day; returns how many."""
    return conn.execute(
        "UPDATE inquiries SET state = 'open', due_at = %s, opened_at = %s, asked = 0, outcome = NULL "
        "WHERE outcome = 'initiator refused' AND state = ANY(%s)",
        [at, at, INQUIRY_MOVES.leading_to(InquiryState.OPEN)],
    ).rowcount
