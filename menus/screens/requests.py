"""Requests: what waits for this member's yes or no."""

from chamas import joining, standing
from chamas.access import Action
from menus import printing
from menus.dialog import End, Menu, Option, action, go, screen
from menus.visit import Visit

# What fits a screen with the longest names; who is answered makes room for the next.
SHOWN = 5


@screen
def waiting(visit: Visit) -> Menu:
    """People who ask to join, for officials. Payouts to approve and cash to confirm will stand here too."""
    chama = visit.her.memberships[0].chama_id
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    asking = joining.requests(visit.conn, chama) if here.access(visit.at).may(Action.ADMIT) else []
    if not asking:
        return Menu(visit.say("No request waits for your answer."))
    options = []
    for place, (member, _number, name) in enumerate(asking[:SHOWN], 1):
        label = visit.say("{name} asks to join", name=printing.person(name))
        options.append(Option(str(place), label, go(person, chama=chama, member=member, name=name)))
    return Menu(visit.say("Requests, {chama}", chama=printing.chama(here.name)), tuple(options))


@screen
def person(visit: Visit, chama: int, member: int, name: str) -> Menu:
    """One person who asks: the officials know whether they know her."""
    here = standing.group(visit.conn, chama_id=chama, user_id=visit.her.user_id)
    text = visit.say(
        "{name} asks to join {chama}. {taken} of {places} places are taken.",
        name=printing.person(name),
        chama=printing.chama(here.name),
        taken=here.taken,
        places=here.capacity,
    )
    return Menu(
        text,
        (
            Option("1", visit.say("Let in"), go(answer, member=member, yes=True)),
            Option("2", visit.say("Refuse"), go(answer, member=member, yes=False)),
        ),
    )


@action
def answer(visit: Visit, member: int, yes: bool) -> End:
    """In, or not; she is told by SMS either way."""
    joining.admit(visit.conn, member, by_user_id=visit.her.user_id, yes=yes, at=visit.at)
    if yes:
        return End(visit.say("Done: the new member is in and gets an SMS."))
    return End(visit.say("Done: not let in. The person gets an SMS."))
