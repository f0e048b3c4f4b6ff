"""The rows of payouts and of the calls about them: the only module that writes them, and the only way a state changes.

A call is one HTTP request, written before it leaves with the hash of the token that only its callback URLs hold: the
payment itself, each time that it is sent, and every question about it. What comes back under a token is about its call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.wires import Connection
from payments.attempts import Raced
from payments.payouts.states import OUT, PAYOUT_MOVES, PayoutState
from payments.phones import ERASED_PHONE


class CallKind(StrEnum):
    PAYMENT = "payment"
    QUESTION = "question"


@dataclass(frozen=True)
class Payout:
    """One payout. `phone` is E.164, money in cents, instants in UTC; `shortcode` is the number.

    `hold_seq`, `sent_seq` and `end_seq` are its pages in the book: held, in flight, ended. `asked` and `not_found`
    count since it was last sent: questions, and answers that Safaricom knows no such payment.
    """

    id: int
    shortcode_id: int
    shortcode: str
    chama_id: int
    member_id: int | None
    user_id: int | None
    book_id: int
    source_account_id: int
    order_key: str
    originator: str
    state: PayoutState
    phone: str
    amount_cents: int
    charge_cents: int
    hold_seq: int
    sent_seq: int | None
    conversation_id: str | None
    receipt: str | None
    tries: int
    asked: int
    not_found: int
    ordered_at: datetime
    expires_at: datetime
    sent_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", PayoutState(self.state))


@dataclass(frozen=True)
class Call:
    """One request about a payout. `doubtful`: another payment request of the payout may have been executed too."""

    id: int
    payout_id: int
    kind: CallKind
    token_hash: bytes
    outcome: str | None
    doubtful: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", CallKind(self.kind))


@dataclass(frozen=True)
class Proven:
    """What Safaricom paid; `name` is the receiver's, as M-PESA has it, None when it was not told."""

    receipt: str
    amount_cents: int
    paid_at: datetime
    name: str | None = None


@dataclass(frozen=True)
class Step:
    """A move of one payout. `due_at` is written unless it `keeps_due`; what else is None stays as it is."""

    payout: Payout
    to: PayoutState
    at: datetime
    due_at: datetime | None = None
    keeps_due: bool = False
    reason: str | None = None
    result_code: str | None = None
    conversation_id: str | None = None
    sent_seq: int | None = None
    end_seq: int | None = None
    proven: Proven | None = None
    sends: int = 0
    asks: int = 0
    not_found: int = 0


_COLUMNS = sql.SQL(
    "SELECT p.id, p.shortcode_id, s.number AS shortcode, p.chama_id, p.member_id, p.user_id, p.book_id, "
    "p.source_account_id, p.order_key, p.originator, p.state, p.phone, p.amount_cents, p.charge_cents, p.hold_seq, "
    "p.sent_seq, p.conversation_id, p.receipt, p.tries, p.asked, p.not_found, p.ordered_at, p.expires_at, p.sent_at "
    "FROM payouts p JOIN shortcodes s ON s.id = p.shortcode_id WHERE {} ORDER BY p.id"
)
_BY_IDS = _COLUMNS.format(sql.SQL("p.id = ANY(%s)"))
_BY_KEY = _COLUMNS.format(sql.SQL("p.order_key = %s"))
_LOCKED = _BY_IDS + sql.SQL(" FOR UPDATE OF p")
_DUE = _COLUMNS.format(sql.SQL("p.due_at <= %s AND p.state = ANY(%s) AND p.shortcode_id <> ALL(%s)")) + sql.SQL(
    " LIMIT %s FOR UPDATE OF p SKIP LOCKED"
)


def _read(conn: Connection, query: sql.Composed, given: Sequence[Any]) -> list[Payout]:
    with conn.cursor(row_factory=class_row(Payout)) as cursor:
        return cursor.execute(query, given).fetchall()


