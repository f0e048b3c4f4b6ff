"""One turn of a conversation: `hear(session, answer, visit) -> (session, reply)`, data in and data out.

Theory of operation. A session is the place where the member stands (`path`, the last one is on her screen) and the
places behind what the screen showed (`choices`, `typed`). An answer picks one of them; the screen there is made by
calling its function; what it returns is shown and becomes the next session. Nothing is kept here between turns: the
gateway stores sessions, and one that is lost is found again by walking through the text of all answers (`begin`),
which is also how a dialled-ahead string gets where it leads. A walk reads; it never acts. It stops before an action
that is not on record, on the screen that asks for it, or at an answer that leads nowhere, and says so; the answers
that are left over are not used.

An action runs through `visit.deeds.once`, which does it at most once per (session, answer number, text) however often
the network repeats the turn. A screen never writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from menus import answers as answering
from menus import gsm, printing
from menus.dialog import AT_HOME, BACK, HOME, LEAST_CENTS, ROOMS, Ask, Dialog, End, Go, Menu, foot_of, read_typed
from menus.screens import home, pending
from menus.visit import Caller, Outcome, Visit
from payments.refusals import MAXIMUM_CENTS


class Typed(NamedTuple):
    """Where a typed answer goes, as the argument `fill`."""

    to: Go
    fill: str
    kind: str


@dataclass(frozen=True)
class Session:
    """Where a conversation stands. `hop` counts the answers so far, used or not."""

    caller: Caller | None
    language: str
    path: tuple[Go, ...]
    choices: Mapping[str, Go]
    typed: Typed | None
    hop: int


class Reply(NamedTuple):
    """What the phone shows: `more` keeps the session open. `unused` counts dialled answers that were left over."""

    more: bool
    text: str
    screen: str
    unused: int = 0

    @property
    def wire(self) -> str:
        """As Africa's Talking wants it."""
        return f"{'CON' if self.more else 'END'} {self.text}"


# `CON ` and `END ` count as part of the screen, as nobody says that they do not.
ROOM = gsm.SCREEN_SEPTETS - len("CON ")


def begin(visit: Visit, text: str = "") -> tuple[Session, Reply]:
    """The first turn of a session, or one whose session is lost: `text` holds all answers so far."""
    said = answering.split(text)
    start = home.door(visit)
    empty = Session(visit.caller, visit.language, (start,), {}, None, 0)
    if said and (outcome := visit.deeds.recorded(len(said), text)):
        return _shown(*_follow(replace(empty, hop=len(said)), outcome, visit))
    if notice := pending.notice_for(visit):
        waiting = replace(empty, hop=len(said))
        return _shown(*_enter(waiting, notice, visit), unused=len(said))
    session, dialog, here = _enter(empty, start, visit)
    return _walk(session, dialog, here, said, "")


def hear(session: Session, answer: str, visit: Visit, text: str) -> tuple[Session, Reply]:
    """The member answered the screen she saw. `text` is the whole text of the turn, which ends in `answer`."""
    visit = visit.speaking(session.language)
    place = _chosen(session, answer)
    if place is None and len(said := answering.split(answer)) > 1:
        # Turns that we never saw lie between: their answers are walked through like dialled ones.
        here = _enter(session, session.path[-1], visit)
        return _walk(*here, said, text[: -len(answer)])
    session = replace(session, hop=session.hop + 1)
    if place is None:
        return again(session, visit, _wrong(session.typed, visit))
    if _acts(place):
        outcome = visit.deeds.once(
            session.hop, text, place.name, lambda key: ROOMS[place.name].make(visit.doing(key), **place.args)
        )
        return _shown(*_follow(session, outcome, visit))
    return _shown(*_follow(_moved(session, answer), place, visit))


def again(session: Session, visit: Visit, notice: str, *, must: bool = False) -> tuple[Session, Reply]:
    """The same screen with a sentence above it; one that `must` be read stands alone when both do not fit."""
    session, dialog, visit = _enter(session, session.path[-1], visit.speaking(session.language))
    return _shown(session, _with_notice(dialog, visit, notice, must=must), visit)


def _with_notice(dialog: Dialog, visit: Visit, notice: str, *, must: bool = False) -> Dialog:
    """Where both do not fit, a question gives way to the notice that says how to answer it, a list never does."""
    fitting = [replace(dialog, text=f"{notice}\n{dialog.text}")]
    if isinstance(dialog, Ask):
        fitting.append(replace(dialog, text=notice))
    for one in fitting:
        if gsm.septets(gsm.plain(_text(one, visit))) <= ROOM:
            return one
    return Menu(notice) if must else dialog


