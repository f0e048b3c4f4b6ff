"""The worker's part of paying out a group's money: counts what was said, has it held and sent, and tells everybody.

One request at a time, under its lock and in a transaction of its own, so that two answers at the same instant are
counted one after the other and lead to one payout. One that puzzles holds up nobody behind it. The payout's key is the
request: however often this runs, it is ordered once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chamas.approving import approvals
from chamas.approving.approvals import Said, Subject, Verdict
from chamas.approving.voices import voices_in
from chamas.dues import borrowing, pots
from chamas.payouts import banks, disbursements, limits, renewing
from chamas.payouts.disbursements import DisbursementState, Purpose, Request
from chamas.payouts.requested import users_asked, whose_yes
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import piecemeal
from ledger.books import open_account, page
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import payouts
from payments.payouts import Order, PayoutState
from payments.wires import Wires


class PaidAfterAll(Refusal):
    """It was asked for anew because M-PESA had said that it failed, and M-PESA has found since that it was paid."""

    code = "paid_after_all"
    status = 409
    words = "M-PESA paid the first one after all."


# What the money is for, as accounts of the group's book; a round's payee owes it to the others until all had theirs.
AT_BANK = "outside_mpesa"
FOR = {Purpose.WELFARE: "welfare_paid", Purpose.EXPENSE: "expenses"}

# Some statements each; the loop comes back at once while there is more.
AT_ONCE = 20
# What puzzles today may be put right by a person; nobody waits for it by the minute.
ASIDE_FOR = timedelta(minutes=10)

FOLLOWS = {
    PayoutState.PAID: DisbursementState.COMPLETED,
    PayoutState.FAILED_PROVEN: DisbursementState.FAILED,
    PayoutState.UNKNOWN: DisbursementState.UNCLEAR,
}


def follow_due(wires: Wires) -> int:
    """Does what the next requests need; returns how many it took. One that puzzles is set aside with its reason."""
    at = wires.now()
    return piecemeal.work_off(
        wires,
        lambda conn: disbursements.waiting(conn, at=at, limit=AT_ONCE),
        lambda conn, request_id: _work_on(conn, request_id, wires, at),
        partial(disbursements.set_aside, until=at + ASIDE_FOR),
    )


def _work_on(conn: Connection, request_id: int, wires: Wires, at: datetime) -> None:
    request = disbursements.lock_waiting(conn, request_id, at=at)
    if request is None:
        return
    if request.state is DisbursementState.PENDING:
        _count(conn, request, wires, at)
    elif request.state is DisbursementState.APPROVED:
        _let_go(conn, request, wires, at)
    else:
        _follow(conn, request, at)
    disbursements.set_aside(conn, request_id, None, until=None)


def _count(conn: Connection, request: Request, wires: Wires, at: datetime) -> None:
    """A pending request: one no of somebody who is asked pauses it, enough yes hold the money."""
    said = _said(conn, request, at)
    voices = voices_in(conn, request.chama_id)
    asked = users_asked(voices, request)
    verdict = said.verdict(asked, request.needed)
    if verdict is Verdict.REFUSED:
        _reject(conn, request, approvals.REASONS[said.why(asked) or 4], at)
    elif _frozen(request, said):
        _reject(conn, request, "frozen by members", at)
    elif verdict is Verdict.AGREED:
        _approve_in_savepoint(conn, request, wires, at)
    elif at >= request.expires_at:
        _reject(conn, request, "nobody answered in time", at)
    else:
        if said.nothing:
            _tell(conn, request, "payout_asked", set(whose_yes(voices, request)), at)
        disbursements.move(conn, request, request.state, at=at, due_at=request.expires_at)


def _said(conn: Connection, request: Request, at: datetime) -> Said:
    """What was said to exactly this request; from now on it counts as seen."""
    approvals.seen(conn, Subject.DISBURSEMENT, request.id, at=at)
    return approvals.said(conn, Subject.DISBURSEMENT, request.id, request.digest)


def _frozen(request: Request, said: Said) -> bool:
    return len(said.stop - {request.payee_user_id}) >= request.freezers


def _approve_in_savepoint(conn: Connection, request: Request, wires: Wires, at: datetime) -> None:
    """Orders the payout, whose money is held from now on; a refusal leaves nothing behind but its name."""
    not_before = at + timedelta(seconds=request.wait_seconds)
    try:
        with conn.transaction():
            if renewing.paid_before(conn, request.id):
                raise PaidAfterAll
            _require_pot(conn, request)
            if request.loan_months is not None:
                months, borrower = request.loan_months, request.payee_member_id
                borrowing.require(conn, borrower, request.amount_cents, months, at=at, besides=request.id)
            wanted = Order(
                key=f"disbursement:{request.id}",
                shortcode_id=request.shortcode_id,
                chama_id=request.chama_id,
                book_id=request.book_id,
                source_account_id=_source(conn, request),
                phone=request.phone,
                amount_cents=request.amount_cents,
                authorised_at=request.asked_at,
                member_id=request.payee_member_id if request.account is None else None,
                user_id=request.payee_user_id if request.account is None else None,
                account=request.account,
            )
            bands = wires.payout_bands
            if request.purpose is Purpose.BANK:
                banks.require(conn, request.chama_id, request.bank_order_id)
                # Exactly the charge that was agreed on.
                bands = [(request.amount_cents // 100, request.charge_cents)]
            payout = payouts.order(conn, wanted, at=at, chance=wires.chance, bands=bands)
    except Refusal as refusal:
        disbursements.move(conn, request, DisbursementState.FAILED, at=at, reason=refusal.code)
        _tell_officials(conn, request, "payout_failed", at, why=refusal.words)
        return
    disbursements.move(
        conn,
        request,
        DisbursementState.APPROVED,
        at=at,
        due_at=not_before,
        payout_id=payout.id,
        not_before=not_before,
    )
    # Everybody hears of it on her next dial (menus/screens/announced.py); from what amount on by SMS too is a rule.
    _, agreed = limits.in_force(conn, request.chama_id, request.asked_at)
    if request.amount_cents >= agreed.sms_from_cents:
        _tell_all(conn, request, "payout_coming", at)


def _receiver_changed(conn: Connection, request: Request) -> str | None:
    if request.purpose is not Purpose.BANK:
        return None if request.payee_phone == request.phone else "the receiver's number has changed"
    try:
        banks.require(conn, request.chama_id, request.bank_order_id)
    except banks.AnotherBank as refusal:
        return refusal.code
    return None


def _require_pot(conn: Connection, request: Request) -> None:
    """Money may have been taken back since it was asked for, and M-PESA may have paid an earlier one after all."""
    if request.round_id is not None:
        total_cents = request.amount_cents + request.charge_cents
        payee = request.payee_member_id
        pots.require(conn, request.round_id, total_cents, payee_member_id=payee, besides_cents=total_cents)


def _not_in_the_pot(conn: Connection, request: Request) -> str | None:
    try:
        _require_pot(conn, request)
    except pots.MoreThanThePot as refusal:
        return refusal.code
    return None


def _source(conn: Connection, request: Request) -> int:
    if request.purpose in FOR:
        return open_account(conn, book_id=request.book_id, code=FOR[request.purpose], kind="expense")
    if request.purpose is Purpose.BANK:
        return open_account(conn, book_id=request.book_id, code=AT_BANK, kind="asset")
    # What was lent is the group's claim; what a round paid is owed to the others, round by round.
    what = "loan" if request.purpose is Purpose.LOAN else "paid_out"
    return open_account(conn, book_id=request.book_id, code=f"{what}:{request.payee_member_id}", kind="asset")


def _let_go(conn: Connection, request: Request, wires: Wires, at: datetime) -> None:
    """An approved request: stopped by members, or let go when its time has come."""
    assert request.payout_id is not None and request.not_before is not None  # noqa: S101
    said = _said(conn, request, at)
    [payout] = payouts.by_ids(conn, [request.payout_id]).values()
    why = None
    if _frozen(request, said):
        why = "frozen by members"
    elif len(said.yes) < request.needed or payout.amount_cents != request.amount_cents:
        why = "not what was agreed on"
    elif changed := _receiver_changed(conn, request):
        why = changed
    elif renewing.paid_before(conn, request.id):
        why = PaidAfterAll.code
    else:
        why = _not_in_the_pot(conn, request)
    if payout.state is PayoutState.FAILED_PROVEN:
        disbursements.move(conn, request, DisbursementState.FAILED, at=at, reason="not sent in time")
    elif why is not None:
        payouts.withdraw(conn, payout.id, reason=why, at=at, chance=wires.chance)
        _reject(conn, request, why, at)
    elif at >= request.not_before:
        payouts.release(conn, payout.id, at=at)
        disbursements.move(conn, request, DisbursementState.SENDING, at=at)
    else:
        disbursements.move(conn, request, request.state, at=at, due_at=request.not_before)


def _follow(conn: Connection, request: Request, at: datetime) -> None:
    """A request whose payout has left: as far as that has come."""
    assert request.payout_id is not None  # noqa: S101
    [payout] = payouts.by_ids(conn, [request.payout_id]).values()
    to = FOLLOWS.get(payout.state, DisbursementState.SENDING)
    if to is request.state:
        return
    told = payouts.end_of(conn, payout.id)
    disbursements.move(conn, request, to, at=at, reason=told.reason if to is DisbursementState.FAILED else None)
    if to is DisbursementState.COMPLETED and told.end_seq is not None:
        entry = page(conn, request.book_id, told.end_seq)
        facts = {"receipt": told.receipt, "paid_at": (told.paid_at or at).isoformat(), "page": told.end_seq}
        _tell_all(conn, request, "payout_paid", at, **facts, words=entry.words if entry else "")
    elif to is DisbursementState.FAILED:
        _tell_officials(conn, request, "payout_failed", at, why=told.words)


def call_off_rounds(conn: Connection, chama_id: int, *, at: datetime) -> None:
    """The group ends: payouts of its rounds that nobody has agreed on yet are not asked for any more, so that what the
    calendar asks for keeps no group from ending. Everybody is told.
    """
    for (request_id,) in conn.execute(
        "SELECT id FROM disbursement_requests WHERE chama_id = %s AND round_id IS NOT NULL AND state = 'pending' "
        "ORDER BY id",
        [chama_id],
    ).fetchall():
        request = disbursements.lock(conn, request_id)
        if request.state is DisbursementState.PENDING:
            _reject(conn, request, "the chama has ended", at)


def _reject(conn: Connection, request: Request, reason: str, at: datetime) -> None:
    disbursements.move(conn, request, DisbursementState.REJECTED, at=at, reason=reason)
    words = {"frozen by members": "payout_stopped", **dict.fromkeys(approvals.REASONS.values(), "payout_refused")}
    _tell_all(conn, request, words.get(reason, "payout_rejected"), at)


def _tell_all(conn: Connection, request: Request, template: str, at: datetime, **more: Any) -> None:
    """Group money never leaves in silence: every member hears of it."""
    voices = voices_in(conn, request.chama_id)
    _tell(conn, request, template, {one.member_id for one in voices if one.inside}, at, **more)


def _tell_officials(conn: Connection, request: Request, template: str, at: datetime, **more: Any) -> None:
    voices = voices_in(conn, request.chama_id)
    asked = {request.asked_by, *(one.member_id for one in voices if one.inside and one.official)}
    _tell(conn, request, template, asked, at, **more)


def _tell(conn: Connection, request: Request, template: str, member_ids: set[int], at: datetime, **more: Any) -> None:
    arguments: Mapping[str, Any] = {
        "chama": request.chama_name,
        "name": request.payee_name,
        "amount_cents": request.amount_cents,
        "charge_cents": request.charge_cents,
        **more,
    }
    # Who was told of an earlier wording is told of this one too.
    wording = f":{request.revision}" if request.revision else ""
    people = conn.execute(
        "SELECT id, user_id FROM chama_members WHERE id = ANY(%s) ORDER BY id", [sorted(member_ids)]
    ).fetchall()
    notices.queue(
        conn,
        [
            Notice(f"{template}:{request.id}:{member_id}{wording}", template, user_id, request.chama_id, arguments)
            for member_id, user_id in people
        ],
        at=at,
    )
