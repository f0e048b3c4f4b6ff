"""When rounds open and close: weekly, fortnightly and monthly, in the time of Nairobi. Pure.

Every boundary is counted from one anchor, the instant a chama's first round opened, and never from the boundary before:
from 31 January by single steps of a month the day would slip to the 28th and stay there.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ledger import nairobi


class Frequency(StrEnum):
    """How often a round of a chama comes; the CHECK of `chamas.frequency`."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    CUSTOM = "custom"


DAYS = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}


def boundary(anchor: datetime, frequency: Frequency, steps: int) -> datetime:
    """The instant (UTC) that lies `steps` periods after `anchor` (before, when negative).

    A month keeps the anchor's day and hour in Nairobi; where a month is too short it ends on its last day.
    Raises ValueError for a custom calendar, whose instants are told and not counted.
    """
    local = nairobi.local(anchor)
    if frequency is Frequency.MONTHLY:
        return _in_months(local, steps).astimezone(UTC)
    if frequency not in DAYS:
        raise ValueError("a custom calendar tells the instants of its rounds itself")
    return (local + timedelta(days=DAYS[frequency] * steps)).astimezone(UTC)


def _in_months(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last_day))
