"""What M-PESA took for payouts of a day, held against what our books took for them. Pure.

Two sources say it: a statement, charge by charge; and the account of charges, whose balance stands in the result of
each payout, and in each answer about balances, and falls by every charge. Where a payout's result never came, the next
balance holds its charge too. M-PESA collects the account at times: then it rises, and the chain begins anew.

Charges leave an account of their own, so none of this explains what the utility account holds, and a certificate whose
payments all matched stays matched: a difference of charges is a line and an alarm of its own. It is never booked by
itself. Which of the two is wrong, our tariff or M-PESA's, and whose the difference then is, only people can say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from ledger.money import print_kes
from payments.charges_told import Booked, Told
from payments.reconciliation.balance_chain import CONCURRENT
from payments.reconciliation.comparison import CHARGE_CODES, Compared, Difference, Result


@dataclass(frozen=True)
class Charges:
    """All that is known of a day [begins, ends), UTC. `booked` and `told` reach back before it, to the last balance
    there, and on to the first one after it. A balance of an answer is of no payout: its receipt is empty.
    """

    begins: datetime
    ends: datetime
    booked: Sequence[Booked]
    told: Sequence[Told]


def with_charges(found: Result, day: Charges) -> Result:
    """The day's result with the comparison of its charges; the same where nothing was charged and nothing told."""
    own = [one for one in day.booked if day.begins <= one.at < day.ends]
    lines = {
        one.receipt: one.charge_cents or 0
        for one in day.told
        if one.source == "statement" and day.begins <= one.at < day.ends
    }
    if not lines and not any(one.charge_cents for one in own):
        return found
    # A payout that the books do not know at all is named already, its charge and all.
    named = {one.receipt for one in found.differences if one.code == "out_not_booked"}
    apart = [one for one in _by_statement(own, lines, day) if one.receipt not in named]
    in_chain, chained = _by_account(day, told_of=lines)
    apart += chained
    apart.sort(key=lambda one: (one.at, one.receipt or ""))
    assert all(one.code in CHARGE_CODES for one in apart)  # noqa: S101
    return replace(
        found,
        compared=(*found.compared, _compared(own, lines, in_chain, apart)),
        differences=tuple(sorted([*found.differences, *apart], key=lambda one: (one.at, one.receipt or ""))),
    )


def _by_statement(own: Sequence[Booked], lines: dict[str, int], day: Charges) -> Iterator[Difference]:
    """A statement without any charge may be one that lists none: its silence says nothing then."""
    for one in own:
        theirs = lines.get(one.receipt, 0)
        if lines and theirs != one.charge_cents:
            yield _apart([one], theirs, "the statement")
    known = {one.receipt for one in day.booked}
    for told in day.told:
        if told.receipt in lines and told.source == "statement" and told.receipt not in known:
            words = f"{told.receipt}: KES {print_kes(lines[told.receipt])} were charged by the statement, for no payout"
            yield Difference(
                "charge_not_booked", told.receipt, lines[told.receipt], 0, told.at, f"{words} of the books"
            )


def _by_account(day: Charges, *, told_of: dict[str, int]) -> tuple[set[str], list[Difference]]:
    """The payouts of the day that the chain says something of, and what differs by it and stands in no statement."""
    links = _ordered([one for one in day.told if one.source == "result"])
    linked = {one.receipt for one in links}
    said: set[str] = set()
    found = []
    for before, link in pairwise(links):
        taken = (before.balance_cents or 0) - (link.balance_cents or 0)
        between = [
            one
            for one in day.booked
            if one.receipt == link.receipt or (one.receipt not in linked and before.at < one.at <= link.at)
        ]
        if taken < 0 or not between or not day.begins <= between[-1].at < day.ends:
            continue
        said |= {one.receipt for one in between}
        unlisted = not told_of or all(one.receipt not in told_of for one in between)
        if unlisted and taken != sum(one.charge_cents for one in between):
            found.append(_apart(between, taken, "M-PESA's account of charges"))
    return said, found


def _ordered(links: Sequence[Told]) -> list[Told]:
    """By time; of the same moments the balance says which came first, because each charge lowers it."""
    ordered: list[Told] = []
    near: list[Told] = []
    for link in sorted(links, key=lambda one: one.at):
        if near and link.at > near[-1].at + CONCURRENT:
            ordered += _falling(near)
            near = []
        near.append(link)
    return ordered + _falling(near)


def _falling(near: Sequence[Told]) -> list[Told]:
    return sorted(near, key=lambda one: -(one.balance_cents or 0))


def _apart(of: Sequence[Booked], theirs_cents: int, who: str) -> Difference:
    ours_cents = sum(one.charge_cents for one in of)
    named = " and ".join(one.receipt for one in of)
    words = f"{named}: KES {print_kes(ours_cents)} charged by the books, KES {print_kes(theirs_cents)} by {who}"
    return Difference("charge_differs", of[-1].receipt, abs(theirs_cents - ours_cents), 0, of[-1].at, words)


def _compared(
    own: Sequence[Booked], lines: dict[str, int], in_chain: set[str], apart: Sequence[Difference]
) -> Compared:
    ours_cents = sum(one.charge_cents for one in own)
    told = [one for one in own if lines or one.receipt in in_chain]
    if lines:
        said = f"KES {print_kes(ours_cents)} by the books, KES {print_kes(sum(lines.values()))} by the statement"
    else:
        said = "by M-PESA's account of charges, for which the results of payouts say it"
    if apart:
        return Compared("charges", "differs", len(own), ours_cents, said)
    if len(told) < len(own):
        said = f"nobody said what M-PESA took for {len(own) - len(told)} of {len(own)} payouts"
        return Compared("charges", "not_compared", len(own), ours_cents, said)
    return Compared("charges", "matched", len(own), ours_cents, said)
