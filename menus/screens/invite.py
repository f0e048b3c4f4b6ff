"""Invite somebody: an official types a phone number, and an SMS brings the invitation."""

from chamas.entrance import joining
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import demand
from menus import locale, printing
from menus.dialog import Ask, End, Menu, Option, action, go, screen
from menus.screens import shared
from menus.visit import Visit
from payments import phones


@screen
def phone(visit: Visit, chama: int) -> Ask:
    """Whom? Refused at once where nobody can be invited, before anything is typed."""
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    demand(here, Action.INVITE, at=visit.at)
    text = visit.say(
        "{chama} has {taken} of {places} places taken.\nType the phone number to invite, for example 0712345678",
        chama=printing.chama(here.name),
        taken=here.taken,
        places=here.capacity,
    )
    none = Option("1", visit.say("Has no phone"), go(shared.borrowed, chama=chama))
    return Ask(text, (none,), to=go(language, chama=chama), fill="number", kind="phone")


@screen
def language(visit: Visit, chama: int, number: str) -> Menu:
    """In which language the SMS is written."""
    return Menu(
        visit.say("In which language shall we write to {phone}?", phone=phones.mask(number)),
        (
            Option("1", "Kiswahili", go(name, chama=chama, number=number, speaks=locale.KISWAHILI)),
            Option("2", "English", go(name, chama=chama, number=number, speaks=locale.ENGLISH)),
        ),
    )


@screen
def name(visit: Visit, chama: int, number: str, speaks: str) -> Ask:
    """Her first name, by which the group knows her."""
    return Ask(
        visit.say("Write the first name of the person, one word."),
        to=go(send, chama=chama, number=number, speaks=speaks),
        fill="called",
        kind="name",
    )


@action
def send(visit: Visit, chama: int, number: str, speaks: str, called: str) -> End:
    """Invites; what cannot be is said in words on the same screen."""
    joining.invite(
        visit.conn,
        chama,
        by_user_id=visit.her.user_id,
        phone=number,
        first_name=called,
        language=speaks,
        at=visit.at,
        chance=visit.chance,
    )
    return End(
        visit.say(
            "{name} ({phone}) gets an SMS now. The invitation lasts 7 days. Nobody pays to join.",
            name=printing.person(called),
            phone=phones.mask(number),
        )
    )
