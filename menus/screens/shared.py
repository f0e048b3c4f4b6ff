"""Shared phones, for officials: who has no phone of her own uses another's, and is told six digits for a PIN.

The digits are said face to face: what an SMS brings is read by whoever holds the phone
(chamas/persons/shared_phones.py).
"""

from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import demand
from chamas.persons import shared_phones
from menus import locale
from menus.dialog import Ask, End, Menu, Option, action, go, screen
from menus.visit import Visit


@screen
def member(visit: Visit, chama: int) -> Ask:
    """Which member has none of her own?"""
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    demand(here, Action.SHARE_PHONE, at=visit.at)
    text = visit.say("Which member has no phone of her own? Type her member number.")
    return Ask(text, to=go(lent, chama=chama), fill="number", kind="number")


@screen
def lent(visit: Visit, chama: int, number: int) -> Ask:
    """The phone of a relative or a neighbour."""
    visit.her.member_of(chama)
    text = visit.say("Whose phone does she use? Type its number, for example 0712345678")
    return Ask(text, to=go(hand_over, chama=chama, number=number), fill="phone", kind="phone")


@action
def hand_over(visit: Visit, chama: int, number: int, phone: str) -> End:
    """For a member: her phone is written once, and the digits are new each time."""
    told = shared_phones.hand_over(
        visit.conn,
        chama,
        by_user_id=visit.her.user_id,
        number=number,
        contact_phone=phone,
        pepper=visit.pepper,
        at=visit.at,
        chance=visit.chance,
    )
    return _tell_her(visit, told)


@screen
def borrowed(visit: Visit, chama: int) -> Ask:
    """Somebody new, by the phone that she uses."""
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    demand(here, Action.INVITE, at=visit.at)
    text = visit.say("Whose phone does she use? Type its number, for example 0712345678")
    return Ask(text, to=go(language, chama=chama), fill="phone", kind="phone")


@screen
def language(visit: Visit, chama: int, phone: str) -> Menu:
    """In which language she is spoken to."""
    return Menu(
        visit.say("Which language does she speak?"),
        (
            Option("1", "Kiswahili", go(name, chama=chama, phone=phone, speaks=locale.KISWAHILI)),
            Option("2", "English", go(name, chama=chama, phone=phone, speaks=locale.ENGLISH)),
        ),
    )


@screen
def name(visit: Visit, chama: int, phone: str, speaks: str) -> Ask:
    """Her first name, by which the group knows her."""
    to = go(invite, chama=chama, phone=phone, speaks=speaks)
    return Ask(visit.say("Write the first name of the person, one word."), to=to, fill="called", kind="name")


@action
def invite(visit: Visit, chama: int, phone: str, speaks: str, called: str) -> End:
    """She is invited, and answers from the shared phone."""
    told = shared_phones.invite(
        visit.conn,
        chama,
        by_user_id=visit.her.user_id,
        contact_phone=phone,
        first_name=called,
        language=speaks,
        pepper=visit.pepper,
        at=visit.at,
        chance=visit.chance,
    )
    return _tell_her(visit, told)


def _tell_her(visit: Visit, told: shared_phones.Told) -> End:
    words = (
        "Member {number}. Tell HER ALONE: {digits} (7 days). There: {code}, Member, or More twice. "
        "A second official must say yes in Requests."
    )
    return End(visit.say(words, number=told.number, digits=told.digits, code=visit.place.ussd_code))
