"""Requests: what waits for this member's yes or no."""

from chamas import cash as money
from chamas import joining, standing
from chamas.access import Action
from menus import printing
from menus.dialog import End, Menu, Option, action, go, screen
from menus.screens import cash
from menus.visit import Visit

# What fits a screen with the longest names; who is answered makes room for the next.
SHOWN = 5


@screen
def waiting(visit: Visit) -> Menu:
    """Cash that waits for her word and, for officials, people who ask to join. Payouts to approve will stand here."""
    chama = visit.her.memberships[0]
    here = standing.group(visit.conn, chama_id=chama.chama_id, user_id=visit.her.user_id)
    asking = joining.requests(visit.conn, chama.chama_id) if here.access(visit.at).may(Action.ADMIT) else []
    claims = money.waiting_for(visit.conn, visit.her.user_id)[:SHOWN]
    if not asking and not claims:
        return Menu(visit.say("No request waits for your answer."))
    options: list[Option] = []
    for claim in claims:
        label = visit.say("Cash of {date} to confirm", date=printing.date(claim.recorded_at))
        options.append(Option(str(len(options) + 1), label, go(cash.given, claim=claim.id)))
    for member, _number, name in asking[: SHOWN - len(claims)]:
        label = visit.say("{name} asks to join", name=printing.person(name))
        place = go(person, chama=chama.chama_id, member=member, name=name)
        options.append(Option(str(len(options) + 1), label, place))
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
