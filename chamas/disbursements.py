"""Money of a group that is to leave it: who asks, who says yes, no or stop. Its two tables are written here only.

Theory of operation
-------------------
A member asks; what exactly she asks for has a digest, and a yes or no names it. Votes are rows that are only ever
added, so two at the same instant are two rows; the worker alone counts them, under the lock of the request
(disbursing.py):

    pending   -> approved   enough others said yes: the money is held from now on, and everybody is told
    pending   -> rejected   one of them said no, or nobody said enough until it expired
    approved  -> sending    the declared time has passed, and nobody stopped it
    approved  -> rejected   members froze it, or the receiver's number is another one now
    sending  <-> unclear    what became of it is not known yet
    sending, unclear -> completed, failed      as proved; failed -> completed when Safaricom paid after all

The payee's voice never counts, nor the asker's. After a failure somebody asks anew: another request, other voices,
another payout. Nobody's phone or name is in the digest: a hash of them could be found by trying.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from chamas.approvers import Voice, approvers, same_person
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
        _S.REJECTED: frozenset(),
        _S.SENDING: frozenset({_S.UNCLEAR, _S.COMPLETED, _S.FAILED}),
        _S.COMPLETED: frozenset(),
        _S.FAILED: frozenset({_S.COMPLETED}),
        _S.UNCLEAR: frozenset({_S.SENDING, _S.COMPLETED, _S.FAILED}),
    },
)


class Vote(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    FREEZE = "freeze"


# Reasons are numbered: words would have to be translated, and might name somebody.
REASONS = {1: "wrong amount", 2: "wrong person", 3: "not agreed", 4: "something else"}


@dataclass(frozen=True)
class Request:
    """A request as everybody in the group may see it. Cents, UTC. `told_name` is M-PESA's own name of the receiver,
    from the last payout to her; None before the first.
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
    amount_cents: int
    charge_cents: int
    phone: str
    digest: bytes
    needed: int
    wait_seconds: int
    state: DisbursementState
    reason: str | None
    payout_id: int | None
    asked_at: datetime
    expires_at: datetime
    not_before: datetime | None
    told_name: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", DisbursementState(self.state))

    @property
    def name_differs(self) -> bool:
        """M-PESA paid somebody of another name at her number: to be shown before anybody says yes."""
        return self.told_name is not None and not same_person(self.payee_full_name, self.told_name)


_SELECT = sql.SQL(
    "SELECT r.id, r.chama_id, c.name AS chama_name, c.book_id, r.shortcode_id, r.payee_member_id, "
    "p.user_id AS payee_user_id, pu.first_name AS payee_name, "
    "concat_ws(' ', pu.first_name, pu.last_name) AS payee_full_name, pu.phone AS payee_phone, r.asked_by, "
    "au.first_name AS asker_name, r.round_id, r.amount_cents, r.charge_cents, r.phone, r.digest, r.needed, "
    "r.wait_seconds, r.state, r.reason, r.payout_id, r.asked_at, r.expires_at, r.not_before, "
    "(SELECT o.receiver_name FROM payouts o WHERE o.user_id = p.user_id AND o.phone = r.phone "
    "AND o.receiver_name IS NOT NULL ORDER BY o.id DESC LIMIT 1) AS told_name "
    "FROM disbursement_requests r JOIN chamas c ON c.id = r.chama_id "
    "JOIN chama_members p ON p.id = r.payee_member_id JOIN users pu ON pu.id = p.user_id "
    "JOIN chama_members a ON a.id = r.asked_by JOIN users au ON au.id = a.user_id WHERE {}"
)
_BY_ID = _SELECT.format(sql.SQL("r.id = %s"))
_OF_CHAMA = _SELECT.format(sql.SQL("r.chama_id = %s ORDER BY r.id DESC LIMIT %s"))
_TO_FREEZE = _SELECT.format(sql.SQL("r.state = 'approved' AND r.chama_id = %s ORDER BY r.id"))
_UNANSWERED = _SELECT.format(
    sql.SQL(
        "r.state = 'pending' AND r.chama_id = (SELECT chama_id FROM chama_members WHERE id = %s) "
        "AND NOT EXISTS (SELECT FROM disbursement_votes v WHERE (v.request_id, v.member_id) = (r.id, %s) "
        "AND v.vote IN ('approve', 'reject')) ORDER BY r.id"
    )
)


def _read(conn: Connection, query: sql.Composed, given: Sequence[Any]) -> list[Request]:
    with conn.cursor(row_factory=class_row(Request)) as cursor:
        return cursor.execute(query, given).fetchall()


def by_id(conn: Connection, request_id: int) -> Request:
    """Raises LookupError for one that there is not, or that who acts may not see."""
    found = _read(conn, _BY_ID, [request_id])
    if not found:
        raise LookupError(f"no request {request_id}")
    return found[0]


def of_chama(conn: Connection, chama_id: int, *, limit: int = 50) -> list[Request]:
    """The newest requests of a group first."""
    return _read(conn, _OF_CHAMA, [chama_id, limit])


