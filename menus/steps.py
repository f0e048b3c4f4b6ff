"""The single steps of a conversation: read an answer as the screen meant it, go where it leads, show what stands there.

A step reads and shows; what acts, and what may be skipped, is decided in menus/machine.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from chamas.members import pins
from ledger.refusals import Refusal
from menus import callers, layout, printing
from menus.dialog import (
    ANOTHER,
    AT_HOME,
    BACK,
    HOME,
    LEAST_CENTS,
    OF_CHAMA,
    PINS,
    RESUMED,
    ROOMS,
    Ask,
    End,
    Go,
    Menu,
    go,
    name_of,
    read_typed,
)
from menus.locale import msgids
from menus.screens import home, pin, who
from menus.visit import Caller, Outcome, Visit
from payments.refusals import MAXIMUM_CENTS


class Typed(NamedTuple):
    """Where a typed answer goes, as the argument `fill`."""

    to: Go
    fill: str
    kind: str


@dataclass(frozen=True)
class Session:
    """Where a conversation stands. `hop` counts the answers so far, used or not.

    `done`: something was done in it. `proved`: her chama PIN was right in it.
    """

    caller: Caller | None
    language: str
    path: tuple[Go, ...]
    choices: Mapping[str, Go]
    typed: Typed | None
    hop: int
    done: bool = False
    proved: bool = False


class Reply(NamedTuple):
    """What the phone shows: `more` keeps the session open. `unused` counts dialled answers that were left over."""

    more: bool
    text: str
    screen: str
    unused: int = 0
    # the code of what a rule said no to
    refused: str = ""

    @property
    def wire(self) -> str:
        """As Africa's Talking wants it."""
        return f"{'CON' if self.more else 'END'} {self.text}"


def chosen(session: Session, answer: str, visit: Visit) -> Go | None:
    """The place that an answer leads to, None when it leads nowhere.

    A PIN goes to an action, which is nowhere kept, and a new one goes on as its digest only.
    """
    if answer in session.choices:
        return session.choices[answer]
    if answer == HOME:
        return AT_HOME
    if answer == BACK:
        return session.path[-2] if len(session.path) > 1 else session.path[0]
    typed = session.typed
    value = _read(typed.kind, answer, visit) if typed else None
    if typed is None or value is None:
        return None
    return typed.to._replace(args={**typed.to.args, typed.fill: value})


def told(session: Session, answer: str) -> str:
    """How she answered, for figures and for people who help: a key, or the kind of what she typed, never more."""
    if answer in session.choices or answer in (BACK, HOME):
        return answer
    return session.typed.kind if session.typed else "?"


def _read(kind: str, answer: str, visit: Visit) -> int | str | None:
    if kind not in PINS:
        return read_typed(kind, answer)
    if not pins.is_one(answer):
        return None
    if kind == "pin":
        return answer
    return pins.hide(visit.her.user_id, answer, phone=visit.phone, pepper=visit.pepper, chance=visit.chance)


def acts(place: Go) -> bool:
    """Whether going there does something."""
    return place.name in ROOMS and ROOMS[place.name].writes


def moved(session: Session, answer: str) -> Session:
    """The session with the path that back and home lead along."""
    if answer == BACK and BACK not in session.choices:
        return replace(session, path=session.path[:-1] or session.path)
    return session


def follow(session: Session, outcome: Outcome, visit: Visit) -> tuple[Session, Menu | End, Visit]:
    """Goes where an action or an answer leads."""
    if isinstance(outcome, End):
        return replace(session, choices={}, typed=None, path=session.path[:1]), outcome, visit
    if outcome.language:
        session = replace(session, language=outcome.language)
    if outcome.proved:
        # Back leads past the question, which is answered.
        path = tuple(place for place in session.path if place.name != name_of(pin.ask))
        visit = replace(visit, caller=visit.her._replace(proved=True))
        session = replace(session, caller=visit.caller, proved=True, path=path)
    return enter(session, outcome, visit.speaking(outcome.language))


def enter(session: Session, place: Go, visit: Visit) -> tuple[Session, Menu | End, Visit]:
    """Makes the screen of a place and stands on it."""
    if place.name == RESUMED:
        return _resume(session, place, visit)
    if place.name == ANOTHER:
        return _become(session, place, visit)
    if place.name == OF_CHAMA:
        return _turn_to(session, place, visit)
    place = session.path[0] if place.name == AT_HOME.name else place._replace(language=None, proved=False)
    if ROOMS[place.name].guarded and session.caller and session.caller.guarded and not session.proved:
        place = go(pin.ask, then=list(place))
    if session.caller and session.caller.shared and not session.proved and not who.stands_open(place):
        place = go(pin.ask, then=list(place)) if who.knows_hers(session.caller) else go(who.first)
    dialog = layout.laid_out(ROOMS[place.name].make(visit, **place.args), visit.say)
    # A place that she passed on her way is gone back to, so that back never leads to what she said no to.
    path = session.path
    path = path[: path.index(place) + 1] if place in path else (*path, place)
    if isinstance(dialog, End):
        return replace(session, path=path, choices={}, typed=None), dialog, visit
    typed = Typed(dialog.to, dialog.fill, dialog.kind) if isinstance(dialog, Ask) else None
    choices = {option.key: option.to for option in dialog.options}
    return replace(session, path=path, choices=choices, typed=typed), dialog, visit


