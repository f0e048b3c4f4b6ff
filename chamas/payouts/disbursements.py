"""Money of a group that is to leave it: what is asked for, and how far it has come. Its tables are written here only.

Theory of operation
-------------------
A member asks; what exactly she asks for has a digest, and every answer names it (approvals.py). The worker alone counts
answers, under the lock of the request (disbursing.py):

    pending   -> approved   enough others said yes: the money is held from now on, and everybody is told
    pending   -> rejected   one of them said no, or nobody said enough until it expired
    rejected  -> pending    who asked asks anew after a no, for this or another amount: another wording, other answers
    approved  -> sending    the declared time has passed, and nobody stopped it
    approved  -> rejected   members froze it, or the receiver's number is another one now
    sending  <-> unclear    what became of it is not known yet
    sending, unclear -> completed, failed      as proved; failed -> completed when Safaricom paid after all

The payee's voice never counts, nor the asker's. After a failure, or after it was frozen, somebody asks anew: another
request, other voices, another payout. Nobody's phone or name is in the digest, as a hash of one is found by trying; who
changes her number voids the request all the same (disbursing.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from chamas.approving import approvals
from chamas.approving.approvals import Subject
from chamas.approving.approvers import same_person
from ledger.moves import Moves
from ledger.wires import Connection
from payments.phones import ERASED_PHONE


class DisbursementState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENDING = "sending"
    COMPLETED = "completed"
    FAILED = "failed"
    UNCLEAR = "unclear"


_S = DisbursementState
DISBURSEMENT_MOVES: Moves[DisbursementState] = Moves(
    "disbursement_requests.state",
    {
        _S.PENDING: frozenset({_S.APPROVED, _S.REJECTED, _S.FAILED}),
        _S.APPROVED: frozenset({_S.SENDING, _S.REJECTED, _S.FAILED}),
        _S.REJECTED: frozenset({_S.PENDING}),
        _S.SENDING: frozenset({_S.UNCLEAR, _S.COMPLETED, _S.FAILED}),
        _S.COMPLETED: frozenset(),
        _S.FAILED: frozenset({_S.COMPLETED}),
        _S.UNCLEAR: frozenset({_S.SENDING, _S.COMPLETED, _S.FAILED}),
    },
)


class Purpose(StrEnum):
    """What the group pays for."""

    ROUND = "round"
    WELFARE = "welfare"
    EXPENSE = "expense"
    LOAN = "loan"
    BANK = "bank"


@dataclass(frozen=True)
class Request:
    """A request as everybody in the group may see it. Cents, UTC. `told_name` is M-PESA's own name of the receiver,
    from the last payout to her; None before the first. `revision` counts its wordings; `rule_set_id` has the limits,
    and of a loan the interest; `loan_months` is for how long she asks for one. One to the group's own bank has the
    order that named it, its paybill as `phone`, and its `account`; whoever asks stands for the payee.
    """

    id: int
    chama_id: int
    chama_name: str
    book_id: int
    shortcode_id: int
    payee_member_id: int
    payee_user_id: int
    payee_name: str
    payee_full_name: str
    payee_phone: str | None
    asked_by: int
    asker_name: str
    round_id: int | None
    purpose: Purpose
    amount_cents: int
    charge_cents: int
    phone: str
    needed: int
    wait_seconds: int
    freezers: int
    rule_set_id: int | None
    revision: int
    state: DisbursementState
    reason: str | None
    payout_id: int | None
    asked_at: datetime
    expires_at: datetime
    not_before: datetime | None
    told_name: str | None
    failure: str | None = None
    renews: int | None = None
    loan_months: int | None = None
    bank_order_id: int | None = None
    account: str | None = None
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", DisbursementState(self.state))
        object.__setattr__(self, "purpose", Purpose(self.purpose))

    @property
    def digest(self) -> bytes:
        """Of exactly what is approved, as the row has it now."""
        return digest_of(vars(self))

    @property
    def paused(self) -> bool:
        """Somebody said no and nothing had left: who asked may ask anew."""
        return self.state is _S.REJECTED and self.payout_id is None and self.reason in approvals.REASONS.values()

    @property
    def name_differs(self) -> bool:
        """M-PESA paid somebody of another name at her number: to be shown before anybody says yes."""
        return self.told_name is not None and not same_person(self.payee_full_name, self.told_name)


# What a yes is a yes to; the instants make each wording another one.
BOUND = (
    *("chama_id", "shortcode_id", "payee_member_id", "asked_by", "round_id", "purpose", "amount_cents", "charge_cents"),
    *("needed", "wait_seconds", "freezers", "revision", "asked_at", "expires_at"),
)


def digest_of(columns: Mapping[str, Any]) -> bytes:
    """The digest of a request that has these columns: of a loan with its months and the rules that it keeps, of money
    for the bank with the account that was shown.
    """
    names = BOUND if columns["loan_months"] is None else (*BOUND, "loan_months", "rule_set_id")
    names = (*names, "bank_order_id") if columns["bank_order_id"] else names
    return approvals.digest(Subject.DISBURSEMENT, *(columns[name] for name in names))


SELECT = sql.SQL(
    "SELECT r.id, r.chama_id, c.name AS chama_name, c.book_id, r.shortcode_id, r.payee_member_id, "
    "p.user_id AS payee_user_id, CASE WHEN r.purpose = 'bank' THEN 'BANK' ELSE pu.first_name END AS payee_name, "
    "b.id AS bank_order_id, b.account, concat_ws(' ', pu.first_name, pu.last_name) AS payee_full_name, "
    "pu.phone AS payee_phone, r.asked_by, "
    "au.first_name AS asker_name, r.round_id, r.purpose, r.amount_cents, r.charge_cents, r.phone, r.needed, "
    "r.wait_seconds, r.freezers, r.rule_set_id, r.revision, r.state, r.reason, r.payout_id, r.asked_at, r.expires_at, "
    "r.not_before, r.failure, r.renews, r.loan_months, r.closed_at, "
    "(SELECT o.receiver_name FROM payouts o WHERE o.user_id = p.user_id AND r.purpose <> 'bank' "
    "AND o.phone = r.phone AND o.receiver_name IS NOT NULL ORDER BY o.id DESC LIMIT 1) AS told_name "
    "FROM disbursement_requests r JOIN chamas c ON c.id = r.chama_id "
    "JOIN chama_members p ON p.id = r.payee_member_id JOIN users pu ON pu.id = p.user_id "
    "JOIN chama_members a ON a.id = r.asked_by JOIN users au ON au.id = a.user_id "
    "LEFT JOIN chama_orders b ON b.id = r.bank_order_id WHERE {}"
)
_BY_ID = SELECT.format(sql.SQL("r.id = %s"))


def read(conn: Connection, query: sql.Composed, given: Sequence[Any] | Mapping[str, Any]) -> list[Request]:
    """Requests that a condition put into SELECT finds."""
    with conn.cursor(row_factory=class_row(Request)) as cursor:
        return cursor.execute(query, given).fetchall()


def by_id(conn: Connection, request_id: int) -> Request:
    """Raises LookupError for one that there is not, or that who acts may not see."""
    for found in read(conn, _BY_ID, [request_id]):
        return found
    raise LookupError(f"no request {request_id}")


def heard(conn: Connection, request: Request, member_id: int, *, at: datetime) -> None:
    """She was told of it on her phone."""
    conn.execute(
        "INSERT INTO announcements_heard (request_id, member_id, heard_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [request.id, member_id, at],
    )


def add(conn: Connection, columns: Mapping[str, Any]) -> int | None:
    """Writes a pending request by the names of its columns; its id, None when another renews the same one."""
    row = conn.execute(
        "INSERT INTO disbursement_requests (chama_id, shortcode_id, payee_member_id, asked_by, round_id, purpose, "
        "amount_cents, charge_cents, phone, digest, needed, wait_seconds, freezers, rule_set_id, revision, renews, "
        "loan_months, bank_order_id, state, asked_at, expires_at, due_at) "
        "VALUES (%(chama_id)s, %(shortcode_id)s, %(payee_member_id)s, %(asked_by)s, "
        "%(round_id)s, %(purpose)s, %(amount_cents)s, %(charge_cents)s, %(phone)s, %(digest)s, "
        "%(needed)s, %(wait_seconds)s, %(freezers)s, %(rule_set_id)s, %(revision)s, %(renews)s, %(loan_months)s, "
        "%(bank_order_id)s, 'pending', %(asked_at)s, %(expires_at)s, %(asked_at)s) "
        "ON CONFLICT (renews) DO NOTHING RETURNING id",
        columns,
    ).fetchone()
    return int(row[0]) if row else None


def lock(conn: Connection, request_id: int) -> Request:
    """The request, which stays as it is until the transaction ends. Raises LookupError."""
    conn.execute("SELECT id FROM disbursement_requests WHERE id = %s FOR UPDATE", [request_id])
    return by_id(conn, request_id)


def ask_anew(
    conn: Connection, request: Request, *, amount_cents: int, charge_cents: int, at: datetime, expires_at: datetime
) -> None:
    """Another wording of a request that is locked: pending, with nobody's answer yet. Raises ForbiddenMove."""
    if request.state is not _S.PENDING:
        DISBURSEMENT_MOVES.require(request.state, _S.PENDING)
    changed = {
        "amount_cents": amount_cents,
        "charge_cents": charge_cents,
        "asked_at": at,
        "expires_at": expires_at,
        "revision": request.revision + 1,
    }
    conn.execute(
        "UPDATE disbursement_requests SET amount_cents = %(amount_cents)s, charge_cents = %(charge_cents)s, "
        "asked_at = %(asked_at)s, expires_at = %(expires_at)s, revision = %(revision)s, digest = %(digest)s, "
        "state = 'pending', due_at = %(asked_at)s, reason = NULL, closed_at = NULL WHERE id = %(id)s",
        {**changed, "digest": digest_of({**vars(request), **changed}), "id": request.id},
    )