def waiting_for(conn: Connection, member_id: int) -> list[Request]:
    """Requests that wait for this member's yes or no, oldest first."""
    found = _read(conn, _UNANSWERED, [member_id, member_id])
    voices = members(conn, found[0].chama_id) if found else []
    return [one for one in found if member_id in whose_yes(voices, one)]


def may_be_frozen(conn: Connection, chama_id: int) -> list[Request]:
    """Approved requests whose money has not left: any member but the receiver can still say stop."""
    return _read(conn, _TO_FREEZE, [chama_id])


def members(conn: Connection, chama_id: int) -> list[Voice]:
    """Everybody in the group, by number."""
    with conn.cursor(row_factory=class_row(Voice)) as cursor:
        return cursor.execute(
            "SELECT id AS member_id, number, role, status FROM chama_members WHERE chama_id = %s ORDER BY number",
            [chama_id],
        ).fetchall()


def whose_yes(voices: Sequence[Voice], request: Request) -> list[int]:
    """Members, by id, whose answer to this request counts."""
    return approvers(voices, payee=request.payee_member_id, asker=request.asked_by, needed=request.needed)


def add(conn: Connection, columns: Mapping[str, Any]) -> int:
    """Writes a pending request; `columns` holds what the row has by name. Returns its id."""
    row = conn.execute(
        "INSERT INTO disbursement_requests (chama_id, shortcode_id, payee_member_id, asked_by, round_id, amount_cents, "
        "charge_cents, phone, digest, needed, wait_seconds, state, asked_at, expires_at, due_at) VALUES (%(chama_id)s, "
        "%(shortcode_id)s, %(payee_member_id)s, %(asked_by)s, %(round_id)s, %(amount_cents)s, %(charge_cents)s, "
        "%(phone)s, %(digest)s, %(needed)s, %(wait_seconds)s, 'pending', %(asked_at)s, %(expires_at)s, %(asked_at)s) "
        "RETURNING id",
        columns,
    ).fetchone()
    assert row is not None  # noqa: S101
    return int(row[0])


def add_vote(
    conn: Connection, request: Request, member_id: int, vote: Vote, *, reason: int | None, at: datetime
) -> None:
    """Writes what a member said; the same again changes nothing."""
    conn.execute(
        "INSERT INTO disbursement_votes (request_id, member_id, vote, digest, reason, voted_at) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [request.id, member_id, vote, request.digest, reason, at],
    )


def lock_next(conn: Connection, *, at: datetime) -> Request | None:
    """One request that something has to be done about, locked: it is due, somebody spoke, or its payout has moved."""
    row = conn.execute(
        "SELECT r.id FROM disbursement_requests r LEFT JOIN payouts o ON o.id = r.payout_id "
        "WHERE r.state IN ('pending', 'approved', 'sending', 'unclear', 'failed') AND (r.due_at <= %s "
        "OR (r.state IN ('pending', 'approved') AND EXISTS "
        "(SELECT FROM disbursement_votes v WHERE v.request_id = r.id AND v.seen_at IS NULL)) "
        "OR (r.state = 'approved' AND o.state = 'failed_proven') "
        "OR (r.state IN ('sending', 'unclear', 'failed') AND o.id IS NOT NULL "
        "AND CASE o.state WHEN 'paid' THEN 'completed' WHEN 'failed_proven' THEN 'failed' "
        "WHEN 'unknown' THEN 'unclear' ELSE 'sending' END <> r.state)) "
        "ORDER BY r.id LIMIT 1 FOR UPDATE OF r SKIP LOCKED",
        [at],
    ).fetchone()
    return None if row is None else by_id(conn, row[0])


def votes(conn: Connection, request: Request, *, at: datetime) -> dict[Vote, dict[int, int | None]]:
    """What was said to exactly this request: by kind, each member with her reason. Whatever was said counts as seen."""
    rows = conn.execute(
        "UPDATE disbursement_votes SET seen_at = COALESCE(seen_at, %s) WHERE request_id = %s "
        "RETURNING vote, member_id, reason, digest",
        [at, request.id],
    ).fetchall()
    said: dict[Vote, dict[int, int | None]] = {kind: {} for kind in Vote}
    for kind, member_id, reason, digest in rows:
        if digest == request.digest:
            said[Vote(kind)][member_id] = reason
    return said


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
        "WHERE m.id = r.payee_member_id AND m.user_id = %s AND r.phone <> %s",
        [ERASED_PHONE, user_id, ERASED_PHONE],
    ).rowcount


def open_in(conn: Connection, chama_id: int) -> bool:
    """Whether a request of this chama is asked, approved or on its way."""
    row = conn.execute(
        "SELECT TRUE FROM disbursement_requests WHERE chama_id = %s "
        "AND state IN ('pending', 'approved', 'sending', 'unclear') LIMIT 1",
        [chama_id],
    ).fetchone()
    return row is not None


def under_way(conn: Connection, user_id: int) -> bool:
    """Whether a request to pay this person is open."""
    row = conn.execute(
        "SELECT TRUE FROM disbursement_requests r JOIN chama_members m ON m.id = r.payee_member_id "
        "WHERE m.user_id = %s AND r.state IN ('pending', 'approved', 'sending', 'unclear') LIMIT 1",
        [user_id],
    ).fetchone()
    return row is not None
