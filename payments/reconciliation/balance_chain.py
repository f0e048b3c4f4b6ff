"""Gaps in the chain of balances that confirmations tell: what each holds must follow from the one before. Pure.

A confirmation says what the utility account held after its payment. So between two of them everything else that moved
adds up to a number that is known without asking anybody; when what we know of does not add up to it, something moved
that nobody told us.

Payments of the same moments are confirmed in any order, and their times have seconds only. So within CONCURRENT the
chain itself says which came first, and what is known to have moved at the edge of a span may belong to either side;
also what moved around the start, which the start's own balance may hold already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from payments.movements import Movement

# M-PESA books in parallel; how far order and times may disagree is not verified, and in ten seconds little happens.
CONCURRENT = timedelta(seconds=10)
# Of what stands at an edge so many are tried in all ways: more at once would be thousands of ways.
TRIED_AT_MOST = 10


@dataclass(frozen=True)
class Link:
    """A payment and what the account held after it; `before_cents` what it held before."""

    receipt: str
    amount_cents: int
    at: datetime
    after_cents: int

    @property
    def before_cents(self) -> int:
        return self.after_cents - self.amount_cents


@dataclass(frozen=True)
class Gap:
    """Between two links `cents` came in (above zero) or went out (below) that nobody told. `after` None: the start."""

    after: str | None
    before: str
    from_at: datetime | None
    to_at: datetime
    cents: int


def gaps(links: Sequence[Link], others: Sequence[Movement], start: Link | None) -> list[Gap]:
    """What is missing between the links, in order of time. `others` are known movements that no link tells.

    Without a `start` nothing is said about what was before the first link.
    """
    left = sorted(links, key=lambda link: (link.at, link.after_cents))
    waiting = sorted(others, key=lambda one: one.at)
    held = start
    found = []
    while left:
        near = [link for link in left if link.at <= left[0].at + CONCURRENT]
        since = start.at if start is not None and held is start else None
        link, used = _following(held, near, waiting, since)
        if used is None:
            link = near[0]
            used = next(_ways(waiting, link.at, since))
            cents = link.before_cents - (held.after_cents if held else link.before_cents)
            cents -= sum(one.signed_cents for one in used) if held else 0
            found.append(Gap(held.receipt if held else None, link.receipt, held.at if held else None, link.at, cents))
        left.remove(link)
        waiting = [one for one in waiting if one not in used and not _over(one, link.at, since)]
        held = link
    return [gap for gap in found if gap.cents]


def _following(
    held: Link | None, near: Sequence[Link], waiting: Sequence[Movement], since: datetime | None
) -> tuple[Link, list[Movement] | None]:
    """The link that follows from what was held, with what moved in between; None when none of them does."""
    for link in near:
        if held is None:
            # Whatever was before the first link made it what it is.
            return link, [one for one in waiting if one.at <= link.at]
        for used in _ways(waiting, link.at, since):
            if held.after_cents + sum(one.signed_cents for one in used) == link.before_cents:
                return link, used
    return near[0], None


def _over(one: Movement, at: datetime, since: datetime | None) -> bool:
    """Whether what did not move between the start (at `since`) and the first link was before the start, then."""
    return since is not None and one.at < since + CONCURRENT and one.at < at - CONCURRENT


def _ways(waiting: Sequence[Movement], at: datetime, since: datetime | None = None) -> Iterator[list[Movement]]:
    """What may have moved before a link: all that is surely earlier, with any part of what stands at an edge.

    The other edge is that of the start, at `since`.
    """
    edge = [
        one
        for one in waiting
        if at - CONCURRENT <= one.at <= at + CONCURRENT or (since is not None and one.at < since + CONCURRENT)
    ]
    sure = [one for one in waiting if one.at < at - CONCURRENT and one not in edge]
    likely = [one for one in edge if one.at <= at and (since is None or one.at > since)]
    yield sure + likely
    tried = edge[:TRIED_AT_MOST]
    for count in range(len(tried) + 1):
        for some in combinations(tried, count):
            yield sure + list(some)
