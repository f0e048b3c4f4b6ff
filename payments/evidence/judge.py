"""Whether to believe a fact, and what follows from it. Pure: rows in, judgement out.

A callback proves money only if everything binds: the token is that of an attempt, the ids are its own, the amount is
the one that was asked for, the payer is the phone that was prompted (or hidden), and the receipt is nobody else's.
Anything less credits nothing and stays visible with its reason. But the receipt that it names may be real money:
Safaricom itself is asked about it, and what that answer proves is booked, to suspense if it is nobody's.

A paybill's confirmation comes under the secret that we registered, and is Safaricom's own word: its money is always
booked. A push that is paid sets off one as well, with our account reference as the account: whichever comes first
proves the payment, and the other finds its receipt proved.

It is not nobody's while a payment that it fits still waits: else whoever reads a receipt number over a member's
shoulder could name it here first and send her money into suspense.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from payments.attempts import Attempt
from payments.evidence.store import Verdict
from payments.inquiries import Inquiry
from payments.paybill import Sent
from payments.reading import Fact, Money
from payments.states import EXPECTING, FAILED, AttemptState, merge
from payments.witnesses import AWAITS, NOBODY_CAME, Wanted, Witness

SUCCESS = frozenset({AttemptState.PROVEN, AttemptState.PAID_OTHERWISE, AttemptState.PAID})
# Safaricom has said that the money asked for did not come.
NOT_THIS = FAILED | {AttemptState.PAID_OTHERWISE}

# A push's own callback comes within seconds of the confirmation; after this its money is whose the notice says.
TWIN_WITHIN = timedelta(minutes=3)

# How often an answer about money is looked at anew while a payment that it fits waits, and what is said of it.
JUDGED_AGAIN = timedelta(minutes=30)
STILL_WAITS = "a payment that it fits still waits"
WRONG_AMOUNT = "wrong amount"

# Receipts that are proved already, with the attempt of each; None: money that belongs to nobody yet.
Holders = Mapping[str, int | None]


@dataclass(frozen=True)
class Judgement:
    """What to do: `to` moves `attempt`; `money` becomes a receipt, of `owner` or, for `reason`, of nobody.

    `named` is the receipt that was spoken of, `ask_about` one to ask Safaricom about, `closes` an inquiry's id;
    `parks` is that of one which Safaricom does not let us ask.
    After `wait` the row is judged again.
    """

    verdict: Verdict
    reason: str | None = None
    attempt: Attempt | None = None
    to: AttemptState | None = None
    code: str | None = None
    money: Money | None = None
    owner: Attempt | None = None
    named: str | None = None
    ask_about: str | None = None
    closes: int | None = None
    parks: int | None = None
    wait: timedelta | None = None


def judge_push(fact: Fact, attempt: Attempt | None, holders: Holders, second: Wanted | None = None) -> Judgement:
    """A callback or a query answer, about the attempt whose token it came with; `second` is who else must say so."""
    money = fact.money
    named = money.receipt if money else None
    if attempt is None:
        return Judgement(Verdict.UNMATCHED, "its token is not one of ours", named=named, ask_about=named)
    complaint = _does_not_bind(fact, attempt)
    if complaint:
        return Judgement(Verdict.REFUSED, complaint, attempt, named=named, ask_about=named)
    if money is None:
        return _judge_without_money(fact, attempt)
    return _judge_money(fact, money, attempt, holders, second)


def _judge_money(fact: Fact, money: Money, attempt: Attempt, holders: Holders, second: Wanted | None) -> Judgement:
    named = money.receipt
    if named in holders:
        if holders[named] == attempt.id:
            return Judgement(Verdict.REPEATED, None, attempt, named=named)
        held = "lies in suspense" if holders[named] is None else "is another payment's"
        return Judgement(Verdict.CONFLICT, f"the receipt {held}", attempt, named=named, ask_about=named)
    if attempt.state is AttemptState.PAID:
        return Judgement(Verdict.CONFLICT, "paid before, another receipt", attempt, named=named, ask_about=named)
    # A query that says it was paid makes an attempt proven; a notice or a status result would have made it paid.
    if second is not None and not (second.witness is Witness.QUERY and attempt.state is AttemptState.PROVEN):
        return _awaits(second, attempt, named)
    # Safaricom has said no before: it is asked whether that money is real, and what it answers is held against it.
    contradicts = attempt.state in NOT_THIS
    return Judgement(
        Verdict.APPLIED,
        f"known to be {attempt.state} before" if contradicts else None,
        attempt,
        AttemptState.PAID,
        fact.code,
        money=money,
        owner=attempt,
        named=named,
        ask_about=named if contradicts else None,
    )


def _awaits(second: Wanted, attempt: Attempt, named: str) -> Judgement:
    """Everything binds, and nobody else has said so yet: it is asked for, and read again."""
    if second.wait is None:
        return Judgement(Verdict.REFUSED, NOBODY_CAME, attempt, named=named, ask_about=named)
    return Judgement(Verdict.UNREAD, AWAITS, attempt, named=named, ask_about=named, wait=second.wait)


def _judge_without_money(fact: Fact, attempt: Attempt) -> Judgement:
    to = merge(attempt.state, fact.proposes)
    if to is not attempt.state:
        return Judgement(Verdict.APPLIED, fact.reason, attempt, to, fact.code)
    if fact.proposes is AttemptState.UNCLEAR:
        return Judgement(Verdict.APPLIED, fact.reason or f"code {fact.code} proves nothing", attempt)
    if fact.proposes is attempt.state or (fact.proposes in SUCCESS and attempt.state in SUCCESS):
        return Judgement(Verdict.REPEATED, fact.reason, attempt)
    return Judgement(Verdict.LATE, f"known to be {attempt.state}", attempt)


def _does_not_bind(fact: Fact, attempt: Attempt) -> str | None:
    """Why the fact is not about this attempt; None when it is."""
    theirs, ours = fact.checkout_request_id, attempt.checkout_request_id
    if theirs is not None and ours is not None and theirs != ours:
        return "the ids are another push's"
    return None if fact.money is None else _not_its_money(fact.money, attempt)


def _not_its_money(money: Money, attempt: Attempt) -> str | None:
    if money.amount_cents != attempt.amount_cents:
        return WRONG_AMOUNT
    if money.phone is not None and money.phone != attempt.phone:
        return "wrong payer"
    return None


def judge_status(
    fact: Fact,
    inquiry: Inquiry | None,
    by_id: Mapping[int, Attempt],
    by_request: Mapping[str, Attempt],
    holders: Holders,
    *,
    expecting: Sequence[Attempt],
    awaited: Collection[tuple[int, str]] = (),
) -> Judgement:
    """A Transaction Status result. It is Safaricom's own word, so its money is booked, to an attempt or to suspense.

    `expecting` are payments that the money fits without naming them: it waits until they settle.
    `awaited` are attempts with the receipts that were told of them by somebody whom everything bound: this is the
    second witness.
    """
    money = fact.money
    if inquiry is None:
        return Judgement(Verdict.UNMATCHED, "its token is not one of ours", named=money.receipt if money else None)
    asked_for = by_id.get(inquiry.attempt_id or 0)
    if money is None:
        return Judgement(Verdict.APPLIED, fact.reason, asked_for, parks=inquiry.id if fact.refused else None)
    if inquiry.receipt is not None and inquiry.receipt != money.receipt:
        return Judgement(Verdict.REFUSED, "another receipt than the one asked about", asked_for, named=money.receipt)
    if money.receipt in holders:
        return _judge_proved(money, inquiry, asked_for, holders)
    # The request id in the answer is the best witness of whose money it is. The attempt that was asked about comes
    # next, unless only a refused callback linked it with this receipt.
    attempt = by_request.get(fact.merchant_request_id or "")
    if attempt is None and asked_for and (inquiry.receipt is None or (asked_for.id, money.receipt) in awaited):
        attempt = asked_for
    if attempt is None:
        return _judge_unnamed(money, inquiry, asked_for, expecting)
    reason = _why_not_its(money, attempt)
    fits = reason is None
    return Judgement(
        Verdict.APPLIED,
        reason,
        attempt,
        AttemptState.PAID if fits else None,
        fact.code if fits else None,
        money=money,
        owner=attempt if fits else None,
        named=money.receipt,
        closes=inquiry.id,
    )


def _judge_proved(money: Money, inquiry: Inquiry, asked_for: Attempt | None, holders: Holders) -> Judgement:
    """Safaricom's word about a receipt that is booked: it says so too, or what was booked is not what happened."""
    held = asked_for is not None and holders[money.receipt] == asked_for.id
    against = _not_its_money(money, asked_for) if asked_for is not None and held else None
    verdict = Verdict.CONFLICT if against else Verdict.REPEATED
    reason = f"booked already, and Safaricom says: {against}" if against else "proved already"
    return Judgement(verdict, reason, asked_for, named=money.receipt, closes=inquiry.id)


