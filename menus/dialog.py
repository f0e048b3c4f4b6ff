"""The words a screen is made of. All of it is data: a screen says what to show and where each answer leads.

A place is written like a URL, a name and arguments: `go(contribute.confirm, chama=2, cents=50000)` is
`("contribute.confirm", {"chama": 2, "cents": 50000})`. What the phone showed is what its answer means: the places
behind the options are kept with the session, so a list that changed meanwhile cannot turn an answer into another one.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ledger.money import parse_shillings
from payments.phones import UnreadablePhone, normalise
from payments.refusals import MAXIMUM_CENTS

Arguments = Mapping[str, Any]
Maker = Callable[..., "Dialog"]
Doer = Callable[..., "End | Go"]

BACK, HOME, MORE = "0", "00", "98"


class Go(NamedTuple):
    """A place: the name of a screen or an action, with JSON arguments. `language` is set when it changes on the way.

    `proved`: whoever goes there has just typed her chama PIN.
    """

    name: str
    args: Arguments
    language: str | None = None
    proved: bool = False

    def giving(self, **args: Any) -> "Go":
        """The same place with more arguments. Raises ValueError when it takes no such ones."""
        if not args.keys() <= ROOMS[self.name].takes:
            raise ValueError(f"{self.name} is no screen that takes {sorted(args)}")
        return self._replace(args={**self.args, **args})

    def having_proved(self) -> "Go":
        """The same place, for somebody whose PIN was right."""
        return self._replace(proved=True)

    def speaking(self, language: str) -> "Go":
        """The same place, in another language from there on."""
        return self._replace(language=language)


# Where the conversation began: a member's home, or a stranger's first screen.
AT_HOME = Go("home", {})

# Where another session was cut off: its whole path, so that back leads where it led there.
RESUMED = "resumed"
# The home of another chama of hers, which is her home chama until the session ends.
OF_CHAMA = "of_chama"
# The home of another member, whose phone this is too: she says by her number who she is, and proves it there.
ANOTHER = "another"


def back_to(path: Sequence[Sequence[Any]]) -> Go:
    """The place at the end of this path, places in JSON."""
    return Go(RESUMED, {"path": [list(place) for place in path]})


def of_chama(**args: Any) -> Go:
    """The home of her other chama with the id `chama`."""
    return Go(OF_CHAMA, args)


def another(**args: Any) -> Go:
    """The home of the member who shares this phone under the number `typed`; `chama` when several have it."""
    return Go(ANOTHER, args)


class Option(NamedTuple):
    """One numbered line. Keys never change their meaning between releases: people know them by heart."""

    key: str
    label: str
    to: Go


class Room(NamedTuple):
    """A registered screen or action. `guarded`: it shows names or balances."""

    name: str
    make: Callable[..., Any]
    writes: bool
    takes: frozenset[str]
    guarded: bool = False


@dataclass(frozen=True)
class Menu:
    """Text, numbered options, the way back. `shown`: which of back and home stand on the screen; both always work.

    `quick` are the keys that lead here from the code, such as `2*1`: taught where the screen has room for them.
    """

    text: str
    options: tuple[Option, ...] = ()
    shown: Literal["none", "back", "both"] = "both"
    quick: str = field(default="", kw_only=True)


Kind = Literal["amount", "number", "code", "day", "phone", "name", "receipt", "paybill", "account", "pin", "new_pin"]
# What is never taken from a dialled-ahead string, and never kept with a session.
PINS = frozenset({"pin", "new_pin"})


@dataclass(frozen=True)
class Ask(Menu):
    """A menu that also takes a typed answer: it goes to `to` as the argument `fill`, read as `kind` says.

    `amount` is whole shillings from LEAST_CENTS to MAXIMUM_CENTS, handed on in cents; `number` is a positive whole
    number; `day` four digits for day and month; `phone` a phone number, handed on as E.164; `name` one word of letters;
    `receipt` M-PESA's code; `paybill` 5 to 7 digits; `account` a number at a bank, whose zeros in front count. A `pin`
    is handed to an action, a `new_pin` as its digest. `hint` stands below the options.
    """

    to: Go = field(kw_only=True)
    fill: str = field(kw_only=True)
    kind: Kind = field(kw_only=True)
    hint: str = ""


@dataclass(frozen=True)
class Confirm:
    """The last look before something is done: 1 is always yes, 2 always no. `quick` as in a menu."""

    text: str
    yes: Go
    no: Go
    quick: str = ""


class Row(NamedTuple):
    """One line of a list. Marks grow along the list, and stay with their row when others come and go."""

    mark: int
    text: str
    to: Go | None = None


@dataclass(frozen=True)
class List:
    """Rows in pages: as many as fit, whole, never more than five; `98` leads to `more`, told the last row's mark.

    Shown are the rows behind the mark `after`. A row that leads somewhere is numbered, on from page to page.
    """

    title: str
    rows: tuple[Row, ...]
    more: Go
    after: int = 0
    quick: str = ""


@dataclass(frozen=True)
class End:
    """The last screen of a session. `quick` as in a menu."""

    text: str
    quick: str = ""


Dialog = Menu | Ask | Confirm | List | End

ROOMS: dict[str, Room] = {}


def screen(make: Maker) -> Maker:
    """Registers a function that only reads and shows: `name(visit, **arguments) -> Dialog`."""
    return _register(make, writes=False)


def guarded_screen(make: Maker) -> Maker:
    """A screen with names or balances: on a private or a long silent phone it stands behind the chama PIN."""
    return _register(make, writes=False, guarded=True)


def action(make: Doer) -> Doer:
    """Registers a function that writes, once per key, and ends or goes on: `name(visit, **arguments) -> End | Go`."""
    return _register(make, writes=True)


def _register(make: Callable[..., Any], *, writes: bool, guarded: bool = False) -> Callable[..., Any]:
    name = name_of(make)
    if name in ROOMS:
        raise ValueError(f"two screens are called {name}")
    _visit, *takes = inspect.signature(make).parameters
    ROOMS[name] = Room(name, make, writes, frozenset(takes), guarded)
    return make


def name_of(make: Callable[..., Any]) -> str:
    """`menus.screens.contribute` and its function `confirm` make `contribute.confirm`."""
    return f"{make.__module__.rpartition('.')[2]}.{make.__name__}"


def go(to: Callable[..., Any], **args: Any) -> Go:
    """The place of a screen or an action. Raises ValueError when it is not one, or takes other arguments."""
    room = ROOMS.get(name_of(to))
    if room is None or not args.keys() <= room.takes:
        raise ValueError(f"{name_of(to)} is no screen that takes {sorted(args)}")
    return Go(room.name, args)


# One digit is always an option, so that the least that can be typed has two.
LEAST_CENTS = 10_00
# Commas only where nobody can misread them: `1,000` is a thousand, `1,00` and `5,000.50` are asked for again. No cents
# are cents that nobody can misread: `500.00`.
AMOUNT = re.compile(r"(?:[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.00)?")
LONGEST = len("250,000.00")
# A chama's number has five digits, the code of an invitation six.
CODE = re.compile(r"[1-9][0-9]{4,5}")
RECEIPT = re.compile(r"[A-Za-z0-9]{10}")
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
DAY = re.compile(r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])")
# Daraja takes 13 letters and digits as the account at a paybill.
PAYBILL, ACCOUNT = re.compile(r"[0-9]{5,7}"), re.compile(r"[A-Za-z0-9]{1,13}")
FORMS = {"day": DAY, "receipt": RECEIPT, "paybill": PAYBILL, "account": ACCOUNT}

# A first name as it is called: letters of any language, and what stands inside names.
NAME = re.compile(r"[^\W\d_]{2,}(?:['-][^\W\d_]+)*")
LONGEST_NAME = 20


def read_typed(kind: str, answer: str) -> int | str | None:
    """What she typed, as the screen asked for it: cents for an amount; None when it is not that."""
    if kind == "phone":
        try:
            return normalise(answer)
        except UnreadablePhone:
            return None
    if kind == "name":
        called = answer.strip()
        return called[:1].upper() + called[1:] if len(called) <= LONGEST_NAME and NAME.fullmatch(called) else None
    if kind in FORMS:
        return answer.upper() if FORMS[kind].fullmatch(answer) else None
    if kind == "amount":
        answer = answer.strip(" ")
        cents = parse_shillings(answer) if len(answer) <= LONGEST and AMOUNT.fullmatch(answer) else 0
        return cents if LEAST_CENTS <= cents <= MAXIMUM_CENTS else None
    form = CODE if kind == "code" else NUMBER
    return int(answer) if form.fullmatch(answer) else None
