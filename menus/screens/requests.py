"""Requests: what waits for this member's yes or no."""

from chamas.arriving import cash_claims
from chamas.course import motions
from chamas.course.motions import Motion, MotionKind
from chamas.entrance import joining
from chamas.members import standing
from chamas.members.access import Action
from chamas.payouts import requested
from menus import printing
from menus.dialog import End, List, Menu, Option, Row, action, go, screen
from menus.screens import ask, cash, leave, offices, payout, place, stopped, vouch
from menus.visit import Visit

# Marks of a list grow: these come behind all members' ids.
AFTER_MEMBERS = 10**12


@screen
def waiting(visit: Visit) -> Menu:
    """What waits, by kind, each with its own key: payouts to answer, cash for her word, people who ask to join.

    Then what is on its way out of her chamas, asking for money, and what was sent of late, or not.
    """
    mine = visit.her.memberships
    chama = mine[0]
    here = standing.group(visit.conn, chama_id=chama.chama_id, user_id=visit.her.user_id)
    asking = joining.requests(visit.conn, chama.chama_id) if here.access(visit.at).may(Action.ADMIT) else []
    claims = cash_claims.waiting_for(visit.conn, visit.her.user_id)
    payouts = sum(len(requested.waiting_for(visit.conn, one.member_id)) for one in mine)
    leaving = len(payout.on_its_way(visit))
    options: list[Option] = []
    if payouts:
        options.append(Option("1", visit.say("Payouts to answer ({count})", count=payouts), go(payout.waiting)))
    if claims:
        options.append(Option("2", visit.say("Cash to confirm ({count})", count=len(claims)), go(claimed)))
    people = len(asking) + len(vouch.waiting(visit)) + len(_motions(visit))
    if people:
        options.append(Option("3", visit.say("People ({count})", count=people), go(joiners)))
    waits = bool(options)
    if leaving:
        options.append(Option("4", visit.say("Payouts coming ({count})", count=leaving), go(payout.coming)))
    if chama.contributes:
        options.append(Option("5", visit.say("Ask for a payout"), go(ask.purpose, chama=chama.chama_id)))
    options += stopped.option(visit)
    if waits:
        return Menu(visit.say("Requests, {chama}", chama=printing.chama(here.name)), tuple(options), quick="4")
    return Menu(visit.say("No request waits for your answer."), tuple(options))


@screen
def claimed(visit: Visit, after: int = 0) -> List | Menu:
    """Cash that officials wrote down as hers."""
    found = cash_claims.waiting_for(visit.conn, visit.her.user_id)
    if not found:
        return Menu(visit.say("No request waits for your answer."))
    said = [visit.say("Cash of {date} to confirm", date=printing.date(one.recorded_at)) for one in found]
    rows = tuple(Row(one.id, text, go(cash.given, claim=one.id)) for one, text in zip(found, said, strict=True))
    return List(visit.say("Cash"), rows, go(claimed), after)


@screen
def joiners(visit: Visit, after: int = 0) -> List | Menu:
    """People who ask officials to be let in, who want a new CHAMA PIN or to leave, and offices to give."""
    chama = visit.her.memberships[0]
    here = standing.group(visit.conn, chama_id=chama.chama_id, user_id=visit.her.user_id)
    found = joining.requests(visit.conn, chama.chama_id) if here.access(visit.at).may(Action.ADMIT) else []
    rows: list[Row] = []
    for member, _number, name in found:
        text = visit.say("{name} asks to join", name=printing.person(name))
        rows.append(Row(member, text, go(person, chama=chama.chama_id, member=member, name=name)))
    for one in vouch.waiting(visit):
        text = visit.say("{name}: new CHAMA PIN", name=printing.person(one.name))
        rows.append(Row(AFTER_MEMBERS + one.id, text, go(vouch.person, reset=one.id)))
    for motion in _motions(visit):
        name, mark = printing.person(motion.name), 2 * AFTER_MEMBERS + motion.id
        if motion.kind is MotionKind.EXIT:
            text = visit.say("{name} wants to leave", name=name)
            rows.append(Row(mark, text, go(leave.decide, motion=motion.id)))
        elif motion.kind is MotionKind.SUBSTITUTION:
            text = visit.say("{name}: a place to give", name=name)
            rows.append(Row(mark, text, go(place.decide, motion=motion.id)))
        else:
            rows.append(Row(mark, visit.say("{name}: an office", name=name), go(offices.decide, motion=motion.id)))
    if not rows:
        return Menu(visit.say("No request waits for your answer."))
    return List(visit.say("People"), tuple(rows), go(joiners), after)


def _motions(visit: Visit) -> list[Motion]:
    """What is asked about members, in any chama of hers, and waits for her answer."""
    every = [
        motions.waiting_for(visit.conn, one.chama_id, visit.her.user_id, at=visit.at) for one in visit.her.memberships
    ]
    return [one for found in every for one in found]


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
