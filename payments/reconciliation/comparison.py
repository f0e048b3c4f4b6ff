"""One day of a shortcode: our books held against what M-PESA lists. Pure.

A difference is named by its receipt where there is one, and says by how much M-PESA then holds more than the books
(`effect_cents`, below zero: less). So a balance that differs is explained when the differences named so far, also those
of earlier days that are still open, come to the same sum; what they do not explain is a difference of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from ledger.money import print_kes
from ledger.nairobi import clock
from payments.listings import Direction, Listed
from payments.movements import Movement
from payments.reconciliation import balance_chain
from payments.reconciliation.balance_chain import Gap, Link

State = Literal["matched", "differs", "not_compared"]
Span = tuple[datetime, datetime]
LISTS = ("pull", "statement")
# What M-PESA took for itself: no payment differs by it (charge_comparison.py).
CHARGE_CODES = frozenset({"charge_differs", "charge_not_booked"})

# The lines of one source by receipt and direction, and those of each source.
Lines = Mapping[tuple[str, Direction], Listed]
BySource = Mapping[str, Lines]


@dataclass(frozen=True)
class Difference:
    """`code` stays the same while the trouble does (docs/operations/reconciliation.md says what to do about each)."""

    code: str
    receipt: str | None
    amount_cents: int
    effect_cents: int
    at: datetime
    words: str


@dataclass(frozen=True)
class Compared:
    """One comparison: how many payments and cents it looked at, and why it differs or could not be made."""

    what: str
    state: State
    count: int
    cents: int
    words: str


@dataclass(frozen=True)
class Asked:
    """An answer about the balance in or just after the day; `books_cents` is what the books held at that instant."""

    at: datetime
    utility_cents: int
    books_cents: int
    moving: bool


@dataclass(frozen=True)
class Day:
    """All that is known. Instants in UTC; the day is [begins, ends). Everything may reach back before it, to `start`.

    `holes` are the spans that a source did not answer for, `why` says why; `booked` are movements of our books,
    `listed` those of M-PESA's lists, `elsewhere` booked cents of listed receipts that our books have at another time.
    """

    begins: datetime
    ends: datetime
    booked: Sequence[Movement]
    listed: Sequence[Listed]
    elsewhere: Mapping[str, int]
    holes: Mapping[str, Sequence[Span]]
    why: Mapping[str, str]
    start: Link | None = None
    asked: Asked | None = None
    no_balance: str = ""
    carried_cents: int = 0


@dataclass(frozen=True)
class Result:
    """What came in and went out by our books, each comparison, and every difference in order of time."""

    in_count: int
    in_cents: int
    out_count: int
    out_cents: int
    compared: tuple[Compared, ...]
    differences: tuple[Difference, ...]

    @property
    def state(self) -> State:
        """Of payments, without charges: matched only when a list of M-PESA's own covers the whole day."""
        if any(one.code not in CHARGE_CODES for one in self.differences):
            return "differs"
        told = any(one.state == "matched" for one in self.compared if one.what in LISTS)
        return "matched" if told else "not_compared"

    @property
    def open_cents(self) -> int:
        """How much more M-PESA holds than the books, for all that is known."""
        return sum(one.effect_cents for one in self.differences)


@dataclass
class _Found:
    """Differences of the whole stretch, and what M-PESA moved for all we know."""

    differences: list[Difference] = field(default_factory=list)
    moved: list[Movement] = field(default_factory=list)


def compare(day: Day) -> Result:
    """Holds the day's books against every source there is."""
    found = _Found()
    by_source = {
        name: {(one.receipt, one.direction): one for one in day.listed if one.source == name} for name in LISTS
    }
    _payments_in(day, by_source, found)
    _payments_out(day, by_source, found)
    links, chain = _chain(day, found)
    named = [one for one in found.differences if day.begins <= one.at < day.ends]
    balance, rest = _balance(day, named)
    named = sorted([*named, *rest], key=lambda one: (one.at, one.receipt or ""))
    own = [one for one in day.booked if day.begins <= one.at < day.ends]
    came, went = [one for one in own if one.direction == "in"], [one for one in own if one.direction == "out"]
    compared = (
        _list_of(day, "pull", by_source["pull"], came, named),
        _list_of(day, "statement", by_source["statement"], came, named),
        _chain_compared(day, links, chain),
        balance,
    )
    return Result(len(came), _sum(came), len(went), _sum(went), compared, tuple(named))


