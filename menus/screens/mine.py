"""My data: what is kept of her, whom it knows, who has seen her papers, and how it is corrected or forgotten."""

from chamas.members.people import KycState
from chamas.members.states import MemberStatus
from chamas.persons import looks, own_data
from chamas.persons.looks import Sight
from menus import printing
from menus.dialog import List, Menu, Option, Row, go, guarded_screen, screen
from menus.locale import msgids
from menus.visit import Visit
from payments import phones

NONE, WAITING, SEEN, REFUSED = msgids("not handed in", "handed in", "in order", "not enough")
PAPERS = {
    KycState.NONE: NONE,
    KycState.SUBMITTED: WAITING,
    KycState.VERIFIED: SEEN,
    KycState.REJECTED: REFUSED,
}

ASKED, IN, BEHIND, OUT, DONE = msgids("not in yet", "member", "behind with dues", "has left", "ended")
STANDING = {
    MemberStatus.INVITED: ASKED,
    MemberStatus.PENDING: ASKED,
    MemberStatus.CONFIRMED: IN,
    MemberStatus.ACTIVE: IN,
    MemberStatus.DEFAULTED: BEHIND,
    MemberStatus.WITHDRAWN: OUT,
    MemberStatus.COMPLETED: DONE,
}

NUMBER, PAPERS_SEEN, STEPS, ALL = msgids("ID number", "ID papers", "steps on this menu", "all my data")
SIGHTS = {
    Sight.NATIONAL_ID: NUMBER,
    Sight.DOCUMENT: PAPERS_SEEN,
    Sight.STEPS: STEPS,
    Sight.DATA: ALL,
}
# Marks of a list grow; the newest look comes first.
BEFORE_ALL = 10**15


@guarded_screen
def held(visit: Visit) -> Menu:
    """Her name as it is kept, the number half hidden, and when she agreed to it."""
    hers = own_data.kept(visit.conn, visit.her.user_id)
    agreed = (
        visit.say("You agreed on {date}.", date=printing.date(hers.agreed_at))
        if hers.agreed_at is not None
        else visit.say("An official wrote you in.")
    )
    text = visit.say(
        "We keep: {told}, {phone}. Papers: {state}.",
        told=printing.told(hers.name),
        phone=phones.mask(hers.phone) if hers.phone else "",
        state=visit.say(PAPERS[hers.papers]),
    )
    return Menu(
        f"{text}\n{agreed}",
        (
            Option("1", visit.say("My chamas"), go(groups)),
            Option("2", visit.say("Correct it"), go(correction)),
            Option("3", visit.say("Erase it"), go(erasure)),
            Option("4", visit.say("Who saw it"), go(seen)),
        ),
    )


@guarded_screen
def groups(visit: Visit, after: int = 0) -> List:
    """Which groups know her, by which number."""
    rows = tuple(
        Row(
            one.member_id,
            visit.say(
                "{chama}: number {number}, {state}",
                chama=printing.chama(one.chama),
                number=one.number,
                state=visit.say(STANDING[one.status]),
            ),
        )
        for one in own_data.places(visit.conn, visit.her.user_id)
    )
    return List(visit.say("My chamas"), rows, go(groups), after)


@guarded_screen
def seen(visit: Visit, after: int = 0) -> List:
    """Who of the house has looked at her papers or her data, and on which day."""
    rows = tuple(
        Row(
            BEFORE_ALL - one.id,
            visit.say(
                "{date} {name}: {what}",
                date=printing.date(one.seen_at),
                name=printing.person(one.by),
                what=visit.say(SIGHTS[one.what]),
            ),
        )
        for one in looks.at_person(visit.conn, visit.her.user_id)
    )
    return List(visit.say("Who saw it"), rows, go(seen), after)


@screen
def correction(visit: Visit) -> Menu:
    """A name is corrected by people who see her papers; what was booked is never edited."""
    words = (
        "A wrong name or number? Call {helpline} with your ID card at hand. Wrong money? Tell an official: a new entry "
        "corrects it."
    )
    return Menu(visit.say(words, helpline=visit.place.helpline))


@screen
def erasure(visit: Visit) -> Menu:
    """What goes, what stays, and what must be over before (chamas/persons/erasure.py)."""
    words = (
        "First leave your chamas: More, Rules. Then call {helpline}: name, number and messages are erased. "
        "Amounts stay without your name."
    )
    return Menu(visit.say(words, helpline=visit.place.helpline))
