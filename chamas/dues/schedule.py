"""The parts in which a loan is paid back, and what it costs. Pure, and exact to the cent.

Interest is simple: a percentage a month, in tenths, of the amount lent, for as many months as were asked for, and never
interest on interest. A fraction of a cent is not charged. What is to be paid is divided over the months so that after
each of them as much is due as its share of the time, in whole shillings, because M-PESA moves no cents; the last part
has the rest of it to the cent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from chamas.rulebook.calendar import Frequency, boundary
from ledger import nairobi
from ledger.money import CENTS_PER_SHILLING

# From when on a part is asked for, beside what else she owes: before that a contribution stays a contribution.
ASKED_BEFORE = timedelta(days=7)


@dataclass(frozen=True)
class Part:
    """One month of it: cents, UTC. Its month begins, it is asked for, and its last day ends at `due_at`."""

    number: int
    principal_cents: int
    interest_cents: int
    begins_at: datetime
    opens_at: datetime
    due_at: datetime

    @property
    def total_cents(self) -> int:
        return self.principal_cents + self.interest_cents


def interest(amount_cents: int, tenths: int, months: int) -> int:
    """All interest of a loan, in cents, rounded down."""
    return amount_cents * tenths * months // 1000


def parts(amount_cents: int, *, tenths: int, months: int, lent_at: datetime) -> tuple[Part, ...]:
    """The schedule of a loan that was paid out at `lent_at`. A part is due on the same day of each month, or on the
    last one of a month that is too short; its day ends at midnight in Nairobi.
    """
    first = nairobi.day_begins(lent_at)
    ends = [boundary(first, Frequency.MONTHLY, month) + timedelta(days=1) for month in range(1, months + 1)]
    starts = [lent_at, *ends]
    shares = zip(_spread(amount_cents, months), _spread(interest(amount_cents, tenths, months), months), strict=True)
    return tuple(
        Part(number, lent, cost, starts[number - 1], max(lent_at, ends[number - 1] - ASKED_BEFORE), ends[number - 1])
        for number, (lent, cost) in enumerate(shares, 1)
    )


def _spread(cents: int, months: int) -> list[int]:
    """So many parts that add up to it, in whole shillings but for the last."""
    until = [cents * month // months // CENTS_PER_SHILLING * CENTS_PER_SHILLING for month in range(months)] + [cents]
    return [after - before for before, after in pairwise(until)]
