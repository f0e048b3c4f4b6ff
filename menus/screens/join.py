"""Join a chama: by its number, or by the code of an invitation; what is agreed to; and who she is.

Wrong numbers are counted by phone: whoever typed five in a row waits an hour (chamas/entrance/invitations.py).
"""

from chamas.course import substitution
from chamas.course.substitution import OnlyFromHerPhone
from chamas.entrance import invitations, joining
from chamas.entrance.invitations import InvitationAnswered, Wrong
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import demand
from chamas.members.register import MemberStatus
from chamas.rulebook.calendar import EVERY
from menus import locale, printing
from menus.dialog import Ask, End, Go, Menu, Option, action, go, screen
from menus.locale import msgids
from menus.visit import Visit

(TYPE,) = msgids("Type the chama's number (5 digits) or the code in your SMS (6 digits).")


@screen
def code(visit: Visit, language: str | None = None) -> Ask:
    """Which chama? In both languages until one is chosen."""
    spoken = [language] if language else locale.LANGUAGES
    text = "\n".join(visit.speaking(one).say(TYPE) for one in spoken)
    return Ask(text, shown="back", to=go(look), fill="typed", kind="code")


@action
def look(visit: Visit, typed: int) -> Go:
    """Counts the try, and leads to the chama or to the question again."""
    found = invitations.guess(visit.conn, phone=visit.phone, typed=str(typed), at=visit.at)
    if isinstance(found, Wrong):
        return go(wrong, left=found.left)
    asked = found.invitation_id or _invited(visit, found.chama_id)
    if asked and substitution.offered(visit.conn, asked):
        return go(offered, chama=found.chama_id, invitation=asked)
    return go(group, chama=found.chama_id, invitation=found.invitation_id)


@screen
def wrong(visit: Visit, left: int) -> Ask | Menu:
    """No chama has it."""
    if left <= 0:
        return Menu(visit.say("Too many wrong codes. Try again after one hour."), shown="back")
    text = visit.say("No chama has this number or code. Look at it again and type it. Tries left: {left}", left=left)
    return Ask(text, shown="back", to=go(look), fill="typed", kind="code")


@screen
def group(visit: Visit, chama: int, invitation: int | None = None) -> Menu:
    """Is it this one? No members and no balance are shown to somebody who is not in."""
    here = _here(visit, chama)
    asked = invitation or _invited(visit, chama)
    if asked is None:
        demand(here, Action.JOIN, at=visit.at)
    else:
        # Nobody agrees to anything and writes her name for an invitation that is over.
        invitations.demand_open(visit.conn, asked, at=visit.at)
    facts = {
        "chama": printing.chama(here.name),
        "chair": printing.person(here.chair or "-"),
        "amount": printing.money(here.contribution_cents),
        "every": visit.say(EVERY[here.frequency]),
        "people": here.member_target,
    }
    if here.deposit_cents:
        text = visit.say(
            "{chama}, chairperson {chair}.\nKES {amount} {every}, deposit {due}, {people} people.\nIs this your chama?",
            due=printing.money(here.deposit_cents),
            **facts,
        )
    else:
        text = visit.say(
            "{chama}, chairperson {chair}.\nKES {amount} {every}, {people} people.\nIs this your chama?", **facts
        )
    return Menu(
        text,
        (
            Option("1", visit.say("Yes"), go(consent, chama=chama, invitation=invitation)),
            Option("2", visit.say("No"), go(code, language=visit.language)),
        ),
        shown="back",
    )


@screen
def offered(visit: Visit, chama: int, invitation: int) -> Menu:
    """A member's place is offered: in which chama, before what it means in shillings."""
    here = _here(visit, chama)
    invitations.demand_open(visit.conn, invitation, at=visit.at)
    text = visit.say(
        "{chama}, chairperson {chair}: KES {amount} {every}. A place is offered to you.\nIs this your chama?",
        chama=printing.chama(here.name),
        chair=printing.person(here.chair or "-"),
        amount=printing.money(here.contribution_cents),
        every=visit.say(EVERY[here.frequency]),
    )
    return Menu(
        text,
        (
            Option("1", visit.say("Yes"), go(taken, chama=chama, invitation=invitation)),
            Option("2", visit.say("No"), go(code, language=visit.language)),
        ),
        shown="back",
    )


@screen
def taken(visit: Visit, chama: int, invitation: int) -> Menu:
    """What the place has paid in, got and owes: all of it becomes hers."""
    place = substitution.offered(visit.conn, invitation)
    if place is None:
        raise InvitationAnswered
    text = visit.say(
        "The place of {name} paid in KES {paid}, got {received}, owes {owed}: all would be yours. What you pay each "
        "other we do not see.",
        name=printing.person(place.name),
        paid=printing.money(place.paid_in_cents or 0),
        received=printing.money(place.received_cents or 0),
        owed=printing.money(place.owed_cents or 0),
    )
    return Menu(
        text,
        (
            Option("1", visit.say("I take it"), go(consent, chama=chama, invitation=invitation)),
            Option("2", visit.say("No"), go(left, invitation=invitation)),
        ),
        shown="back",
    )


