"""What a member owes and why, reckoned anew from what her rounds asked for and what her entries brought. Pure.

The rows of contributions say the same, kept as money comes; this derives it from nothing else, for `owing.explained`,
whoever doubts a figure, and the tests that hold the two against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from chamas.dues.allocation import Owed, allocate
from ledger.money import print_kes


@dataclass(frozen=True)
class Charge:
    """What one round asked of her by the rules that it opened with, at the instant (UTC) at which it really opened."""

    number: int
    due_cents: int
    opened_at: datetime
    arrears_first: bool = True


@dataclass(frozen=True)
class Brought:
    """What one entry brought for her (negative: took back), and when it was recorded (UTC). What is `owed_again` was no
    money: the entry reverses another.
    """

    seq: int
    amount_cents: int
    at: datetime
    owed_again: bool = False


@dataclass(frozen=True)
class Missing:
    """What is missing of one round."""

    number: int
    due_cents: int
    missing_cents: int


@dataclass(frozen=True)
class Reckoning:
    """What is missing, oldest round first, and what is left over as credit; at most one of the two is there. Beside
    them what she owes in fines, and what is asked for of her loan.
    """

    missing: tuple[Missing, ...]
    credit_cents: int
    fines_cents: int = 0
    loans_cents: int = 0

    @property
    def owed_cents(self) -> int:
        return sum(one.missing_cents for one in self.missing) + self.fines_cents + self.loans_cents

    @property
    def why(self) -> str:
        """The sum as people say it: `2 x 1,000 + 400 + fine 100 + loan 367`; empty when nothing is owed. Rounds of
        which something was paid stand by themselves.
        """
        whole = [one.due_cents for one in self.missing if one.missing_cents == one.due_cents]
        runs = [(cents, len(list(run))) for cents, run in groupby(whole)]
        said = [f"{count} x {print_kes(cents)}" if count > 1 else print_kes(cents) for cents, count in runs]
        said += [print_kes(one.missing_cents) for one in self.missing if one.missing_cents != one.due_cents]
        said += [f"fine {print_kes(self.fines_cents)}"] if self.fines_cents else []
        said += [f"loan {print_kes(self.loans_cents)}"] if self.loans_cents else []
        return " + ".join(said)


def reckon(charges: Sequence[Charge], brought: Sequence[Brought]) -> Reckoning:
    """Goes through what happened in its order: a round that opens uses her credit, and money settles what she owes, the
    oldest round first, or the open one where the rules of that say so. What was taken back undoes the newest first.

    Raises ValueError when more was taken back than ever came.
    """
    left: dict[int, int] = {}
    credit_cents = 0
    happened: list[tuple[datetime, int, Charge | Brought]] = [
        *((one.opened_at, 0, one) for one in charges),
        *((each.at, 1, each) for each in brought),
    ]
    newest: Charge | None = None
    by_number = {one.number: one for one in charges}
    for _, _, one in sorted(happened, key=lambda each: each[:2]):
        if isinstance(one, Charge):
            newest, left[one.number] = one, one.due_cents
            money, credit_cents = credit_cents, 0
        elif one.amount_cents < 0:
            credit_cents = _take_back(left, by_number, credit_cents, -one.amount_cents, owed_again=one.owed_again)
            continue
        else:
            money = one.amount_cents
        for share in allocate(money, _in_order(left, newest)):
            if share.contribution_id is None:
                credit_cents += share.amount_cents
            else:
                left[share.contribution_id] -= share.amount_cents
    missing = tuple(
        Missing(number, by_number[number].due_cents, cents) for number, cents in sorted(left.items()) if cents
    )
    return Reckoning(missing, credit_cents)


def _in_order(left: dict[int, int], newest: Charge | None) -> list[Owed]:
    first = newest.number if newest and not newest.arrears_first else None
    # Of a group that runs for years nearly all rounds are settled.
    missing = [number for number, cents in left.items() if cents]
    return [Owed(number, left[number]) for number in sorted(missing, key=lambda number: (number != first, number))]


def _take_back(
    left: dict[int, int], by_number: dict[int, Charge], credit_cents: int, taken_cents: int, *, owed_again: bool
) -> int:
    """The credit that remains. A round that was paid whole is not asked for again, if it was refunded."""
    from_credit = min(credit_cents, taken_cents)
    taken_cents -= from_credit
    for number in sorted(left, reverse=True):
        paid_cents = by_number[number].due_cents - left[number]
        part_cents = min(taken_cents, paid_cents)
        taken_cents -= part_cents
        if part_cents and left[number] == 0 and not owed_again:
            del left[number]
        else:
            left[number] += part_cents
    if taken_cents:
        raise ValueError("more was taken back than ever came")
    return credit_cents - from_credit
