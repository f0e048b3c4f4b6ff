"""The rows of intents and attempts: the only module that writes them, and the only way in which a state changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.wires import Connection
from payments import states
from payments.phones import ERASED_PHONE
from payments.states import AttemptState


@dataclass(frozen=True)
class Attempt:
    """One push and the intent behind it. `phone` is E.164; `shortcode` is the number; instants are UTC."""

    id: int
    intent_id: int
    shortcode_id: int
    shortcode: str
    chama_id: int
    member_id: int
    payer_id: int
    purpose: str
    state: AttemptState
    phone: str
    amount_cents: int
    account_reference: str
    token_hash: bytes | None
    merchant_request_id: str | None
    checkout_request_id: str | None
    result_code: str | None
    tries: int
    created_at: datetime
    sent_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", AttemptState(self.state))


@dataclass(frozen=True)
class Step:
    """A move of one attempt; what is None stays as it is, but `due_at`, which is always written."""

    attempt: Attempt
    to: AttemptState
    at: datetime
    due_at: datetime | None = None
    token_hash: bytes | None = None
    result_code: str | None = None
    parked_reason: str | None = None


class Raced(Exception):
    """A row is not as it was read a moment ago, though it was locked or should have been: the caller begins again."""


_SELECT = sql.SQL(
    "SELECT a.id, a.intent_id, i.shortcode_id, s.number AS shortcode, i.chama_id, i.member_id, i.payer_id, i.purpose, "
    "a.state, a.phone, a.amount_cents, a.account_reference, a.token_hash, a.merchant_request_id, "
    "a.checkout_request_id, a.result_code, a.tries, a.created_at, a.sent_at FROM payment_attempts a "
    "JOIN payment_intents i ON i.id = a.intent_id JOIN shortcodes s ON s.id = i.shortcode_id WHERE {} ORDER BY a.id"
)
_BY_ID = _SELECT.format(sql.SQL("a.id = ANY(%s)"))
_BY_WISH = _SELECT.format(sql.SQL("i.wish_key = %s"))
_OUT_SINCE = _SELECT.format(sql.SQL("a.state = ANY(%s) AND a.created_at > %s AND (i.payer_id = %s OR a.phone = %s)"))
_PAID_SINCE = _SELECT.format(
    sql.SQL("a.phone = %s AND a.created_at > %s AND a.amount_cents = %s AND a.state = ANY(%s)")
)
_ON_PHONE = _SELECT.format(sql.SQL("a.phone = %s AND a.state = ANY(%s) AND a.created_at > %s"))
_EXPECTING = _SELECT.format(
    sql.SQL(
        "i.shortcode_id = %s AND a.amount_cents = %s AND (%s::text IS NULL OR a.phone = %s) AND a.state = ANY(%s) "
        "AND a.created_at BETWEEN %s AND %s"
    )
)
_DUE = _SELECT.format(sql.SQL("a.due_at <= %s AND a.state = 'created'")) + sql.SQL(
    " LIMIT %s FOR UPDATE OF a SKIP LOCKED"
)
_NAMED = _SELECT.format(
    sql.SQL(
        "a.token_hash = ANY(%s) OR a.id = ANY(%s) OR a.merchant_request_id = ANY(%s) OR a.account_reference = ANY(%s)"
    )
) + sql.SQL(" FOR UPDATE OF a")


def _read(conn: Connection, query: sql.Composed, given: Sequence[Any]) -> list[Attempt]:
    with conn.cursor(row_factory=class_row(Attempt)) as cursor:
        return cursor.execute(query, given).fetchall()


def by_ids(conn: Connection, ids: Sequence[int]) -> dict[int, Attempt]:
    return {attempt.id: attempt for attempt in _read(conn, _BY_ID, [list(ids)])}


def by_wish_key(conn: Connection, wish_key: bytes) -> Attempt | None:
    return next(iter(_read(conn, _BY_WISH, [wish_key])), None)


def out_since(conn: Connection, *, payer_id: int, phone: str | None, since: datetime) -> Attempt | None:
    """The newest attempt of this payer, or on this phone, whose prompt may still be out."""
    found = _read(conn, _OUT_SINCE, [list(states.OUT), since, payer_id, phone])
    return found[-1] if found else None


def paid_since(conn: Connection, *, phone: str, amount_cents: int, since: datetime) -> Attempt | None:
    """The newest attempt with this amount on this phone of which money is known."""
    found = _read(conn, _PAID_SINCE, [phone, since, amount_cents, [AttemptState.PROVEN, AttemptState.PAID]])
    return found[-1] if found else None


def on_phone(conn: Connection, phone: str, states: Sequence[AttemptState], *, since: datetime) -> list[Attempt]:
    """Attempts on this phone in one of these states that were made after `since`."""
    return _read(conn, _ON_PHONE, [phone, list(states), since])


def postpone(conn: Connection, attempt_id: int, *, due_at: datetime) -> None:
    """It is sent later than it was due."""
    conn.execute("UPDATE payment_attempts SET due_at = %s WHERE id = %s", [due_at, attempt_id])


def expecting(
    conn: Connection, *, shortcode_id: int, amount_cents: int, phone: str | None, since: datetime, until: datetime
) -> list[Attempt]:
    """Attempts made in that time which money like this may still belong to; any phone's when the payer is hidden."""
    given = [shortcode_id, amount_cents, phone, phone, list(states.EXPECTING), since, until]
    return _read(conn, _EXPECTING, given)


