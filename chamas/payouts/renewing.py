"""Requests that failed or were stopped, and asking for them anew: once, as a request of its own with its own answers.

After a no only who asked asks anew, the same request in another wording (asking.ask_anew). Whatever ended otherwise
(M-PESA could not send it, members stopped it, nobody answered) is another request, of an official or of its receiver,
that names the one it renews: so two officials at the same instant ask once. Should Safaricom find out after all that
an earlier one was paid, none that renews it is sent (disbursing.py). Rounds ask for their payouts themselves
(round_payouts.py).
"""

from datetime import datetime, timedelta

from psycopg import sql

from chamas.approving.approvals import NotAsShown
from chamas.payouts import asking, disbursements
from chamas.payouts.asking import MayNotAsk
from chamas.payouts.disbursements import SELECT, DisbursementState, Request, read
from ledger.wires import Connection
from payments import payouts
from payments.charges import Bands

# What nobody missed for a month is not asked for by pressing a key: it is asked for as something new.
FOR = timedelta(days=30)

_STOPPED = SELECT.format(
    sql.SQL(
        "r.chama_id = %s AND r.round_id IS NULL AND r.purpose <> 'bank' AND r.state IN ('rejected', 'failed') "
        "AND r.closed_at >= %s "
        "AND NOT EXISTS (SELECT FROM disbursement_requests n WHERE n.renews = r.id) ORDER BY r.id"
    )
)


def stopped(conn: Connection, chama_id: int, *, by_member_id: int, official: bool, at: datetime) -> list[Request]:
    """What this member may ask for anew, oldest first: officials whatever failed, others what was to be hers."""
    found = read(conn, _STOPPED, [chama_id, at - FOR])
    return [one for one in found if _may(one, by_member_id, official=official)]


def _may(one: Request, member_id: int, *, official: bool) -> bool:
    if one.paused:
        return one.asked_by == member_id
    return (official and one.loan_months is None) or one.payee_member_id == member_id


def why(conn: Connection, one: Request) -> str | None:
    """Why M-PESA did not send it, as an English msgid; None for what people stopped."""
    if one.state is not DisbursementState.FAILED or one.payout_id is None:
        return None
    return payouts.end_of(conn, one.payout_id).words


def renew(conn: Connection, request_id: int, *, by_member_id: int, at: datetime, bands: Bands) -> Request:
    """Asks for the same once more. Raises NotAsShown for what somebody else has asked for anew, or that was paid after
    all; and what asking refuses.
    """
    try:
        one = disbursements.by_id(conn, request_id)
    except LookupError:
        raise MayNotAsk from None
    if one.paused:
        return asking.ask_anew(
            conn, one.id, asker_member_id=by_member_id, amount_cents=one.amount_cents, at=at, bands=bands
        )
    if one.state not in (DisbursementState.REJECTED, DisbursementState.FAILED) or one.round_id is not None:
        raise NotAsShown
    return asking.ask(
        conn,
        asker_member_id=by_member_id,
        payee_member_id=one.payee_member_id,
        amount_cents=one.amount_cents,
        purpose=one.purpose,
        at=at,
        bands=bands,
        renews=one.id,
        loan_months=one.loan_months,
    )


def paid_before(conn: Connection, request_id: int) -> bool:
    """Whether M-PESA has paid one that this request renews, however many were asked for in between. The payout knows it
    before the request does.
    """
    [(paid,)] = conn.execute(
        "WITH RECURSIVE earlier AS (SELECT renews AS id FROM disbursement_requests WHERE id = %s UNION "
        "SELECT r.renews FROM disbursement_requests r JOIN earlier e ON r.id = e.id) "
        "SELECT EXISTS (SELECT FROM disbursement_requests r JOIN earlier e ON r.id = e.id "
        "LEFT JOIN payouts o ON o.id = r.payout_id WHERE r.state = 'completed' OR o.state = 'paid')",
        [request_id],
    ).fetchall()
    return bool(paid)