def _wrong(typed: Typed | None, visit: Visit) -> str:
    """What is said to an answer that leads nowhere: how to answer, where something may be typed."""
    if typed is None:
        return visit.say("That is not one of the choices.")
    if typed.kind == "amount":
        least, most = printing.money(LEAST_CENTS), printing.money(MAXIMUM_CENTS)
        return visit.say("Type whole shillings, digits only, {least} to {most}.", least=least, most=most)
    return visit.say("Type a number, digits only.")


def _chosen(session: Session, answer: str) -> Go | None:
    """The place that an answer leads to, None when it leads nowhere."""
    if answer in session.choices:
        return session.choices[answer]
    if answer == HOME:
        return AT_HOME
    if answer == BACK:
        return session.path[-2] if len(session.path) > 1 else session.path[0]
    typed = session.typed
    value = read_typed(typed.kind, answer) if typed else None
    if typed is None or value is None:
        return None
    return typed.to._replace(args={**typed.to.args, typed.fill: value})


def _acts(place: Go) -> bool:
    return place.name in ROOMS and ROOMS[place.name].writes


def _moved(session: Session, answer: str) -> Session:
    """The session with the path that back and home lead along."""
    if answer == BACK and BACK not in session.choices:
        return replace(session, path=session.path[:-1] or session.path)
    return session


def _walk(session: Session, dialog: Dialog, visit: Visit, said: list[str], before: str) -> tuple[Session, Reply]:
    """Goes through answers that were given without seeing the screens; stops before an action, its digits unused."""
    unused = 0
    notice = ""
    for number, answer in enumerate(said, 1):
        if isinstance(dialog, End):
            break
        place = _chosen(session, answer)
        hop = session.hop + 1
        outcome: Outcome | None = place
        if place is not None and _acts(place):
            outcome = visit.deeds.recorded(hop, before + answering.join(said[:number]))
        if outcome is None:
            if place is None and (session.typed or session.choices):
                notice = _wrong(session.typed, visit)
            unused = len(said) - number + 1
            session = replace(session, hop=session.hop + unused)
            break
        session, dialog, visit = _follow(_moved(replace(session, hop=hop), answer), outcome, visit)
    if notice:
        dialog = _with_notice(dialog, visit, notice)
    return _shown(session, dialog, visit, unused=unused)


def _follow(session: Session, outcome: Outcome, visit: Visit) -> tuple[Session, Dialog, Visit]:
    """Goes where an action or an answer leads."""
    if isinstance(outcome, End):
        return replace(session, choices={}, typed=None, path=session.path[:1]), outcome, visit
    if outcome.language:
        session = replace(session, language=outcome.language)
    return _enter(session, outcome, visit.speaking(outcome.language))


def _enter(session: Session, place: Go, visit: Visit) -> tuple[Session, Dialog, Visit]:
    """Makes the screen of a place and stands on it."""
    place = session.path[0] if place.name == AT_HOME.name else place._replace(language=None)
    dialog: Dialog = ROOMS[place.name].make(visit, **place.args)
    # A place that she passed on her way is gone back to, so that back never leads to what she said no to.
    path = session.path
    path = path[: path.index(place) + 1] if place in path else (*path, place)
    if isinstance(dialog, End):
        return replace(session, path=path, choices={}, typed=None), dialog, visit
    typed = Typed(dialog.to, dialog.fill, dialog.kind) if isinstance(dialog, Ask) else None
    choices = {option.key: option.to for option in dialog.options}
    return replace(session, path=path, choices=choices, typed=typed), dialog, visit


def _text(dialog: Dialog, visit: Visit) -> str:
    foot = "" if isinstance(dialog, End) else foot_of(dialog, visit.say)
    return f"{dialog.text}\n{foot}" if foot else dialog.text


def _shown(session: Session, dialog: Dialog, visit: Visit, *, unused: int = 0) -> tuple[Session, Reply]:
    """The reply: plain letters, never longer than a screen."""
    foot = "" if isinstance(dialog, End) else foot_of(dialog, visit.say)
    text = gsm.fit(gsm.plain(dialog.text), gsm.plain(foot), ROOM)
    return session, Reply(not isinstance(dialog, End), text, session.path[-1].name, unused)
