"""Requests for a group's money as people see them: what waits for whom, what is announced, who is asked. Reads only."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from chamas.approving import approvals
from chamas.approving.approvals import Said, Subject
from chamas.approving.approvers import Voice, approvers
from chamas.approving.voices import voices_in
from chamas.payouts.disbursements import SELECT, Request, read
from ledger.wires import Connection

_OF_PAYOUT = SELECT.format(sql.SQL("r.payout_id = %s"))
_TO_FREEZE = SELECT.format(sql.SQL("r.state = 'approved' AND r.chama_id = %s ORDER BY r.id"))
_UNDER_WAY = SELECT.format(sql.SQL("r.state IN ('sending', 'unclear') AND r.chama_id = %s ORDER BY r.id"))
_UNANSWERED = SELECT.format(
    sql.SQL(
        "r.state = 'pending' AND r.chama_id = (SELECT chama_id FROM chama_members WHERE id = %s) "
        "AND NOT EXISTS (SELECT FROM approvals v WHERE (v.subject, v.subject_id, v.digest) = "
        "('disbursement', r.id, r.digest) AND v.member_id = %s AND v.vote IN ('approve', 'reject')) ORDER BY r.id"
    )
)
_ANNOUNCED = SELECT.format(
    sql.SQL(
        "r.state = 'approved' AND EXISTS (SELECT FROM chama_members m WHERE m.chama_id = r.chama_id AND m.id = ANY(%s) "
        "AND NOT EXISTS (SELECT FROM announcements_heard h WHERE (h.request_id, h.member_id) = (r.id, m.id))) "
        "ORDER BY r.id LIMIT 1"
    )
)
_ENDED = SELECT.format(
    sql.SQL(
        "r.state IN ('rejected', 'failed', 'completed') AND r.chama_id = %s AND r.closed_at >= %s "
        "ORDER BY r.closed_at DESC, r.id DESC LIMIT 9"
    )
)
_LISTED = SELECT.format(
    sql.SQL(
        "(%(chama)s::bigint IS NULL OR r.chama_id = %(chama)s) AND (%(state)s::text IS NULL OR r.state = %(state)s) "
        "AND (%(before)s::bigint IS NULL OR r.id < %(before)s) ORDER BY r.id DESC LIMIT %(limit)s"
    )
)


def listed(
    conn: Connection,
    *,
    chama_id: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Request]:
    """Requests that fit what is given, newest first, with an id below `before`."""
    return read(conn, _LISTED, {"chama": chama_id, "state": state, "before": before, "limit": limit})


def waiting_for(conn: Connection, member_id: int) -> list[Request]:
    """Requests that wait for this member's yes or no, oldest first."""
    found = read(conn, _UNANSWERED, [member_id, member_id])
    everybody = voices_in(conn, found[0].chama_id) if found else []
    return [one for one in found if member_id in whose_yes(everybody, one)]


def announced_to(conn: Connection, member_ids: Sequence[int]) -> Request | None:
    """The oldest payout that is to leave a group of one of these members, and that she has not heard of."""
    return next(iter(read(conn, _ANNOUNCED, [list(member_ids)])), None)


def may_be_frozen(conn: Connection, chama_id: int) -> list[Request]:
    """Approved requests whose money has not left: any member but the receiver can still say stop."""
    return read(conn, _TO_FREEZE, [chama_id])


def with_mpesa(conn: Connection, chama_id: int) -> list[Request]:
    """Requests whose money is with M-PESA, outcome not known yet: nobody can stop them any more."""
    return read(conn, _UNDER_WAY, [chama_id])


def ended(conn: Connection, chama_id: int, *, since: datetime) -> list[Request]:
    """The newest requests that ended at or after `since` (UTC), sent or not, newest first."""
    return read(conn, _ENDED, [chama_id, since])


def of_payout(conn: Connection, payout_id: int) -> Request | None:
    """The request that a payout was made for; None for one that was ordered otherwise."""
    return next(iter(read(conn, _OF_PAYOUT, [payout_id])), None)


def said(conn: Connection, request: Request) -> Said:
    """What was said to the request as it is now."""
    return approvals.said(conn, Subject.DISBURSEMENT, request.id, request.digest)


def whose_yes(everybody: Sequence[Voice], request: Request) -> list[int]:
    """Members, by id, whose answer to this request counts."""
    return approvers(
        everybody,
        payee=request.payee_member_id,
        asker=request.asked_by,
        needed=request.needed,
        asked_at=request.asked_at,
    )


def users_asked(everybody: Sequence[Voice], request: Request) -> set[int]:
    """The same people by user id, as answers have them."""
    asked = set(whose_yes(everybody, request))
    return {one.user_id for one in everybody if one.member_id in asked}


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
