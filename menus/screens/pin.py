"""The chama PIN: asked for where something stands behind it, chosen, and changed. Always five digits, always CHAMA's.

A PIN goes straight from the answer into an action or a digest: no path, no choice and no record ever holds it.
"""

from collections.abc import Sequence
from typing import Any

from chamas.members import pins, presence, register
from chamas.members.pins import PinCheck
from chamas.persons import vouching
from menus import printing
from menus.dialog import Ask, Confirm, End, Go, Menu, Option, action, go, screen
from menus.locale import msgids
from menus.screens import forgotten
from menus.visit import Visit

DECIDES_LATER, DECIDES_NEVER = msgids(
    "In 72 hours it decides about money.", "To decide about money, let two members vouch for you."
)


@screen
def ask(visit: Visit, then: Sequence[Any], wrong: bool = False) -> Ask | Menu:
    """Stands before what only the owner of the phone may see; `then` is that place."""
    if not visit.her.has_pin:
        text = visit.say("This number was silent for long and has no CHAMA PIN. An official must say that it is you.")
        return Menu(text, (Option("2", visit.say("Go on"), go(forgotten.word)),))
    until = pins.locked_until(visit.conn, visit.her.user_id, at=visit.at)
    if until is not None:
        text = visit.say(
            "Three wrong CHAMA PINs: locked until {time}. You can still contribute. Help: {helpline}",
            time=printing.moment(visit, until) if (until - visit.at).days else printing.hour(until),
            helpline=visit.place.helpline,
        )
        return Menu(text, (Option("1", visit.say("Forgotten"), go(forgotten.start)),), shown="back")
    words = "Type your CHAMA PIN (5 digits). Never your M-PESA PIN."
    text = f"{visit.say('That CHAMA PIN is wrong.')}\n{visit.say(words)}" if wrong else visit.say(words)
    lost = Option("1", visit.say("Forgotten"), go(forgotten.start))
    return Ask(text, (lost,), shown="back", to=go(prove, then=then), fill="pin", kind="pin")


@action
def prove(visit: Visit, then: Sequence[Any], pin: str) -> Go:
    """Compares and counts; whoever knows it is the owner, however long the phone was silent."""
    found = pins.check_pin(visit.conn, visit.her.user_id, pin, pepper=visit.pepper, at=visit.at)
    if found is not PinCheck.RIGHT:
        return go(ask, then=then, wrong=found is PinCheck.WRONG)
    presence.seen(visit.conn, visit.her.user_id, at=visit.at)
    return Go(*then).having_proved()


def worded(visit: Visit, question: str, wrong: bool) -> str:
    """What a screen says that asks for a PIN before an action: its question, until a PIN was wrong."""
    if wrong:
        return visit.say("Wrong CHAMA PIN. Type your CHAMA PIN again (5 digits). Never your M-PESA PIN.")
    return question


def objection(visit: Visit, typed: str, *, again: Go, none: Go | None = None, decides: bool = False) -> Go | End | None:
    """What stands against an action under her PIN, which is compared and counted here; None when nothing does.

    `again` is the screen that asks, `none` where she goes who has no PIN. `decides`: the action decides about money of
    others and asks nobody else whether her PIN may. Raises PinTooNew.
    """
    check = pins.check_pin(visit.conn, visit.her.user_id, typed, pepper=visit.pepper, at=visit.at)
    if check is PinCheck.LOCKED:
        words = "Your CHAMA PIN is locked for a while. Try later. Help: {helpline}"
        return End(visit.say(words, helpline=visit.place.helpline))
    if check is PinCheck.NONE and none is not None:
        return none
    if check is not PinCheck.RIGHT:
        return again._replace(args={**again.args, "wrong": True})
    if decides:
        pins.demand_decides(visit.conn, visit.her.user_id, at=visit.at)
    return None


@screen
def menu(visit: Visit) -> Menu:
    """Change it, and keep names and amounts behind it."""
    change = Option("1", visit.say("Change CHAMA PIN"), go(ask, then=list(go(choose))))
    if visit.her.guarded:
        private = Option("3", visit.say("End private phone"), go(ask, then=list(go(open_phone))))
    else:
        private = Option("2", visit.say("Private phone"), go(close_phone))
    lost = Option("4", visit.say("Forgotten"), go(forgotten.start))
    # On a phone that is somebody else's nothing may stand open.
    return Menu(visit.say("CHAMA PIN"), (change, lost) if visit.her.shared else (change, private, lost))


@screen
def choose(visit: Visit, differed: bool = False, reset: int | None = None) -> Ask:
    """Five digits, so that it cannot be M-PESA's. `reset`: what allows her to, who has lost the one she had."""
    words = "Choose a CHAMA PIN: 5 digits. It is not your M-PESA PIN. Not 12345, not your phone number."
    text = f"{visit.say('They differed.')}\n{visit.say(words)}" if differed else visit.say(words)
    return Ask(text, shown="back", to=go(once_more, reset=reset), fill="digest", kind="new_pin")


@screen
def once_more(visit: Visit, digest: str, reset: int | None = None) -> Ask:
    """What was typed once may have been mistyped."""
    text = visit.say("Type the same CHAMA PIN once more.")
    return Ask(text, shown="back", to=go(keep, digest=digest, reset=reset), fill="pin", kind="pin")


@action
def keep(visit: Visit, digest: str, pin: str, reset: int | None = None) -> End | Go:
    """From now on it is hers."""
    if not pins.same(visit.her.user_id, digest, pin, pepper=visit.pepper):
        return go(choose, differed=True, reset=reset)
    decides = None
    if reset is not None:
        decides = vouching.use(visit.conn, reset, user_id=visit.her.user_id, at=visit.at) or pins.NEVER
    pins.keep(visit.conn, visit.her.user_id, digest, at=visit.at, decides_from=decides)
    presence.seen(visit.conn, visit.her.user_id, at=visit.at)
    if reset is not None:
        words = "New CHAMA PIN set. You can look and pay. {decides} Not you? Call {helpline}"
        later = visit.say(DECIDES_NEVER if decides == pins.NEVER else DECIDES_LATER)
        return End(visit.say(words, decides=later, helpline=visit.place.helpline))
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
