"""Asking for money of a group, and answering: what may be asked, by whom, and whose answer counts.

Nothing moves here: rows are written, and the worker counts them (disbursing.py). The phone, the desk and programs call
`ask`, `ask_anew` and `vote`; what they show comes from requested.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chamas.approving import approvals
from chamas.approving.approvals import NotAsShown, NotYourVoice, Subject, Vote, Word
from chamas.approving.approvers import SPEAKS, TooFewApprovers, approvers
from chamas.approving.voices import voices_in
from chamas.dues import borrowing, pots, schedule
from chamas.members import pins
from chamas.members.register import OFFICIALS
from chamas.payouts import banks, disbursements, limits
from chamas.payouts.banks import Bank
from chamas.payouts.disbursements import DisbursementState, Purpose, Request, by_id
from chamas.payouts.requested import whose_yes
from chamas.rulebook import rule_sets
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import payouts, shortcodes
from payments.charges import TARIFF, Bands, Cost, cost
from payments.payouts import NotEnoughMoney, PayoutOutOfRange, TooLate
from payments.payouts.orders import LEAST_CENTS, MOST_CENTS

# The money is with M-PESA or was paid: a stop comes too late.
LEFT = (DisbursementState.SENDING, DisbursementState.UNCLEAR, DisbursementState.COMPLETED)


class MayNotAsk(Refusal):
    """Who asks is neither an official of the group nor the receiver, or the receiver is not in it."""

    code = "may_not_ask"
    status = 403
    words = "Only an official, or the member herself, can ask for this payout."


class AskedAlready(Refusal):
    """The same member, amount and purpose wait for their answers, or leave: whoever agreed to both would pay twice."""

    code = "asked_already"
    status = 409
    words = "The same payout is asked for already. Wait for its answer, or ask for another amount."


class NoBank(Refusal):
    """No bank account of the group is named, or the operator offers no transfers to one."""

    code = "no_bank"
    status = 409
    words = "The group has no bank account here. Two officials must name it first."


class NoPayoutPhone(Refusal):
    """The receiver has no number of her own."""

    code = "no_payout_phone"
    status = 409
    words = "This member has no phone number that M-PESA could pay."


def ask(
    conn: Connection,
    *,
    asker_member_id: int,
    payee_member_id: int,
    amount_cents: int,
    at: datetime,
    bands: Bands = TARIFF,
    round_id: int | None = None,
    purpose: Purpose = Purpose.WELFARE,
    wait: timedelta | None = None,
    renews: int | None = None,
    loan_months: int | None = None,
    bank: Bank | None = None,
) -> Request:
    """A request to pay this member of the same group; what it costs is in it, and the limits of the rules in force.

    One with a round is its payout, whatever `purpose` says; a loan is for who asks, for so many months. `wait` is the
    group's own when it is not said. `renews`: the request that failed or was stopped, asked for anew (renewing.py).

    Raises MayNotAsk, NoPayoutPhone, TooFewApprovers, PayoutOutOfRange, NotEnoughMoney, NotAsShown for what was renewed,
    AskedAlready; for a round MoreThanThePot, UniqueViolation while it is asked for; for a loan as borrowing.require.
    """
    chama_id, phone, book_id = _between(conn, asker_member_id, payee_member_id, bank)
    shortcode = shortcodes.of_chama(conn, chama_id)
    if shortcode is None:
        raise PayoutOutOfRange
    costs = _affordable(conn, amount_cents, book_id=book_id, shortcode=shortcode.number, bands=bands)
    if round_id is not None:
        pots.require(conn, round_id, costs.total_cents, payee_member_id=payee_member_id)
    if purpose is Purpose.LOAN:
        _require_loan(conn, asker_member_id, payee_member_id, amount_cents, loan_months, at=at)
    rule_set_id, agreed = limits.in_force(conn, chama_id, at)
    agreed = agreed if wait is None else replace(agreed, wait=wait)
    said = {
        "chama_id": chama_id,
        "shortcode_id": shortcode.id,
        "payee_member_id": payee_member_id,
        "asked_by": asker_member_id,
        "round_id": round_id,
        "purpose": Purpose.BANK if bank else purpose if round_id is None else Purpose.ROUND,
        "amount_cents": amount_cents,
        "charge_cents": costs.charge_cents,
        "asked_at": at,
        "expires_at": at + agreed.expires_after,
        "needed": agreed.needed,
        "wait_seconds": int(agreed.wait.total_seconds()),
        "freezers": agreed.freezers,
        "rule_set_id": rule_set_id,
        "revision": 0,
        "renews": renews,
        "loan_months": loan_months,
        "bank_order_id": bank.id if bank else None,
    }
    _require_new(conn, said)
    _require_others(conn, said)
    request_id = disbursements.add(conn, {**said, "digest": disbursements.digest_of(said), "phone": phone})
    if request_id is None:
        raise NotAsShown
    return by_id(conn, request_id)


def ask_to_bank(
    conn: Connection, *, asker_member_id: int, amount_cents: int, at: datetime, bands: Bands | None
) -> Request:
    """A request of an official to bring money of the group to its own bank account.

    Raises NoBank where none is named, or the operator offers no transfers (`bands` is None); and what `ask` does.
    """
    row = conn.execute("SELECT chama_id FROM chama_members WHERE id = %s", [asker_member_id]).fetchone()
    bank = banks.of_chama(conn, row[0]) if row else None
    if bank is None or bands is None:
        raise NoBank
    return ask(
        conn,
        asker_member_id=asker_member_id,
        payee_member_id=asker_member_id,
        amount_cents=amount_cents,
        at=at,
        bands=bands,
        bank=bank,
    )


def ask_anew(
    conn: Connection, request_id: int, *, asker_member_id: int, amount_cents: int, at: datetime, bands: Bands = TARIFF
) -> Request:
    """Who asked asks for another amount, or after a no for the same once more. Every answer given so far is void.

    Raises MayNotAsk, NotAsShown for what is agreed on or ended, PayoutOutOfRange, NotEnoughMoney, MoreThanThePot; for a
    loan what borrowing.require refuses.
    """
    try:
        request = disbursements.lock(conn, request_id)
    except LookupError:
        raise MayNotAsk from None
    if request.asked_by != asker_member_id:
        raise MayNotAsk
    if not (request.state is DisbursementState.PENDING or request.paused) or request.purpose is Purpose.BANK:
        raise NotAsShown
    number = shortcodes.by_id(conn, request.shortcode_id).number
    costs = _affordable(conn, amount_cents, book_id=request.book_id, shortcode=number, bands=bands)
    if request.round_id is not None:
        own = 0 if request.paused else request.amount_cents + request.charge_cents
        payee = request.payee_member_id
        pots.require(conn, request.round_id, costs.total_cents, payee_member_id=payee, besides_cents=own)
    if request.loan_months is not None:
        borrowing.require(conn, asker_member_id, amount_cents, request.loan_months, at=at, besides=request.id)
    disbursements.ask_anew(
        conn,
        request,
        amount_cents=amount_cents,
        charge_cents=costs.charge_cents,
        at=at,
        expires_at=at + (request.expires_at - request.asked_at),
    )
    return by_id(conn, request_id)


def _require_others(conn: Connection, said: Mapping[str, Any]) -> None:
    """There are enough who can say yes."""
    others = approvers(
        voices_in(conn, said["chama_id"]),
        payee=said["payee_member_id"],
        asker=said["asked_by"],
        needed=said["needed"],
        asked_at=said["asked_at"],
    )
    if len(others) < said["needed"]:
        raise TooFewApprovers


def _require_loan(conn: Connection, asker: int, payee: int, cents: int, months: int | None, *, at: datetime) -> None:
    """She asks for herself, and within what she may borrow."""
    if months is None or asker != payee:
        raise MayNotAsk
    borrowing.require(conn, payee, cents, months, at=at)


def interest_of(conn: Connection, request: Request) -> int:
    """What a loan that is asked for costs whoever is to have it, in cents; 0 for any other request."""
    if request.loan_months is None:
        return 0
    rules = next(one.rules for one in rule_sets.versions(conn, request.chama_id) if one.id == request.rule_set_id)
    return schedule.interest(request.amount_cents, rules.loan_tenths, request.loan_months)


def _between(conn: Connection, asker: int, payee: int, bank: Bank | None = None) -> tuple[int, str, int]:
    """The group of both, the number that is paid, and the group's book. Raises MayNotAsk, NoPayoutPhone."""
    row = conn.execute(
        "SELECT a.chama_id, a.role, a.status, p.status, u.phone, c.book_id FROM chama_members a "
        "JOIN chama_members p ON p.chama_id = a.chama_id JOIN users u ON u.id = p.user_id "
        "JOIN chamas c ON c.id = a.chama_id WHERE a.id = %s AND p.id = %s AND c.status = 'active'",
        [asker, payee],
    ).fetchone()
    if row is None or row[2] not in SPEAKS or row[3] not in SPEAKS:
        raise MayNotAsk
    chama_id, role, _, _, phone, book_id = row
    if role not in OFFICIALS and (asker != payee or bank):
        raise MayNotAsk
    if phone is None and bank is None:
        raise NoPayoutPhone
    return chama_id, bank.paybill if bank else phone, book_id


