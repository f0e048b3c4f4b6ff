"""Who are you? On a phone that several share: by member number, then by chama PIN, before anything of hers is shown.

Her first PIN is chosen with six digits that an official told her face to face (chamas/persons/shared_phones.py).
"""

from chamas.persons import shared_phones
from chamas.persons.reset_states import Reset
from menus import callers, printing
from menus.dialog import Ask, End, Go, Menu, Option, action, another, go, screen
from menus.screens import forgotten, pin
from menus.visit import Caller, Visit

# What she sees before her PIN; whatever else she asks for stands behind it.
BEFORE_HER_PIN = frozenset({"who", "forgotten"})


def stands_open(place: Go) -> bool:
    """Whether a screen may be shown to whoever only says who she is: the way to her PIN, and nothing of hers."""
    if place.name in ("pin.choose", "pin.once_more"):
        return place.args.get("reset") is not None
    return place.name == "pin.ask" or place.name.partition(".")[0] in BEFORE_HER_PIN


def knows_hers(caller: Caller) -> bool:
    """Whether she can prove by her PIN who she is; one who is only invited answers that first."""
    return caller.has_pin and bool(caller.memberships)


@screen
def number(visit: Visit) -> Ask:
    """Which member? By her number in the chama, or by what she types at the paybill."""
    text = visit.say("Who are you? Type your member number.")
    return Ask(text, shown="back", to=another(), fill="typed", kind="number")


@screen
def nobody(visit: Visit) -> Ask:
    """Nobody without a phone of her own uses this one under that number."""
    words = "No member with this number shares this phone. Type your member number, or ask an official."
    return Ask(visit.say(words), shown="back", to=another(), fill="typed", kind="number")


@screen
def which(visit: Visit, typed: int) -> Menu:
    """Two groups have somebody of this number here."""
    found = [one for one in callers.sharing(visit.conn, visit.phone, visit.at) if one.number == typed]
    options = tuple(
        Option(str(place), printing.chama(one.name), another(typed=typed, chama=one.chama))
        for place, one in enumerate(found[:5], 1)
    )
    return Menu(visit.say("Which chama?"), options, shown="back")


@screen
def first(visit: Visit, left: int | None = None) -> Ask:
    """She has no PIN yet: the digits that an official told her stand in its place."""
    if left is None:
        text = visit.say("You have no CHAMA PIN yet. Type the 6 digits that an official told you.")
    else:
        text = visit.say("These digits are wrong. Tries left: {left}", left=left)
    return Ask(text, shown="back", to=go(digits), fill="typed", kind="number")


@action
def digits(visit: Visit, typed: int) -> Go | End:
    """Compared and counted; then she hears what she agrees to."""
    found = forgotten.compared(visit, typed)
    if isinstance(found, Reset):
        return go(consent, reset=found.id)
    return found if isinstance(found, End) else go(first, left=found)


@screen
def consent(visit: Visit, reset: int) -> Menu:
    """What is kept of her and who sees it, as everybody hears it who joins."""
    return Menu(
        visit.say("We keep your number, name and chama payments. Members see if you paid. You can stop any time."),
        (
            Option("1", visit.say("I agree"), go(agree, reset=reset)),
            Option("3", visit.say("I do not agree"), go(refused)),
        ),
        shown="none",
    )


@screen
def refused(visit: Visit) -> End:
    """Without her word she is in no chama by this phone."""
    return End(
        visit.say("You agreed to nothing. To have your data erased call {helpline}", helpline=visit.place.helpline)
    )


@action
def agree(visit: Visit, reset: int) -> Go:
    """She is in, and chooses her PIN."""
    shared_phones.agree(visit.conn, visit.her.user_id, language=visit.language, session_key=visit.key, at=visit.at)
    return go(pin.choose, reset=reset)