@action
def left(visit: Visit, invitation: int) -> End:
    """She does not take it; whoever offered it hears that."""
    if visit.caller is None:
        raise OnlyFromHerPhone
    substitution.decline(visit.conn, invitation, user_id=visit.caller.user_id, at=visit.at)
    return End(visit.say("The place stays as it is. You owe nothing."))


@screen
def consent(visit: Visit, chama: int, invitation: int | None = None) -> Menu:
    """What is kept of her and who sees it, before anything is kept."""
    return Menu(
        visit.say("We keep your number, name and chama payments. Members see if you paid. You can stop any time."),
        (
            Option("1", visit.say("I agree"), go(name, chama=chama, invitation=invitation)),
            Option("2", visit.say("Tell me more"), go(terms, chama=chama, invitation=invitation)),
            Option("3", visit.say("I do not agree"), go(refused)),
        ),
        shown="none",
    )


@screen
def terms(visit: Visit, chama: int, invitation: int | None = None) -> Menu:
    """The rest of what she agrees to."""
    text = visit.say(
        "Nobody else gets your data. Ask us to see or erase them: {helpline}. What you paid stays in the books.",
        helpline=visit.place.helpline,
    )
    return Menu(text, (Option("1", visit.say("I agree"), go(name, chama=chama, invitation=invitation)),), shown="back")


@screen
def refused(visit: Visit) -> End:
    """Nothing was kept."""
    return End(visit.say("Nothing was kept and you joined no chama. Help: {helpline}", helpline=visit.place.helpline))


@screen
def name(visit: Visit, chama: int, invitation: int | None = None) -> Menu | Ask:
    """Her first name, when the invitation has not told it."""
    if visit.caller is not None:
        return Menu(
            visit.say("Are you {name}?", name=printing.person(visit.caller.first_name)),
            (
                Option("1", visit.say("Yes"), go(enter, chama=chama, invitation=invitation)),
                Option("2", visit.say("No"), go(refused)),
            ),
            shown="back",
        )
    text = visit.say("Write your first name, one word.")
    return Ask(text, shown="back", to=go(enter, chama=chama, invitation=invitation), fill="called", kind="name")


@action
def enter(visit: Visit, chama: int, invitation: int | None = None, called: str = "") -> End:
    """She is in, or the officials have her request."""
    # Who shares a phone is not its owner, by whose number she would be found.
    user_id = visit.caller.user_id if visit.caller else _written_down(visit, called)
    joining.consent(visit.conn, user_id, language=visit.language, session_key=visit.key, at=visit.at)
    own = invitations.open_for(visit.conn, chama_id=chama, user_id=user_id)
    chosen = own.id if own else invitation
    if chosen is not None and substitution.offered(visit.conn, chosen):
        place = substitution.accept(visit.conn, chosen, user_id=user_id, at=visit.at)
        words = "Noted. When {count} others agree the place in {chama} is yours, and an SMS comes. Help: {helpline}"
        named = printing.chama(place.chama)
        return End(visit.say(words, count=place.needed, chama=named, helpline=visit.place.helpline))
    if chosen is None:
        seat = joining.ask(visit.conn, chama, user_id=user_id, at=visit.at)
    else:
        seat = joining.accept(visit.conn, chosen, user_id=user_id, at=visit.at)
    here = _here(visit, chama)
    facts = {"chama": printing.chama(here.name), "helpline": visit.place.helpline}
    if seat.status is MemberStatus.CONFIRMED:
        return End(visit.say("You are in {chama}, member {number}. Dial again to see it. Help: {helpline}",
                             number=seat.number, **facts))  # fmt: skip
    return End(
        visit.say(
            "Thank you. {chama} has your request; an SMS will come when they accept. Do not pay anybody to join. "
            "Help: {helpline}",
            **facts,
        )
    )


def _written_down(visit: Visit, called: str) -> int:
    return joining.enter(visit.conn, phone=visit.phone, first_name=called, language=visit.language, at=visit.at)


def _here(visit: Visit, chama: int) -> standing.Group:
    return standing.group(visit.conn, chama_id=chama, user_id=visit.caller.user_id if visit.caller else 0)


def _invited(visit: Visit, chama: int) -> int | None:
    own = invitations.open_for(visit.conn, chama_id=chama, user_id=visit.caller.user_id) if visit.caller else None
    return own.id if own else None
