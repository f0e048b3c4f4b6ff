"""Requests for a group's money as people see them: what waits for whom, what is announced, who is asked. Reads only."""

from collections.abc import Sequence

from psycopg import sql
from psycopg.rows import class_row

from chamas import approvals
from chamas.approvals import Said, Subject
from chamas.approvers import SPEAKS, Voice, approvers
from chamas.disbursements import SELECT, Request, read
from chamas.refusals import UnknownMember
from ledger.wires import Connection

_OF_PAYOUT = SELECT.format(sql.SQL("r.payout_id = %s"))
_TO_FREEZE = SELECT.format(sql.SQL("r.state = 'approved' AND r.chama_id = %s ORDER BY r.id"))
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
    voices = members(conn, found[0].chama_id) if found else []
    return [one for one in found if member_id in whose_yes(voices, one)]


def announced_to(conn: Connection, member_ids: Sequence[int]) -> Request | None:
    """The oldest payout that is to leave a group of one of these members, and that she has not heard of."""
    return next(iter(read(conn, _ANNOUNCED, [list(member_ids)])), None)


def may_be_frozen(conn: Connection, chama_id: int) -> list[Request]:
    """Approved requests whose money has not left: any member but the receiver can still say stop."""
    return read(conn, _TO_FREEZE, [chama_id])


def members(conn: Connection, chama_id: int) -> list[Voice]:
    """Everybody in the group, by number."""
    with conn.cursor(row_factory=class_row(Voice)) as cursor:
        return cursor.execute(
            "SELECT m.id AS member_id, m.user_id, m.number, m.role, m.status, m.role_since, u.first_name AS name, "
            "EXISTS (SELECT FROM motions x WHERE x.member_id = m.id AND x.kind = 'exit' AND x.state = 'going' "
            "AND x.how <> 'after_turn') AS leaving "
            "FROM chama_members m JOIN users u ON u.id = m.user_id WHERE m.chama_id = %s ORDER BY m.number",
            [chama_id],
        ).fetchall()


def of_payout(conn: Connection, payout_id: int) -> Request | None:
    """The request that a payout was made for; None for one that was ordered otherwise."""
    return next(iter(read(conn, _OF_PAYOUT, [payout_id])), None)


def member_beside(conn: Connection, member_id: int, user_id: int) -> int | None:
    """As which member this person is in the group of that member; None when she is in it no more, or never was."""
    row = conn.execute(
        "SELECT h.id FROM chama_members m JOIN chama_members h ON h.chama_id = m.chama_id "
        "WHERE m.id = %s AND h.user_id = %s AND h.status = ANY(%s)",
        [member_id, user_id, list(SPEAKS)],
    ).fetchone()
    return row[0] if row else None


def member_in(conn: Connection, chama_id: int, user_id: int) -> int | None:
    """As which member this person speaks in this group; None when she does not."""
    return next((one.member_id for one in members(conn, chama_id) if one.user_id == user_id), None)


def by_number(conn: Connection, chama_id: int, number: int) -> Voice:
    """The member whose money it may become. Raises UnknownMember."""
    for one in members(conn, chama_id):
        if one.number == number and one.inside:
            return one
    raise UnknownMember


def said(conn: Connection, request: Request) -> Said:
    """What was said to the request as it is now."""
    return approvals.said(conn, Subject.DISBURSEMENT, request.id, request.digest)


def whose_yes(voices: Sequence[Voice], request: Request) -> list[int]:
    """Members, by id, whose answer to this request counts."""
    return approvers(
        voices,
        payee=request.payee_member_id,
        asker=request.asked_by,
        needed=request.needed,
        asked_at=request.asked_at,
    )


def users_asked(voices: Sequence[Voice], request: Request) -> set[int]:
    """The same people by user id, as answers have them."""
    asked = set(whose_yes(voices, request))
    return {one.user_id for one in voices if one.member_id in asked}