_NEXT = (
    "SELECT r.id FROM disbursement_requests r LEFT JOIN payouts o ON o.id = r.payout_id "
    "WHERE r.state IN ('pending', 'approved', 'sending', 'unclear', 'failed') "
    "AND (%(only)s::bigint IS NULL OR r.id = %(only)s) AND (r.aside_until IS NULL OR r.aside_until <= %(at)s) "
    "AND (r.due_at <= %(at)s OR (r.state IN ('pending', 'approved') AND EXISTS "
    "(SELECT FROM approvals v WHERE (v.subject, v.subject_id) = ('disbursement', r.id) AND v.seen_at IS NULL)) "
    "OR (r.state = 'approved' AND o.state = 'failed_proven') "
    "OR (r.state IN ('sending', 'unclear', 'failed') AND o.id IS NOT NULL "
    "AND CASE o.state WHEN 'paid' THEN 'completed' WHEN 'failed_proven' THEN 'failed' "
    "WHEN 'unknown' THEN 'unclear' ELSE 'sending' END <> r.state)) ORDER BY r.id LIMIT %(limit)s"
)
_LOCKED_NEXT = _NEXT + " FOR UPDATE OF r SKIP LOCKED"


def waiting(conn: Connection, *, at: datetime, limit: int) -> list[int]:
    """Requests that something has to be done about: due, somebody spoke, or their payout has moved. Oldest first."""
    return [request_id for (request_id,) in conn.execute(_NEXT, {"at": at, "only": None, "limit": limit}).fetchall()]


