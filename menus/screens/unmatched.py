"""Unmatched money, for officials: whose it may be. One asks that it become hers, another agrees."""

from chamas.approving.approvals import Vote
from chamas.approving.deciders import AlreadyDecided
from chamas.arriving import concierge, unmatched
from chamas.arriving.concierge import Offer
from chamas.arriving.settlements import Settlement
from menus import printing
from menus.dialog import Ask, Confirm, End, Go, List, Menu, Option, Row, action, go, screen
from menus.screens import pin, taken_back
from menus.visit import Visit

# Marks of a list grow: what is to be taken back comes behind all settlements.
AFTER_SETTLEMENTS = 10**12


@screen
def offers(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """What may belong to members of the group, the likeliest first; each sum once, with its likeliest member."""
    name = printing.chama(visit.her.member_of(chama).name)
    rows = tuple(
        Row(
            mark,
            visit.say(
                "KES {amount} {date}: {name}?",
                amount=printing.money(one.amount_cents),
                date=printing.date(one.paid_at),
                name=printing.person(one.member),
            ),
            go(give, chama=chama, receipt=one.receipt, member=one.member_id),
        )
        for mark, one in enumerate(likeliest(visit, chama), 1)
    )
    if not rows:
        return Menu(visit.say("{chama}: all money has a name.", chama=name))
    return List(visit.say("{chama}, money without a name", chama=name), rows, go(offers, chama=chama), after)


@screen
def give(visit: Visit, chama: int, receipt: str, member: int) -> Confirm:
    """Is it hers?"""
    found = next((one for one in likeliest(visit, chama) if (one.receipt, one.member_id) == (receipt, member)), None)
    if found is None:
        raise AlreadyDecided
    text = visit.say(
        "KES {amount} came on {date} and named no member. Ask that it become {name}'s, member {number}?",
        amount=printing.money(found.amount_cents),
        date=printing.date(found.paid_at),
        name=printing.person(found.member),
        number=found.number,
    )
    return Confirm(text, yes=go(ask, receipt=receipt, member=member), no=go(offers, chama=chama))


@action
def ask(visit: Visit, receipt: str, member: int) -> End:
    """Another official has to agree."""
    unmatched.ask_credit(visit.conn, receipt, member, by=visit.her.user_id, at=visit.at)
    return End(visit.say("Asked. Another official must agree: {code}, Office.", code=visit.place.ussd_code))


@screen
def listed(visit: Visit, after: int = 0) -> List | Menu:
    """What other officials ask about money without a name, then what operators ask be taken back."""
    rows = [
        Row(one.id, visit.say("KES {amount}", amount=printing.money(one.amount_cents)), go(asked, settlement=one.id))
        for one in waiting(visit)
    ]
    for wish in taken_back.waiting(visit):
        text = visit.say("Take back KES {amount}", amount=printing.money(wish.amount_cents))
        rows.append(Row(AFTER_SETTLEMENTS + wish.id, text, go(taken_back.asked, wish=wish.id)))
    if not rows:
        return Menu(visit.say("No request waits for your answer."))
    return List(visit.say("To agree on"), tuple(rows), go(listed), after)


@screen
def asked(visit: Visit, settlement: int) -> Menu:
    """What another official asks."""
    one = next((each for each in waiting(visit) if each.id == settlement), None)
    if one is None or one.member is None or one.number is None:
        raise AlreadyDecided
    seen = one.digest.hex()
    text = visit.say(
        "An official asks that KES {amount} of {date} become {name}'s, member {number}. It named no member.",
        amount=printing.money(one.amount_cents),
        date=printing.date(one.paid_at),
        name=printing.person(one.member),
        number=one.number,
    )
    yes = go(proof, settlement=settlement, seen=seen) if visit.her.has_pin else go(pin.choose)
    return Menu(
        text,
        (
            Option("1", visit.say("Agree"), yes),
            Option("2", visit.say("Refuse"), go(refuse, settlement=settlement, seen=seen)),
        ),
    )


@screen
def proof(visit: Visit, settlement: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN, never taken from a dialled string."""
    text = pin.worded(visit, visit.say("Type your CHAMA PIN (5 digits). Never your M-PESA PIN."), wrong)
    return Ask(text, shown="back", to=go(agree, settlement=settlement, seen=seen), fill="typed", kind="pin")


@action
def agree(visit: Visit, settlement: int, seen: str, typed: str) -> Go | End:
    """The second official's yes: the worker books it."""
    if no := pin.objection(visit, typed, again=go(proof, settlement=settlement, seen=seen), decides=True):
        return no
    unmatched.decide(visit.conn, settlement, visit.word(Vote.APPROVE, seen))
    return End(visit.say("Agreed. It is booked within a minute, and she gets an SMS."))


@action
def refuse(visit: Visit, settlement: int, seen: str) -> End:
    """It is left where it lies."""
    unmatched.decide(visit.conn, settlement, visit.word(Vote.REJECT, seen))
    return End(visit.say("Refused. The money stays where it is, booked to nobody."))


def likeliest(visit: Visit, chama: int) -> list[Offer]:
    """One offer for each sum that nobody has asked for yet, and that is not the caller's own."""
    taken = {one.receipt for one in unmatched.under_way(visit.conn)}
    hers = visit.her.member_of(chama).member_id
    found: dict[str, Offer] = {}
    for one in concierge.of_chama(visit.conn, chama):
        if one.receipt not in taken and one.member_id != hers:
            found.setdefault(one.receipt, one)
    return list(found.values())


def waiting(visit: Visit) -> list[Settlement]:
    """What other officials of her home chama ask, and whose money it would not be hers."""
    home = visit.her.memberships[0]
    return [
        one
        for one in unmatched.waiting(visit.conn, home.chama_id)
        if visit.her.user_id != one.asked_by and one.member_id != home.member_id
    ]
