"""Nairobi's time, in which people count hours, days, rounds and seasons. What is kept and passed on is always UTC."""

from datetime import UTC, datetime, timedelta, timezone

# Kenya has kept UTC+3 without summer time since 1960; a fixed offset needs no time zone files on a bare machine.
EAT = timezone(timedelta(hours=3), "EAT")


def local(at: datetime) -> datetime:
    """The same instant as a calendar and a clock in Nairobi show it."""
    return at.astimezone(EAT)


def clock(at: datetime, *, seconds: bool = False) -> str:
    """`2:02 PM`, with `seconds` `2:02:07 PM`: as M-PESA prints it, in every language."""
    return local(at).strftime("%I:%M:%S %p" if seconds else "%I:%M %p").lstrip("0")


def day_begins(at: datetime) -> datetime:
    """Midnight in Nairobi before `at`, in UTC."""
    return local(at).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
