"""Start a chama: what it is called, how much, how often, how many people; then whoever founds it is its chairperson.

It takes people at once, by the number that the last screen names. Its deposit and its other rules are agreed on later,
by those who are in it.
"""

from chamas.entrance import founding, joining
from chamas.members import standing
from chamas.rulebook.calendar import EVERY, Frequency
from menus import locale, printing
from menus.dialog import Ask, End, Menu, Option, action, go, screen
from menus.locale import msgids
from menus.screens import join
from menus.visit import Visit

(CALLED,) = msgids("What is your chama called? One word.")


@screen
def called(visit: Visit, language: str | None = None) -> Ask:
    """Its name, in both languages until one is chosen. A short one: it stands on every screen and in every SMS."""
    spoken = [language] if language else locale.LANGUAGES
    text = "\n".join(visit.speaking(one).say(CALLED) for one in spoken)
    return Ask(text, shown="back", to=go(amount), fill="title", kind="name")


@screen
def amount(visit: Visit, title: str) -> Ask:
    """What each pays."""
    text = visit.say("{chama}: how many shillings does each member pay at a time?", chama=printing.chama(title))
    return Ask(text, shown="back", to=go(every, title=title), fill="cents", kind="amount")


@screen
def every(visit: Visit, title: str, cents: int) -> Menu:
    """How often. By the hour only at the desk."""
    return Menu(
        visit.say("How often does each member pay KES {amount}?", amount=printing.money(cents)),
        (
            Option("1", visit.say("every week"), go(people, title=title, cents=cents, often="weekly")),
            Option("2", visit.say("every two weeks"), go(people, title=title, cents=cents, often="fortnightly")),
            Option("3", visit.say("every month"), go(people, title=title, cents=cents, often="monthly")),
        ),
        shown="back",
    )


@screen
def people(visit: Visit, title: str, cents: int, often: str) -> Ask:
    """How many it is meant for: it starts with those who are in."""
    text = visit.say("How many people shall it have, with you? From 2 to 100.")
    return Ask(text, shown="back", to=go(sure, title=title, cents=cents, often=often), fill="target", kind="number")


@screen
def sure(visit: Visit, title: str, cents: int, often: str, target: int) -> Menu:
    """The whole of it. What no chama can have is refused here, before she agrees to anything."""
    founding.look_at(title, cents, target)
    text = visit.say(
        "{chama}: KES {amount} {every}, {people} people. You are the chairperson. Is that right?",
        chama=printing.chama(title),
        amount=printing.money(cents),
        every=visit.say(EVERY[Frequency(often)]),
        people=target,
    )
    return Menu(
        text,
        (
            Option("1", visit.say("Yes"), go(consent, title=title, cents=cents, often=often, target=target)),
            Option("2", visit.say("No"), go(called, language=visit.language)),
        ),
        shown="back",
    )


@screen
def consent(visit: Visit, title: str, cents: int, often: str, target: int) -> Menu:
    """What is kept of her and who sees it, as everybody hears it who joins."""
    # Somebody whom the house knows has a name already.
    yes = go(name, title=title, cents=cents, often=often, target=target)
    if visit.caller is not None:
        yes = go(enter, title=title, cents=cents, often=often, target=target)
    return Menu(
        visit.say("We keep your number, name and chama payments. Members see if you paid. You can stop any time."),
        (
            Option("1", visit.say("I agree"), yes),
            Option("3", visit.say("I do not agree"), go(join.refused)),
        ),
        shown="none",
    )


@screen
def name(visit: Visit, title: str, cents: int, often: str, target: int) -> Ask:
    """Her first name."""
    to = go(enter, title=title, cents=cents, often=often, target=target)
    return Ask(visit.say("Write your first name, one word."), shown="back", to=to, fill="first", kind="name")


@action
def enter(visit: Visit, title: str, cents: int, often: str, target: int, *, first: str = "") -> End:
    """It is there, and takes people."""
    if visit.caller is not None:
        user_id = visit.caller.user_id
    else:
        user_id = joining.enter(visit.conn, phone=visit.phone, first_name=first, language=visit.language, at=visit.at)
    joining.consent(visit.conn, user_id, language=visit.language, session_key=visit.key, at=visit.at)
    seat = founding.found_by_phone(
        visit.conn,
        founder_id=user_id,
        name=title,
        contribution_cents=cents,
        frequency=Frequency(often),
        member_target=target,
        at=visit.at,
        chance=visit.chance,
    )
    here = standing.group(visit.conn, chama_id=seat.chama_id, user_id=user_id)
    return End(
        visit.say(
            "{chama} has the number {number}. Others dial {code}, Join a chama. You let them in: Requests. "
            "To start it: Office, Run the chama.",
            chama=printing.chama(here.name),
            number=here.number,
            code=visit.place.ussd_code,
        )
    )
