"""Whether to believe a fact about a payout, and what follows from it. Pure: rows in, judgement out.

A body is about the call whose token it came with; nobody else knows that token. It proves a payment only if it binds:
not another payout's names, our receiver or a hidden one, the amount that was ordered, a receipt that nobody has. What a
result says otherwise is asked about; what Transaction Status says of another amount is what happened, and is booked.

A failure proves that nothing was paid only when no other request of the same payout may have been executed; else it is
one more thing to ask about.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from payments.evidence.store import Verdict
from payments.payouts.calls import Call
from payments.payouts.reading import Fact
from payments.payouts.rows import Payout, Proven
from payments.payouts.states import ENDED, PayoutState, merge

# Receipts that are known, with the payout of each; 0: money that came in has it.
Holders = Mapping[str, int]


@dataclass(frozen=True)
class Judgement:
    """What to do: `to` moves `payout`; `proven` is booked, with the charge that was told. `asks`: ask now.

    `stops` is the code that closes the shortcode's gate, `answered` says that its initiator is good.
    """

    verdict: Verdict
    reason: str | None = None
    payout: Payout | None = None
    to: PayoutState | None = None
    fact: Fact | None = None
    proven: Proven | None = None
    asks: bool = False
    stops: str | None = None
    answered: bool = False
    not_found: bool = False


def judge(fact: Fact, call: Call | None, payout: Payout | None, holders: Holders) -> Judgement:
    """What one readable body says about the payout of its call."""
    if call is None or payout is None:
        return Judgement(Verdict.UNMATCHED, "its token is not one of ours", fact=fact)
    if fact.refused is not None and fact.proposes is None:
        return Judgement(Verdict.APPLIED, fact.reason, payout, fact=fact, stops=fact.refused)
    complaint = _does_not_bind(fact, payout)
    if complaint:
        return Judgement(Verdict.REFUSED, complaint, payout, fact=fact, asks=payout.state not in ENDED)
    if fact.paid is not None:
        return _judge_paid(fact, payout, holders)
    return _judge_unpaid(fact, call, payout)


def _judge_paid(fact: Fact, payout: Payout, holders: Holders) -> Judgement:
    assert fact.paid is not None  # noqa: S101
    paid = fact.paid
    if paid.receipt in holders:
        if holders[paid.receipt] == payout.id:
            return Judgement(Verdict.REPEATED, None, payout, fact=fact, answered=True)
        return Judgement(Verdict.CONFLICT, "the receipt is another payment's", payout, fact=fact)
    if payout.state is PayoutState.PAID:
        return Judgement(Verdict.CONFLICT, "paid before, another receipt", payout, fact=fact)
    if paid.amount_cents != payout.amount_cents and not fact.final:
        return Judgement(Verdict.REFUSED, "another amount", payout, fact=fact, asks=True, answered=True)
    reason = "another amount was paid" if paid.amount_cents != payout.amount_cents else None
    if payout.state is PayoutState.FAILED_PROVEN:
        reason = "known to have failed before"
    proven = Proven(paid.receipt, paid.amount_cents, paid.paid_at, paid.name)
    return Judgement(Verdict.APPLIED, reason, payout, PayoutState.PAID, fact, proven=proven, answered=True)


def _judge_unpaid(fact: Fact, call: Call, payout: Payout) -> Judgement:
    proposes = fact.proposes
    if proposes is PayoutState.FAILED_PROVEN and call.doubtful and not fact.final:
        proposes = PayoutState.UNKNOWN
    answered = bool(fact.code) and fact.refused is None
    if payout.state in ENDED:
        verdict = Verdict.REPEATED if proposes is payout.state else Verdict.LATE
        return Judgement(verdict, fact.reason, payout, fact=fact, stops=fact.refused, answered=answered)
    return Judgement(
        Verdict.APPLIED,
        fact.reason,
        payout,
        merge(payout.state, proposes) if proposes else None,
        fact,
        asks=proposes is PayoutState.UNKNOWN,
        stops=fact.refused,
        answered=answered,
        not_found=fact.no_such,
    )


def known_by_line(payout: Payout) -> bool:
    """Nothing binds it but whom and how much: its answer was lost, and a line of the statement looks like it."""
    return payout.found_as is not None and payout.known_as is None


def _does_not_bind(fact: Fact, payout: Payout) -> str | None:
    """Why the fact is not about this payout; None when it is.

    Safaricom's sample result does not repeat our own name, so a name that is not ours tells against it only when theirs
    differs too. A transfer to a bank has Daraja's name, once it was told.
    """
    own = payout.known_as
    named = fact.originator is not None and own is not None and fact.originator != own
    known = None not in (fact.conversation_id, payout.conversation_id)
    if named and known and fact.conversation_id != payout.conversation_id:
        return "the ids are another payout's"
    if fact.paid is not None and fact.paid.phone is not None and fact.paid.phone != payout.phone:
        return "another receiver"
    if (
        fact.paid is not None
        and known_by_line(payout)
        and (fact.paid.phone, fact.paid.amount_cents)
        != (
            payout.phone,
            payout.amount_cents,
        )
    ):
        return "the line of the statement is another transfer's"
    return None
