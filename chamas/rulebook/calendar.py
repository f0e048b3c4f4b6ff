"""When rounds open and close: weekly, fortnightly, monthly and by the hour, in the time of Nairobi. Pure.

Every boundary is counted from one anchor, the instant at which the rhythm began, and never from the boundary before:
from 31 January by single steps of a month the day would slip to the 28th and stay there. A group that changes its
rhythm has a new anchor, where the last round of the old one closes: nothing is skipped, and no round overlaps another.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ledger import nairobi


class Frequency(StrEnum):
    """How often a round of a chama comes; the CHECK of `chamas.frequency`."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    CUSTOM = "custom"


# How often a round comes, in words.
EVERY: Mapping[Frequency, str] = {
    Frequency.WEEKLY: "every week",
    Frequency.FORTNIGHTLY: "every two weeks",
    Frequency.MONTHLY: "every month",
    Frequency.CUSTOM: "every round",
}

DAYS = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}


@dataclass(frozen=True)
class Rhythm:
    """A frequency; of a custom one the hours that a round lasts, None when somebody says each time when it closes."""

    frequency: Frequency
    every_hours: int | None = None

    @property
    def told(self) -> bool:
        """Whether its instants are told by people, and cannot be counted."""
        return self.frequency is Frequency.CUSTOM and self.every_hours is None


@dataclass(frozen=True)
class Period:
    """One round by the calendar: it opens `step` periods after `anchor` and closes one later. All UTC."""

    anchor: datetime
    step: int
    opens_at: datetime
    closes_at: datetime


def boundary(anchor: datetime, frequency: Frequency, steps: int, every_hours: int | None = None) -> datetime:
    """The instant (UTC) that lies `steps` periods after `anchor` (before, when negative).

    A month keeps the anchor's day and hour in Nairobi; where a month is too short it ends on its last day.
    Raises ValueError for a custom calendar without hours, whose instants are told and not counted.
    """
    local = nairobi.local(anchor)
    if frequency is Frequency.MONTHLY:
        return _in_months(local, steps).astimezone(UTC)
    if frequency in DAYS:
        return (local + timedelta(days=DAYS[frequency] * steps)).astimezone(UTC)
    if every_hours is None:
        raise ValueError("a custom calendar without hours tells the instants of its rounds itself")
    return anchor + timedelta(hours=every_hours * steps)


def period(anchor: datetime, rhythm: Rhythm, step: int = 0) -> Period:
    """The round that opens `step` periods after `anchor`. Raises ValueError when the rhythm is told."""
    opens, closes = (boundary(anchor, rhythm.frequency, n, rhythm.every_hours) for n in (step, step + 1))
    return Period(anchor, step, opens, closes)


def following(last: Period, old: Rhythm, new: Rhythm) -> Period:
    """The round after `last`: it opens when that one closes, whether or not anybody was there to see it.

    Where the rhythm has changed, or `last` was told, the count begins anew there. Raises ValueError when it is told.
    """
    if new == old and boundary(last.anchor, old.frequency, last.step + 1, old.every_hours) == last.closes_at:
        return period(last.anchor, new, last.step + 1)
    return period(last.closes_at, new)


def _in_months(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last_day))
