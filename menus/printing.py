"""How names, money and instants are printed: clipped, in shillings, in Nairobi's time as M-PESA prints it."""

from datetime import datetime, timedelta

from ledger.money import print_kes
from ledger.nairobi import clock, local
from menus.gsm import clip
from menus.locale import msgids
from menus.visit import Visit

# The longest a name may be on a screen; the walk counts every screen with names of this length.
CHAMA_LENGTH, NAME_LENGTH, PAYEE_LENGTH, TOLD_LENGTH = 12, 10, 9, 20

DAYS = msgids("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = msgids("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def chama(name: str) -> str:
    """A chama's name."""
    return clip(name, CHAMA_LENGTH)


def person(name: str) -> str:
    """A person's first name."""
    return clip(name, NAME_LENGTH)


def payee(name: str) -> str:
    """The name that M-PESA shows for a paybill."""
    return clip(name, PAYEE_LENGTH)


def told(name: str) -> str:
    """A person's whole name as M-PESA has it."""
    return clip(name, TOLD_LENGTH)


def money(cents: int) -> str:
    """`1,250`."""
    return print_kes(cents)


def hour(at: datetime) -> str:
    """`6:40 PM`, in both languages: Kiswahili counts hours from dawn, and M-PESA does not."""
    return clock(at)


def date(at: datetime) -> str:
    """`20/11`."""
    then = local(at)
    return f"{then.day}/{then.month}"


def day(visit: Visit, at: datetime) -> str:
    """`14 Dec`, in the visit's language."""
    then = local(at)
    return f"{then.day} {visit.say(MONTHS[then.month - 1])}"


def last_day(visit: Visit, end: datetime) -> str:
    """The date of an end. One at midnight belongs to the day before it."""
    return day(visit, end - timedelta(seconds=1))


def deadline(visit: Visit, end: datetime) -> str:
    """The weekday of an end within the coming six days, otherwise its date."""
    last = local(end - timedelta(seconds=1))
    near = timedelta(0) <= last.date() - local(visit.at).date() < timedelta(days=7)
    return visit.say(DAYS[last.weekday()]) if near else last_day(visit, end)


def moment(visit: Visit, at: datetime) -> str:
    """`2:02 PM` today, `13/11` on another day."""
    today = local(at).date() == local(visit.at).date()
    return hour(at) if today else date(at)