def by_ids(conn: Connection, ids: Sequence[int]) -> dict[int, Payout]:
    return {payout.id: payout for payout in _read(conn, _BY_IDS, [list(ids)])}


def by_key(conn: Connection, order_key: str) -> Payout | None:
    return next(iter(_read(conn, _BY_KEY, [order_key])), None)


def lock(conn: Connection, ids: Sequence[int]) -> list[Payout]:
    """These payouts, locked in the order of their ids so that two readers never cross."""
    return _read(conn, _LOCKED, [list(ids)])


def lock_to_send(conn: Connection, *, at: datetime, limit: int, closed: Sequence[int]) -> list[Payout]:
    """Ordered payouts that are due, locked, but for these shortcodes; those that another process holds are left."""
    return _read(conn, _DUE, [at, [PayoutState.ORDERED], list(closed), limit])


def lock_to_ask(conn: Connection, *, at: datetime, limit: int, closed: Sequence[int]) -> list[Payout]:
    """Payouts that are out and due to be asked about, locked, but for these shortcodes."""
    return _read(conn, _DUE, [at, list(OUT), list(closed), limit])


def add(conn: Connection, columns: Mapping[str, Any], *, at: datetime) -> Payout:
    """Writes an ordered payout; `columns` holds what the row has by name."""
    row = conn.execute(
        "INSERT INTO payouts (shortcode_id, chama_id, member_id, user_id, book_id, source_account_id, order_key, "
        "originator, state, phone, amount_cents, charge_cents, hold_seq, due_at, expires_at, ordered_at) "
        "VALUES (%(shortcode_id)s, %(chama_id)s, %(member_id)s, %(user_id)s, %(book_id)s, %(source_account_id)s, "
        "%(order_key)s, %(originator)s, 'ordered', %(phone)s, %(amount_cents)s, %(charge_cents)s, %(hold_seq)s, "
        "%(due_at)s, %(expires_at)s, %(at)s) RETURNING id",
        {**columns, "at": at},
    ).fetchone()
    assert row is not None  # noqa: S101
    return by_ids(conn, [row[0]])[row[0]]


def move(conn: Connection, steps: Sequence[Step]) -> None:
    """Moves each payout once, all in one statement. Raises ForbiddenMove, or Raced when a row has moved meanwhile."""
    for step in steps:
        # Evidence may propose what is known already: to stay is no move.
        if step.to is not step.payout.state:
            PAYOUT_MOVES.require(step.payout.state, step.to)
    if not steps:
        return
    cursor = conn.execute(
        "UPDATE payouts p SET state = m.state, due_at = CASE WHEN m.keeps_due THEN p.due_at ELSE m.due_at END, "
        "reason = COALESCE(m.reason, p.reason), result_code = COALESCE(m.result_code, p.result_code), "
        "conversation_id = COALESCE(p.conversation_id, m.conversation_id), "
        "sent_seq = COALESCE(p.sent_seq, m.sent_seq), end_seq = COALESCE(m.end_seq, p.end_seq), "
        "receipt = COALESCE(m.receipt, p.receipt), paid_cents = COALESCE(m.paid_cents, p.paid_cents), "
        "paid_at = COALESCE(m.paid_at, p.paid_at), receiver_name = COALESCE(m.name, p.receiver_name), "
        "tries = p.tries + m.sends, asked = CASE WHEN m.sends > 0 THEN 0 ELSE p.asked + m.asks END, "
        "not_found = CASE WHEN m.sends > 0 THEN 0 ELSE p.not_found + m.not_found END, "
        "sent_at = CASE WHEN m.sends > 0 THEN m.at ELSE p.sent_at END, "
        "settled_at = CASE WHEN m.state IN ('failed_proven', 'paid') AND p.state <> m.state THEN m.at "
        "ELSE p.settled_at END "
        "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[], "
        "%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], "
        "%s::text[], %s::integer[], %s::integer[], %s::integer[], %s::boolean[]) "
        "AS m (id, was, state, at, due_at, reason, result_code, conversation_id, sent_seq, end_seq, receipt, "
        "paid_cents, paid_at, name, sends, asks, not_found, keeps_due) WHERE p.id = m.id AND p.state = m.was",
        [
            [step.payout.id for step in steps],
            [step.payout.state for step in steps],
            [step.to for step in steps],
            [step.at for step in steps],
            [step.due_at for step in steps],
            [step.reason for step in steps],
            [step.result_code for step in steps],
            [step.conversation_id for step in steps],
            [step.sent_seq for step in steps],
            [step.end_seq for step in steps],
            [step.proven.receipt if step.proven else None for step in steps],
            [step.proven.amount_cents if step.proven else None for step in steps],
            [step.proven.paid_at if step.proven else None for step in steps],
            [step.proven.name if step.proven else None for step in steps],
            [step.sends for step in steps],
            [step.asks for step in steps],
            [step.not_found for step in steps],
            [step.keeps_due for step in steps],
        ],
    )
    if cursor.rowcount != len(steps):
        raise Raced("a payout moved while it was being moved")