def _payments_in(day: Day, by_source: BySource, found: _Found) -> None:
    booked = {one.receipt: one for one in day.booked if one.direction == "in" and one.receipt}
    for receipt, one in booked.items():
        listed = {name: of[receipt, "in"] for name, of in by_source.items() if (receipt, "in") in of}
        missing = [name for name in LISTS if name not in listed and not _in_hole(one.at, day.holes[name])]
        other = next((each for each in listed.values() if each.amount_cents != one.amount_cents), None)
        if other:
            words = f"{receipt} is KES {print_kes(one.amount_cents)} in the books, KES {print_kes(other.amount_cents)}"
            effect = other.amount_cents - one.amount_cents
            found.differences.append(
                Difference("amount_differs", receipt, one.amount_cents, effect, one.at, f"{words} by {_named([other])}")
            )
        elif missing and not listed:
            words = f"{receipt}, KES {print_kes(one.amount_cents)}, is in the books and not in {_joined(missing)}"
            found.differences.append(
                Difference("booked_not_listed", receipt, one.amount_cents, -one.amount_cents, one.at, words)
            )
            continue
        elif missing:
            words = (
                f"{receipt}, KES {print_kes(one.amount_cents)}, is in {_joined(listed)} and not in {_joined(missing)}"
            )
            found.differences.append(Difference("sources_disagree", receipt, one.amount_cents, 0, one.at, words))
        found.moved.append(Movement(receipt, "in", (other or one).amount_cents, one.at))
    unknown: dict[str, list[Listed]] = {}
    for told in day.listed:
        if told.direction == "in" and told.receipt not in booked and told.receipt not in day.elsewhere:
            unknown.setdefault(told.receipt, []).append(told)
    for receipt, told_by in unknown.items():
        first = told_by[0]
        words = f"{receipt}, KES {print_kes(first.amount_cents)}, is in {_named(told_by)} and not in the books"
        found.differences.append(
            Difference("listed_not_booked", receipt, first.amount_cents, first.amount_cents, first.at, words)
        )
        found.moved.append(Movement(receipt, "in", first.amount_cents, first.at))


def _payments_out(day: Day, by_source: BySource, found: _Found) -> None:
    """By receipt where the books know it, else by amount: only the statement lists what went out."""
    listed = [one for (_, direction), one in by_source["statement"].items() if direction == "out"]
    for one in (one for one in day.booked if one.direction == "out"):
        same = next((each for each in listed if _same_out(one, each)), None)
        found.moved.append(one if same is None else Movement(same.receipt, "out", same.amount_cents, same.at))
        if same is not None:
            listed.remove(same)
        elif not _in_hole(one.at, day.holes["statement"]):
            name = one.receipt or f"KES {print_kes(one.amount_cents)} at {clock(one.at)}"
            words = f"{name} went out by the books, and is not in the statement"
            found.differences.append(
                Difference("out_not_listed", one.receipt, one.amount_cents, one.amount_cents, one.at, words)
            )
            found.moved.pop()
    for left in listed:
        words = f"{left.receipt}, KES {print_kes(left.amount_cents)}, went out by the statement and not by the books"
        found.differences.append(
            Difference("out_not_booked", left.receipt, left.amount_cents, -left.amount_cents, left.at, words)
        )
        found.moved.append(Movement(left.receipt, "out", left.amount_cents, left.at))


def _same_out(ours: Movement, theirs: Listed) -> bool:
    if ours.amount_cents != theirs.amount_cents:
        return False
    return ours.receipt == theirs.receipt if ours.receipt else abs(ours.at - theirs.at) <= timedelta(days=1)


