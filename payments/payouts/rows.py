"""The rows of payouts: the only module that writes them, and the only way a state changes.

The requests about them stand in calls.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from ledger.wires import Connection
from payments.attempts import Raced
from payments.payouts.states import OUT, PAYOUT_MOVES, PayoutState, Way
from payments.phones import ERASED_PHONE

# A transfer that M-PESA takes is done within the day; its clock may run a little before ours.
FOUND_WITHIN, CLOCKS_APART = timedelta(days=1), timedelta(minutes=5)


@dataclass(frozen=True)
class Payout:
    """One payout. `phone` is E.164, money in cents, instants in UTC; `shortcode` is the number. Of a transfer to a bank
    `phone` is the bank's paybill, `account` the account there, `reply_id` Daraja's own name of it, once it is told,
    and `found_as` the receipt of a line of the statement that may be it, where that name was lost.

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
    way: Way = Way.B2C
    account: str | None = None
    reply_id: str | None = None
    found_as: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", PayoutState(self.state))
        object.__setattr__(self, "way", Way(self.way))

    @property
    def known_as(self) -> str | None:
        """The name under which Safaricom can be asked about it; None for a transfer whose answer was lost."""
        return self.originator if self.way is Way.B2C else self.reply_id


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
    reply_id: str | None = None
    sent_seq: int | None = None
    end_seq: int | None = None
    proven: Proven | None = None
    sends: int = 0
    asks: int = 0
    not_found: int = 0


_COLUMNS = sql.SQL(
    "SELECT p.id, p.shortcode_id, s.number AS shortcode, p.chama_id, p.member_id, p.user_id, p.book_id, "
    "p.source_account_id, p.order_key, p.originator, p.state, p.phone, p.amount_cents, p.charge_cents, p.hold_seq, "
    "p.sent_seq, p.conversation_id, p.receipt, p.tries, p.asked, p.not_found, p.ordered_at, p.expires_at, p.sent_at, "
    "p.way, p.account, p.reply_id, p.found_as "
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
        "originator, state, phone, amount_cents, charge_cents, hold_seq, due_at, expires_at, ordered_at, way, account) "
        "VALUES (%(shortcode_id)s, %(chama_id)s, %(member_id)s, %(user_id)s, %(book_id)s, %(source_account_id)s, "
        "%(order_key)s, %(originator)s, 'ordered', %(phone)s, %(amount_cents)s, %(charge_cents)s, %(hold_seq)s, "
        "%(due_at)s, %(expires_at)s, %(at)s, %(way)s, %(account)s) RETURNING id",
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
        "reply_id = COALESCE(p.reply_id, m.reply_id), "
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
        "%s::text[], %s::integer[], %s::integer[], %s::integer[], %s::boolean[], %s::text[]) "
        "AS m (id, was, state, at, due_at, reason, result_code, conversation_id, sent_seq, end_seq, receipt, "
        "paid_cents, paid_at, name, sends, asks, not_found, keeps_due, reply_id) "
        "WHERE p.id = m.id AND p.state = m.was",
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
            [step.reply_id for step in steps],
        ],
    )
    if cursor.rowcount != len(steps):
        raise Raced("a payout moved while it was being moved")


def found_in_statement(
    conn: Connection, shortcode_id: int, out: Mapping[str, tuple[int, datetime]], *, at: datetime
) -> int:
    """Lines of a statement by receipt, with cents and time: transfers without a name that may be one of them are asked
    about by that receipt, now; how many. Of two that look alike the older one has the first line.
    """
    found = 0
    for receipt, (cents, moved_at) in out.items():
        found += conn.execute(
            "UPDATE payouts SET found_as = %(receipt)s, due_at = %(at)s WHERE id = (SELECT id FROM payouts "
            "WHERE shortcode_id = %(id)s AND way = 'b2b' AND state = ANY(%(out)s) AND reply_id IS NULL "
            "AND found_as IS NULL AND amount_cents = %(cents)s AND sent_at BETWEEN %(since)s AND %(until)s "
            "ORDER BY id LIMIT 1) "
            "AND NOT EXISTS (SELECT FROM payouts WHERE receipt = %(receipt)s OR found_as = %(receipt)s)",
            {
                "receipt": receipt,
                "at": at,
                "id": shortcode_id,
                "out": list(OUT),
                "cents": cents,
                "since": moved_at - FOUND_WITHIN,
                "until": moved_at + CLOCKS_APART,
            },
        ).rowcount
    return found


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