def add_calls(conn: Connection, kind: CallKind, made: Sequence[tuple[Payout, bytes]], *, at: datetime) -> None:
    """Calls that are about to leave, each with the hash of its token."""
    conn.execute(
        "INSERT INTO payout_calls (payout_id, kind, token_hash, called_at) "
        "SELECT c.payout_id, %s, c.token_hash, %s FROM unnest(%s::bigint[], %s::bytea[]) AS c (payout_id, token_hash)",
        [kind, at, [payout.id for payout, _ in made], [token_hash for _, token_hash in made]],
    )


def record_call(
    conn: Connection, token_hash: bytes, *, outcome: str, status: int | None, answer: Mapping[str, str]
) -> bool:
    """How a call was answered: rejected, accepted or unknown; False when that is written already."""
    return (
        conn.execute(
            "UPDATE payout_calls SET outcome = %s, status = %s, response = %s "
            "WHERE token_hash = %s AND outcome IS NULL",
            [outcome, status, Jsonb(dict(answer)), token_hash],
        ).rowcount
        == 1
    )


def calls_of(conn: Connection, token_hashes: Sequence[bytes]) -> dict[bytes, Call]:
    """Calls by the hash of their token."""
    if not token_hashes:
        return {}
    with conn.cursor(row_factory=class_row(Call)) as cursor:
        found = cursor.execute(
            "SELECT c.id, c.payout_id, c.kind, c.token_hash, c.outcome, EXISTS (SELECT FROM payout_calls o "
            "WHERE o.payout_id = c.payout_id AND o.kind = 'payment' AND o.id <> c.id "
            "AND o.outcome IS DISTINCT FROM 'rejected') AS doubtful FROM payout_calls c WHERE c.token_hash = ANY(%s)",
            [list(token_hashes)],
        ).fetchall()
    return {call.token_hash: call for call in found}


def holders(conn: Connection, receipts: Sequence[str]) -> dict[str, int]:
    """Which payout has which of these receipts; 0 for one that is no payout's: money that came in has it."""
    rows = conn.execute(
        "SELECT receipt, id FROM payouts WHERE receipt = ANY(%(named)s) "
        "UNION ALL SELECT receipt, 0 FROM receipts WHERE receipt = ANY(%(named)s)",
        {"named": sorted(set(receipts))},
    ).fetchall()
    return dict(rows)


def forget(conn: Connection, *, user_id: int, phones: Sequence[str]) -> int:
    """These payouts went to nobody's phone and name any more; returns how many."""
    return conn.execute(
        "UPDATE payouts SET phone = %s, receiver_name = NULL WHERE user_id = %s OR phone = ANY(%s)",
        [ERASED_PHONE, user_id, list(phones)],
    ).rowcount