def lock_waiting(conn: Connection, request_id: int, *, at: datetime) -> Request | None:
    """The same request, locked; None when somebody else works on it, or was quicker."""
    found = conn.execute(_LOCKED_NEXT, {"at": at, "only": request_id, "limit": 1}).fetchone()
    return by_id(conn, request_id) if found else None


def set_aside(conn: Connection, request_id: int, failure: str | None, *, until: datetime | None) -> None:
    """It puzzles: it is left alone until then, and stands at the desk with this. None: it puzzles no more."""
    conn.execute(
        "UPDATE disbursement_requests SET (failure, aside_until) = (%s, %s) "
        "WHERE id = %s AND aside_until IS DISTINCT FROM %s",
        [failure, until, request_id, until],
    )


def move(
    conn: Connection,
    request: Request,
    to: DisbursementState,
    *,
    at: datetime,
    due_at: datetime | None = None,
    reason: str | None = None,
    payout_id: int | None = None,
    not_before: datetime | None = None,
) -> None:
    """One step of a request that is locked. Raises ForbiddenMove."""
    if to is not request.state:
        DISBURSEMENT_MOVES.require(request.state, to)
    conn.execute(
        "UPDATE disbursement_requests SET state = %s, due_at = %s, reason = COALESCE(%s, reason), "
        "payout_id = COALESCE(%s, payout_id), not_before = COALESCE(%s, not_before), "
        "closed_at = CASE WHEN %s IN ('rejected', 'completed', 'failed') THEN %s ELSE closed_at END WHERE id = %s",
        [to, due_at, reason, payout_id, not_before, to, at, request.id],
    )


def forget(conn: Connection, user_id: int) -> int:
    """Requests to pay this person name no number any more; returns how many."""
    return conn.execute(
        "UPDATE disbursement_requests r SET phone = %s FROM chama_members m "
        "WHERE m.id = r.payee_member_id AND m.user_id = %s AND r.phone <> %s AND r.purpose <> 'bank'",
        [ERASED_PHONE, user_id, ERASED_PHONE],
    ).rowcount