def _resume(session: Session, place: Go, visit: Visit) -> tuple[Session, Menu | End, Visit]:
    """Stands where another session was cut off; at home when that is no place of hers any more."""
    *path, last = (Go(*each) for each in place.args["path"])
    try:
        return enter(replace(session, path=tuple(path)), last, visit)
    except (LookupError, Refusal):
        return enter(replace(session, path=session.path[:1]), AT_HOME, visit)


def _become(session: Session, place: Go, visit: Visit) -> tuple[Session, Menu | End, Visit]:
    """At the home of the member who shares this phone under that number: behind her PIN, on a path of her own."""
    typed, chama = place.args["typed"], place.args.get("chama")
    found = [
        one for one in callers.sharing(visit.conn, visit.phone, visit.at) if typed in (one.number, int(one.account))
    ]
    fitting = [one for one in found if chama in (None, one.chama)]
    if not fitting:
        return enter(session, go(who.nobody), visit)
    if len({one.caller.user_id for one in fitting}) > 1:
        return enter(session, go(who.which, typed=typed), visit)
    hers = fitting[0]
    visit = visit.becoming(hers.caller).speaking(hers.language)
    begun = replace(session, caller=hers.caller, language=hers.language, proved=False, path=())
    return enter(begun, go(home.start), visit)


def _turn_to(session: Session, place: Go, visit: Visit) -> tuple[Session, Menu | End, Visit]:
    """At home in another chama of hers: it comes first until the session ends, on a path of its own."""
    hers = visit.her
    there = sorted(hers.memberships, key=lambda mine: mine.chama_id != place.args["chama"])
    caller = hers._replace(memberships=tuple(there))
    return enter(replace(session, caller=caller, path=()), go(home.start), replace(visit, caller=caller))


def shown(session: Session, dialog: Menu | End, visit: Visit, *, unused: int = 0) -> tuple[Session, Reply]:
    """The reply: plain letters, never longer than a screen, with the keys that lead here where they fit."""
    text = layout.fitted(layout.taught(dialog, visit.say, visit.place.ussd_code), visit.say)
    return session, Reply(not isinstance(dialog, End), text, session.path[-1].name, unused)


def with_notice(dialog: Menu | End, visit: Visit, notice: str, *, must: bool = False) -> Menu | End:
    """Where both do not fit, a question gives way to the notice that says how to answer it, a list never does."""
    fitting = [replace(dialog, text=f"{notice}\n{dialog.text}")]
    if isinstance(dialog, Ask):
        fitting.append(replace(dialog, text=notice))
    for one in fitting:
        if layout.fits(one, visit.say):
            return one
    return Menu(notice) if must else dialog


ANY_KEY, A_NUMBER, A_CODE, A_DAY, A_PHONE, A_NAME, A_RECEIPT, A_PAYBILL, AN_ACCOUNT, A_PIN = msgids(
    "That is not one of the choices.",
    "Type a number, digits only.",
    "Type it here: a chama's number has 5 digits, the code in an SMS 6.",
    "Type day and month with four digits: 0512 is 5 December.",
    "That is no phone number. Type it like 0712345678.",
    "Write one word, letters only.",
    "An M-PESA code has 10 letters and numbers.",
    "A paybill has 5 to 7 digits.",
    "Type the account as the bank writes it: up to 13 letters and digits.",
    "A CHAMA PIN has 5 digits. Never type your M-PESA PIN here.",
)
HOW = {
    "number": A_NUMBER,
    "code": A_CODE,
    "day": A_DAY,
    "phone": A_PHONE,
    "name": A_NAME,
    "receipt": A_RECEIPT,
    "paybill": A_PAYBILL,
    "account": AN_ACCOUNT,
    "pin": A_PIN,
    "new_pin": pins.WeakPin.words,
}


def wrong(typed: Typed | None, visit: Visit) -> str:
    """What is said to an answer that leads nowhere: how to answer, where something may be typed."""
    if typed is not None and typed.kind == "amount":
        least, most = printing.money(LEAST_CENTS), printing.money(MAXIMUM_CENTS)
        return visit.say("Type whole shillings, digits only, {least} to {most}.", least=least, most=most)
    return visit.say(HOW[typed.kind] if typed else ANY_KEY)
