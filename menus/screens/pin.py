"""The chama PIN: asked for where something stands behind it, chosen, and changed. Always five digits, always CHAMA's.

A PIN goes straight from the answer into an action or a digest: no path, no choice and no record ever holds it.
"""

from collections.abc import Sequence
from typing import Any

from chamas import pins, presence, register
from chamas.pins import PinCheck
from menus import printing
from menus.dialog import Ask, Confirm, End, Go, Menu, Option, action, go, screen
from menus.visit import Visit


@screen
def ask(visit: Visit, then: Sequence[Any], wrong: bool = False) -> Ask | End | Menu:
    """Stands before what only the owner of the phone may see; `then` is that place."""
    if not visit.her.has_pin:
        return End(
            visit.say(
                "This number was silent for long and has no CHAMA PIN. Ask an official of your chama. Help: {helpline}",
                helpline=visit.place.helpline,
            )
        )
    until = pins.locked_until(visit.conn, visit.her.user_id, at=visit.at)
    if until is not None:
        return End(
            visit.say(
                "Three wrong CHAMA PINs: locked until {time}. You can still contribute. Forgotten? Call {helpline}",
                time=printing.moment(visit, until) if (until - visit.at).days else printing.hour(until),
                helpline=visit.place.helpline,
            )
        )
    words = "Type your CHAMA PIN (5 digits). Never your M-PESA PIN."
    text = f"{visit.say('That CHAMA PIN is wrong.')}\n{visit.say(words)}" if wrong else visit.say(words)
    return Ask(text, shown="back", to=go(prove, then=then), fill="pin", kind="pin")


@action
def prove(visit: Visit, then: Sequence[Any], pin: str) -> Go:
    """Compares and counts; whoever knows it is the owner, however long the phone was silent."""
    found = pins.check_pin(visit.conn, visit.her.user_id, pin, pepper=visit.pepper, at=visit.at)
    if found is not PinCheck.RIGHT:
        return go(ask, then=then, wrong=found is PinCheck.WRONG)
    presence.seen(visit.conn, visit.her.user_id, at=visit.at)
    return Go(*then).having_proved()


@screen
def menu(visit: Visit) -> Menu:
    """Change it, and keep names and amounts behind it."""
    change = Option("1", visit.say("Change CHAMA PIN"), go(ask, then=list(go(choose))))
    if visit.her.guarded:
        private = Option("3", visit.say("End private phone"), go(ask, then=list(go(open_phone))))
    else:
        private = Option("2", visit.say("Private phone"), go(close_phone))
    return Menu(visit.say("CHAMA PIN"), (change, private))


@screen
def choose(visit: Visit, differed: bool = False) -> Ask:
    """Five digits, so that it cannot be M-PESA's."""
    words = "Choose a CHAMA PIN: 5 digits. It is not your M-PESA PIN. Not 12345, not your phone number."
    text = f"{visit.say('They differed.')}\n{visit.say(words)}" if differed else visit.say(words)
    return Ask(text, shown="back", to=go(once_more), fill="digest", kind="new_pin")


@screen
def once_more(visit: Visit, digest: str) -> Ask:
    """What was typed once may have been mistyped."""
    text = visit.say("Type the same CHAMA PIN once more.")
    return Ask(text, shown="back", to=go(keep, digest=digest), fill="pin", kind="pin")


@action
def keep(visit: Visit, digest: str, pin: str) -> End | Go:
    """From now on it is hers."""
    if not pins.repeat(visit.conn, visit.her.user_id, digest, pin, pepper=visit.pepper, at=visit.at):
        return go(choose, differed=True)
    presence.seen(visit.conn, visit.her.user_id, at=visit.at)
    return End(visit.say("Your CHAMA PIN is set. Tell nobody, no official either. Forgotten? Call {helpline}",
                         helpline=visit.place.helpline))  # fmt: skip


@screen
def close_phone(visit: Visit) -> Confirm:
    """For a phone that several people hold."""
    words = "Private phone: names and balances only after your CHAMA PIN, no amounts in SMS. Turn on?"
    return Confirm(visit.say(words), yes=go(turn, private=True), no=go(menu))


@screen
def open_phone(visit: Visit) -> Confirm:
    """Behind the PIN, like what it opens."""
    words = "Show names and balances without a CHAMA PIN, and amounts in SMS?"
    return Confirm(visit.say(words), yes=go(turn, private=False), no=go(menu))


@action
def turn(visit: Visit, private: bool) -> End:
    """From the next dial on."""
    register.prefer(visit.conn, visit.her.user_id, private=private)
    if private:
        return End(visit.say("Private phone is on from your next dial."))
    return End(visit.say("Private phone is off from your next dial."))