def _judge_unnamed(
    money: Money, inquiry: Inquiry, asked_for: Attempt | None, expecting: Sequence[Attempt]
) -> Judgement:
    """Money of a receipt that somebody named, with nothing in the answer that says whose it is.

    While a payment waits that it fits, the answer waits too. Safaricom has said what it knows: it is not asked again,
    and the money is booked in the end even if nothing is heard of Safaricom any more.
    """
    if any(one.state in EXPECTING for one in expecting):
        return Judgement(
            Verdict.UNREAD, STILL_WAITS, asked_for, named=money.receipt, closes=inquiry.id, wait=JUDGED_AGAIN
        )
    reason = (asked_for and _not_its_money(money, asked_for)) or "no payment waits for it"
    return Judgement(Verdict.APPLIED, reason, asked_for, money=money, named=money.receipt, closes=inquiry.id)


def _why_not_its(money: Money, attempt: Attempt) -> str | None:
    return "paid twice" if attempt.state is AttemptState.PAID else _not_its_money(money, attempt)


def judge_paybill(
    sent: Sent,
    shortcode_id: int | None,
    attempt: Attempt | None,
    holders: Holders,
    *,
    expecting: Sequence[Attempt],
    second: Wanted | None = None,
) -> Judgement:
    """A confirmation under our secret. `attempt` is the one whose reference was typed, or sent with a push.

    `expecting` are payments that the money fits though its account names none: their own callback is awaited. `second`
    is who else must say so; money that was told under our secret is booked in the end whoever came.
    """
    money = sent.money
    if shortcode_id is None:
        return Judgement(Verdict.REFUSED, "for a shortcode that is not ours", named=money.receipt)
    if money.receipt in holders:
        own = attempt if attempt is not None and holders[money.receipt] == attempt.id else None
        return Judgement(Verdict.REPEATED, "proved already", own, named=money.receipt)
    if attempt is not None and _answers(sent, shortcode_id, attempt):
        if second is not None and second.witness is Witness.STATUS and second.wait is not None:
            return _awaits(second, attempt, money.receipt)
        known = f"known to be {attempt.state} before" if attempt.state in NOT_THIS else None
        return Judgement(
            Verdict.APPLIED, known, attempt, AttemptState.PAID, "0", money=money, owner=attempt, named=money.receipt
        )
    if any(one.state in EXPECTING and _answers(sent, shortcode_id, one) for one in expecting):
        return Judgement(Verdict.UNREAD, STILL_WAITS, named=money.receipt, wait=TWIN_WITHIN)
    # With another amount or from another phone, or once more, the reference was typed by hand: it says whose it is.
    return Judgement(Verdict.APPLIED, None, attempt, money=money, named=money.receipt)


def _answers(sent: Sent, shortcode_id: int, attempt: Attempt) -> bool:
    """Whether this money is what the attempt's prompt asked for."""
    return (
        attempt.state is not AttemptState.PAID
        and attempt.shortcode_id == shortcode_id
        and attempt.amount_cents == sent.money.amount_cents
        and sent.payer.may_be(attempt.phone)
    )