def lock_due(conn: Connection, *, at: datetime, limit: int) -> list[Attempt]:
    """Attempts that wait to be sent, locked; those that another process holds are left to it."""
    return _read(conn, _DUE, [at, limit])


def lock_named(
    conn: Connection,
    *,
    token_hashes: Sequence[bytes] = (),
    ids: Sequence[int] = (),
    merchant_request_ids: Sequence[str] = (),
    account_references: Sequence[str] = (),
) -> list[Attempt]:
    """The attempts that evidence may speak of, locked in the order of their ids so that two readers never cross."""
    given = [list(token_hashes), list(ids), list(merchant_request_ids), list(account_references)]
    return _read(conn, _NAMED, given)


def add(
    conn: Connection,
    intent: Mapping[str, Any],
    *,
    phone: str,
    account_reference: str,
    at: datetime,
    due_at: datetime,
) -> Attempt:
    """Writes an intent and its first attempt. `intent` holds the columns of the intent by name."""
    row = conn.execute(
        "WITH intent AS (INSERT INTO payment_intents (shortcode_id, chama_id, member_id, payer_id, purpose, "
        "amount_cents, wish_key, created_at) VALUES (%(shortcode_id)s, %(chama_id)s, %(member_id)s, %(payer_id)s, "
        "%(purpose)s, %(amount_cents)s, %(wish_key)s, %(at)s) RETURNING id) "
        "INSERT INTO payment_attempts (intent_id, state, phone, amount_cents, account_reference, due_at, created_at) "
        "SELECT id, 'created', %(phone)s, %(amount_cents)s, %(account_reference)s, %(due_at)s, %(at)s FROM intent "
        "RETURNING id",
        {**intent, "phone": phone, "account_reference": account_reference, "at": at, "due_at": due_at},
    ).fetchone()
    assert row is not None  # noqa: S101
    return by_ids(conn, [row[0]])[row[0]]


