"""Giving a place in the chama to somebody else: offering it, and the answers of whose place it is and of the others.

Whoever is invited to it answers where people join (join.py).
"""

from chamas.approving.approvals import NOT_AGREED, Vote
from chamas.course import motions, substitution
from chamas.course.motions import MotionKind
from chamas.dues import holdings, setting_off
from menus import locale, printing
from menus.dialog import Ask, End, Go, Menu, Option, action, go, guarded_screen
from menus.motioned import answer_motion
from menus.screens import pin
from menus.visit import Visit
from payments import phones


@guarded_screen
def menu(visit: Visit, chama: int) -> Menu | Ask:
    """To whom? Or how far it has come."""
    mine = visit.her.member_of(chama)
    open_now = motions.open_about(visit.conn, mine.member_id, MotionKind.SUBSTITUTION)
    if open_now is not None:
        yes = motions.agreed(visit.conn, open_now)
        words = "Your place is offered to {name}. {yes} of {needed} others have agreed."
        text = visit.say(words, name=printing.person(open_now.other or ""), yes=yes, needed=open_now.needed)
        back = (Option("2", visit.say("I keep it"), go(keep, motion=open_now.id)),)
        return Menu(text, back if open_now.asked_by == mine.member_id and open_now.state == "asked" else ())
    if not visit.her.has_pin:
        return Menu(visit.say("Choose a CHAMA PIN first: More, CHAMA PIN."))
    substitution.require_free(visit.conn, mine.member_id, at=visit.at)
    text = visit.say("Who shall have your place? Type the phone number, for example 0712345678")
    return Ask(text, to=go(language, chama=chama), fill="number", kind="phone")


@guarded_screen
def language(visit: Visit, chama: int, number: str) -> Menu:
    """In which language the SMS is written."""
    return Menu(
        visit.say("In which language shall we write to {phone}?", phone=phones.mask(number)),
        (
            Option("1", "Kiswahili", go(name, chama=chama, number=number, speaks=locale.KISWAHILI)),
            Option("2", "English", go(name, chama=chama, number=number, speaks=locale.ENGLISH)),
        ),
    )


@guarded_screen
def name(visit: Visit, chama: int, number: str, speaks: str) -> Ask:
    """Her first name, by which the group is asked."""
    to = go(prove, chama=chama, number=number, speaks=speaks)
    return Ask(visit.say("Write the first name of the person, one word."), to=to, fill="called", kind="name")


@guarded_screen
def prove(visit: Visit, chama: int, number: str, *, speaks: str, called: str, wrong: bool = False) -> Ask:
    """What goes with the place, and her PIN: what follows is an action."""
    mine = visit.her.member_of(chama)
    hers = holdings.of_member(visit.conn, mine.member_id)
    text = visit.say(
        "{name} would get your turn, what you paid in (KES {paid}), got ({received}) and owe ({owed}). "
        "CHAMA PIN (5 digits) to offer it:",
        name=printing.person(called),
        paid=printing.money(hers.paid_in_cents),
        received=printing.money(hers.received_cents),
        owed=printing.money(setting_off.owed(visit.conn, mine.member_id)),
    )
    to = go(offer, chama=chama, number=number, speaks=speaks, called=called)
    return Ask(pin.worded(visit, text, wrong), shown="back", to=to, fill="typed", kind="pin")


@action
def offer(visit: Visit, chama: int, number: str, *, speaks: str, called: str, typed: str) -> Go | End:
    """She is invited, and the others are asked, by SMS."""
    again = go(prove, chama=chama, number=number, speaks=speaks, called=called)
    if no := pin.objection(visit, typed, again=again, decides=True):
        return no
    visit.her.member_of(chama)
    made = substitution.offer(
        visit.conn,
        chama,
        by_user_id=visit.her.user_id,
        phone=number,
        first_name=called,
        language=speaks,
        at=visit.at,
        chance=visit.chance,
    )
    words = (
        "Offered. {name} must take it and {count} others agree, within 7 days. Until then you are a member as before."
    )
    return End(visit.say(words, name=printing.person(called), count=made.needed))


@action
def keep(visit: Visit, motion: int) -> End:
    """She does not want to give it any more."""
    mine = visit.her.member_of(motions.by_id(visit.conn, motion).chama_id)
    substitution.take_back(visit.conn, motion, by_member_id=mine.member_id, at=visit.at)
    return End(visit.say("Good: you stay a member."))


@guarded_screen
def decide(visit: Visit, motion: int) -> Menu:
    """Whose place goes to whom, and what goes with it; whose place it is agrees, or not."""
    one = motions.by_id(visit.conn, motion)
    mine = visit.her.member_of(one.chama_id)
    facts = {
        "name": printing.person(one.name),
        "other": printing.person(one.other or ""),
        "paid": printing.money(one.paid_in_cents or 0),
        "received": printing.money(one.received_cents or 0),
        "owed": printing.money(one.owed_cents or 0),
    }
    if one.member_id == mine.member_id:
        words = (
            "Give your place to {other}? With it go your turn, what you paid in (KES {paid}), got ({received}) and "
            "owe ({owed})."
        )
    else:
        words = (
            "{other} shall have the place of {name}: paid in KES {paid}, got {received}, owes {owed}. "
            "Nobody's turn moves."
        )
    seen = one.digest.hex()
    yes = go(agree, motion=motion, seen=seen) if visit.her.has_pin else go(pin.choose)
    no = go(refuse, motion=motion, seen=seen)
    return Menu(
        visit.say(words, **facts), (Option("1", visit.say("I agree"), yes), Option("2", visit.say("I refuse"), no))
    )


@guarded_screen
def agree(visit: Visit, motion: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN: what follows is an action, and never taken from a dialled string."""
    text = visit.say("To say yes type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(agreed, motion=motion, seen=seen), fill="typed", kind="pin")


@action
def agreed(visit: Visit, motion: int, seen: str, typed: str) -> Go | End:
    """Her yes to what she saw; the worker counts it."""
    if no := pin.objection(visit, typed, again=go(agree, motion=motion, seen=seen), decides=True):
        return no
    one = answer_motion(visit, motion, Vote.APPROVE, seen)
    yes = motions.agreed(visit.conn, one)
    return End(visit.say("Your yes is noted: {yes} of {needed}. Everybody hears by SMS.", yes=yes, needed=one.needed))


@action
def refuse(visit: Visit, motion: int, seen: str) -> End:
    """A no needs no PIN: by it nothing changes."""
    answer_motion(visit, motion, Vote.REJECT, seen, NOT_AGREED)
    return End(visit.say("Your no is noted."))