def _affordable(conn: Connection, amount_cents: int, *, book_id: int, shortcode: str, bands: Bands) -> Cost:
    if amount_cents % 100 or not LEAST_CENTS <= amount_cents <= MOST_CENTS:
        raise PayoutOutOfRange
    costs = cost(amount_cents, bands)
    if payouts.spendable(conn, book_id, shortcode) < costs.total_cents:
        raise NotEnoughMoney
    return costs


def vote(conn: Connection, request_id: int, word: Word) -> Request:
    """A member's answer to what she was shown: yes, no, or that it be stopped. The same answer twice is one.

    Raises NotYourVoice, NotAsShown, TooLate for a stop to what has left; PinTooNew for a yes.
    """
    request = by_id(conn, request_id)
    voices = voices_in(conn, request.chama_id)
    her = next((one for one in voices if one.user_id == word.user_id), None)
    if her is None:
        raise NotYourVoice
    if word.vote is Vote.FREEZE:
        may = her.inside and her.member_id != request.payee_member_id
        if may and request.state in LEFT:
            raise TooLate
        open_to_it = request.state in (DisbursementState.PENDING, DisbursementState.APPROVED)
    else:
        may, open_to_it = her.member_id in whose_yes(voices, request), request.state is DisbursementState.PENDING
    word.demand_heard(counts=may, waits=open_to_it, digest=request.digest)
    if word.vote is Vote.APPROVE:
        pins.demand_decides(conn, her.user_id, at=word.at)
    approvals.add(conn, Subject.DISBURSEMENT, request.id, word, her.member_id)
    return request


def _require_new(conn: Connection, said: Mapping[str, Any]) -> None:
    """The same is not asked for already. Two who ask at the same instant wait for one another here."""
    if said["round_id"] is not None or said["renews"] is not None:
        return
    # To the group's bank it is the same whoever asks.
    whither = said["bank_order_id"] or said["payee_member_id"]
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('payout:' || %s::bigint, 0))", [whither])
    row = conn.execute(
        "SELECT FROM disbursement_requests WHERE (payee_member_id = %(payee_member_id)s "
        "OR bank_order_id = %(bank_order_id)s) AND round_id IS NULL "
        "AND (purpose, amount_cents) = (%(purpose)s, %(amount_cents)s) "
        "AND state IN ('pending', 'approved', 'sending', 'unclear')",
        said,
    ).fetchone()
    if row is not None:
        raise AskedAlready