def move(conn: Connection, steps: Sequence[Step]) -> list[Attempt]:
    """Moves each attempt once, all in one statement. Raises ForbiddenMove, or Raced when a row has moved meanwhile."""
    for step in steps:
        # Evidence may propose what is known already: to stay is no move.
        if step.to is not step.attempt.state:
            states.ATTEMPT_MOVES.require(step.attempt.state, step.to)
    if not steps:
        return []
    cursor = conn.execute(
        "UPDATE payment_attempts a SET state = m.state, due_at = m.due_at, "
        "token_hash = COALESCE(m.token_hash, a.token_hash), "
        "result_code = COALESCE(m.result_code, a.result_code), "
        "parked_reason = COALESCE(m.parked_reason, a.parked_reason), "
        "tries = a.tries + CASE WHEN m.token_hash IS NULL THEN 0 ELSE 1 END, "
        "sent_at = CASE WHEN m.token_hash IS NULL THEN a.sent_at ELSE m.at END, "
        "settled_at = CASE WHEN m.state IN ('failed_final', 'paid_otherwise', 'paid') THEN m.at ELSE a.settled_at END "
        "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bytea[], "
        "%s::text[], %s::text[]) AS m (id, was, state, at, due_at, token_hash, result_code, parked_reason) "
        "WHERE a.id = m.id AND a.state = m.was",
        [
            [step.attempt.id for step in steps],
            [step.attempt.state for step in steps],
            [step.to for step in steps],
            [step.at for step in steps],
            [step.due_at for step in steps],
            [step.token_hash for step in steps],
            [step.result_code for step in steps],
            [step.parked_reason for step in steps],
        ],
    )
    if cursor.rowcount != len(steps):
        raise Raced("an attempt moved while it was being moved")
    return [
        replace(step.attempt, state=step.to, token_hash=step.token_hash or step.attempt.token_hash) for step in steps
    ]


def record_answer(
    conn: Connection,
    attempt_id: int,
    *,
    send_outcome: str,
    status: int | None,
    answer: Mapping[str, str],
) -> None:
    """What Daraja answered to the push; `answer` holds the fields worth keeping, as text and without secrets.

    Daraja has been seen to repeat the ids of an earlier push: ids that already belong to another attempt identify
    nothing and stay in the answer only.
    """
    checkout, merchant = answer.get("CheckoutRequestID"), answer.get("MerchantRequestID")
    taken = conn.execute(
        "SELECT TRUE FROM payment_attempts WHERE checkout_request_id = %s AND id <> %s", [checkout, attempt_id]
    ).fetchone()
    conn.execute(
        "UPDATE payment_attempts SET send_outcome = %s, response_status = %s, response = %s, "
        "checkout_request_id = COALESCE(checkout_request_id, %s), "
        "merchant_request_id = COALESCE(merchant_request_id, %s) WHERE id = %s",
        [send_outcome, status, Jsonb(dict(answer)), *((None, None) if taken else (checkout, merchant)), attempt_id],
    )


def of_payer(conn: Connection, user_id: int, phone: str | None) -> list[int]:
    """Ids of every attempt that this person wished for, or that rang this phone."""
    rows = conn.execute(
        "SELECT a.id FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id "
        "WHERE i.payer_id = %s OR a.phone = %s ORDER BY a.id",
        [user_id, phone],
    ).fetchall()
    return [attempt_id for (attempt_id,) in rows]


def phones_of(conn: Connection, user_id: int) -> set[str]:
    """Every number (E.164) that was asked for money in this person's name."""
    rows = conn.execute(
        "SELECT DISTINCT a.phone FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id "
        "WHERE i.payer_id = %s AND a.phone <> %s",
        [user_id, ERASED_PHONE],
    ).fetchall()
    return {phone for (phone,) in rows}


def unsettled(conn: Connection, *, user_id: int, phone: str | None, soft_since: datetime) -> bool:
    """Whether an attempt of hers may still become money; one that nobody answered only if it is younger."""
    row = conn.execute(
        "SELECT TRUE FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id "
        "WHERE (i.payer_id = %s OR a.phone = %s) "
        "AND (a.state = ANY(%s) OR (a.state = %s AND a.created_at > %s)) LIMIT 1",
        [user_id, phone, list(states.OUT), AttemptState.FAILED_SOFT, soft_since],
    ).fetchone()
    return row is not None


def forget_phones(conn: Connection, ids: Sequence[int]) -> int:
    """These attempts rang nobody's phone any more; returns how many.

    Safaricom's CheckoutRequestID ends in digits of the number: it goes too. The other id and our token still find them.
    """
    return conn.execute(
        "UPDATE payment_attempts SET phone = %s, checkout_request_id = NULL, response = response - 'CheckoutRequestID' "
        "WHERE id = ANY(%s)",
        [ERASED_PHONE, list(ids)],
    ).rowcount
