"""Vouch: another member wants a new chama PIN; whoever saw or heard her today says yes, or stops it."""

from chamas.persons import vouching
from chamas.persons.reset_states import Reset, ResetKind
from menus import printing
from menus.dialog import Ask, End, Go, Menu, Option, action, go, screen
from menus.locale import msgids
from menus.screens import pin
from menus.visit import Visit
from payments import phones

WANTS, SILENT = msgids(
    "{name} {phone} wants a new CHAMA PIN.\nDid you see or hear her yourself today?",
    "{name} {phone} was silent for long.\nDid you see or hear her today, and is this her number?",
)


@screen
def person(visit: Visit, reset: int) -> Menu:
    """Who it is about, by name and number; a yes needs the PIN of who says it."""
    asked = next((one for one in waiting(visit) if one.id == reset), None)
    if asked is None:
        raise vouching.NotYoursToSay
    text = visit.say(
        SILENT if asked.kind is ResetKind.SILENT else WANTS,
        name=printing.person(asked.name),
        phone=phones.mask(asked.phone) if asked.phone else "",
    )
    if visit.her.has_pin:
        yes = go(proof, reset=reset)
    elif visit.her.memberships[0].official:
        # Her word counts for more than a member's: whoever holds her phone must not have it for nothing.
        yes = go(pin.choose)
    else:
        yes = go(answer, reset=reset, yes=True)
    return Menu(
        text,
        (
            Option("1", visit.say("Yes, it is her"), yes),
            Option("2", visit.say("No, stop it"), go(answer, reset=reset, yes=False)),
        ),
        shown="back",
    )


@screen
def proof(visit: Visit, reset: int, wrong: bool = False) -> Ask:
    """Her own PIN: a borrowed phone vouches for nobody."""
    text = pin.worded(visit, visit.say("Type your CHAMA PIN (5 digits). Never your M-PESA PIN."), wrong)
    return Ask(text, shown="back", to=go(proved, reset=reset), fill="typed", kind="pin")


@action
def proved(visit: Visit, reset: int, typed: str) -> Go | End:
    """A wrong one is counted, and asked for again."""
    if no := pin.objection(visit, typed, again=go(proof, reset=reset)):
        return no
    return _say(visit, reset, yes=True)


@action
def answer(visit: Visit, reset: int, yes: bool) -> End:
    """A no needs no PIN; a yes without one is a member's who has none."""
    if yes and (visit.her.has_pin or visit.her.memberships[0].official):
        raise vouching.NotYoursToSay
    return _say(visit, reset, yes=yes)


def _say(visit: Visit, reset: int, *, yes: bool) -> End:
    after = vouching.answer(visit.conn, reset, by_user_id=visit.her.user_id, yes=yes, at=visit.at)
    if not yes:
        return End(visit.say("Stopped. {name} and the officials get an SMS.", name=printing.person(after.name)))
    return End(
        visit.say(
            "Thank you. {count} of {all} have said yes for {name}. The whole group is told.",
            count=after.yes,
            all=after.needed,
            name=printing.person(after.name),
        )
    )


def waiting(visit: Visit) -> list[Reset]:
    """What waits for her word in her home chama."""
    return vouching.waiting_for(visit.conn, visit.her.memberships[0].chama_id, visit.her.user_id, at=visit.at)