def _chain(day: Day, found: _Found) -> tuple[list[Link], list[Gap]]:
    """The chain of confirmations; what M-PESA's lists deny is no link of it."""
    denied = {one.receipt for one in found.differences if one.code == "booked_not_listed"}
    told = [one for one in day.listed if one.source == "confirmation" and one.balance_cents is not None]
    links = [
        Link(one.receipt, one.amount_cents, one.at, one.balance_cents or 0)
        for one in told
        if one.receipt not in denied and (day.start is None or one.at > day.start.at)
    ]
    linked = {one.receipt for one in told}
    since = day.start.at - balance_chain.CONCURRENT if day.start else day.begins
    others = [one for one in found.moved if one.receipt not in linked and one.at >= since]
    gaps = balance_chain.gaps(links, others, day.start)
    for gap in gaps:
        way, code = ("came in", "gap_in") if gap.cents > 0 else ("went out", "gap_out")
        between = f"between {gap.after} and {gap.before}" if gap.after else f"before {gap.before}"
        words = f"KES {print_kes(abs(gap.cents))} {way} {between}, and nobody told us"
        found.differences.append(Difference(code, None, abs(gap.cents), gap.cents, gap.to_at, words))
    return links, gaps


def _chain_compared(day: Day, links: Sequence[Link], gaps: Sequence[Gap]) -> Compared:
    own = [link for link in links if day.begins <= link.at < day.ends]
    cents = sum(link.amount_cents for link in own)
    if not own:
        return Compared("chain", "not_compared", 0, 0, "no confirmation of the day tells a balance")
    if any(day.begins <= gap.to_at < day.ends for gap in gaps):
        return Compared("chain", "differs", len(own), cents, "the balances do not follow from one another")
    return Compared("chain", "matched", len(own), cents, "each balance follows from the one before")


def _balance(day: Day, named: Sequence[Difference]) -> tuple[Compared, list[Difference]]:
    """What is left of the difference after the named ones is one of its own."""
    asked = day.asked
    if asked is None:
        return Compared("balance", "not_compared", 0, 0, day.no_balance), []
    apart = asked.utility_cents - asked.books_cents
    told = f"M-PESA held KES {print_kes(asked.utility_cents)} at {clock(asked.at)}, the books"
    if apart and asked.moving:
        return Compared("balance", "not_compared", 1, asked.utility_cents, "money moved in that very moment"), []
    if not apart:
        return Compared("balance", "matched", 1, asked.utility_cents, f"{told} as well"), []
    words = f"{told} KES {print_kes(asked.books_cents)}"
    rest = apart - day.carried_cents - sum(one.effect_cents for one in named if one.at <= asked.at)
    if not rest:
        return Compared("balance", "differs", 1, asked.utility_cents, f"{words}: the named differences explain it"), []
    more = f"{words}: KES {print_kes(rest)} of that is not explained by any receipt"
    found = Difference("balance_differs", None, abs(rest), rest, min(asked.at, day.ends - timedelta(seconds=1)), more)
    return Compared("balance", "differs", 1, asked.utility_cents, words), [found]


def _list_of(
    day: Day,
    name: str,
    listed: Lines,
    came: Sequence[Movement],
    named: Sequence[Difference],
) -> Compared:
    both = [one for one in came if (one.receipt, "in") in listed]
    holes = [hole for hole in day.holes[name] if hole[0] < day.ends and hole[1] > day.begins]
    about = ("amount_differs", "booked_not_listed", "sources_disagree", "listed_not_booked", "out_not_booked")
    if any(one.code in about and _of_list(one, name, listed, day) for one in named):
        return Compared(name, "differs", len(both), _sum(both), "see the differences")
    if holes:
        return Compared(name, "not_compared", len(both), _sum(both), day.why[name])
    return Compared(name, "matched", len(both), _sum(both), "every payment is in both")


def _of_list(one: Difference, name: str, listed: Lines, day: Day) -> bool:
    """Whether this list is one that tells of the difference, by what it has or by what it lacks."""
    in_it = one.receipt is not None and ((one.receipt, "in") in listed or (one.receipt, "out") in listed)
    if one.code in ("booked_not_listed", "sources_disagree"):
        return not in_it and not _in_hole(one.at, day.holes[name])
    return in_it


def _in_hole(at: datetime, holes: Iterable[Span]) -> bool:
    return any(since <= at < until for since, until in holes)


def _sum(moved: Iterable[Movement]) -> int:
    return sum(one.amount_cents for one in moved)


def _named(told: Iterable[Listed]) -> str:
    return _joined(sorted({one.source for one in told}))


def _joined(names: Iterable[str]) -> str:
    return " and ".join("Pull" if name == "pull" else f"the {name}" for name in names)
