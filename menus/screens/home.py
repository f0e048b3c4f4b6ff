"""A member's first screen: what she has paid of what is due, until when, and her turn, before any key is pressed."""

from dataclasses import replace

from chamas.dues import owing
from menus import layout, printing
from menus.dialog import Go, List, Menu, Option, Row, go, of_chama, screen
from menus.screens import balance, check, contribute, more, officials, paid, requests, stranger
from menus.visit import Visit


@screen
def start(visit: Visit) -> Menu:
    """A member's home, about her home chama."""
    mine = visit.her.memberships[0]
    if visit.her.guarded and not visit.her.proved:
        lines = [visit.say("{chama}: names and amounts after your CHAMA PIN", chama=printing.chama(mine.name))]
    else:
        lines = standing(visit, mine.name, owing.dues(visit.conn, mine.member_id, visit.at))
        # Nothing is due before the start but her deposit.
        if not mine.contributes and (hers := contribute.deposit_due(visit, mine.chama_id)):
            due, name = printing.money(hers.missing_cents), printing.chama(mine.name)
            lines[0] = visit.say("{chama}: deposit {due} to pay", chama=name, due=due)
    # Not 8 or 9, which answer what may stand before this screen.
    several = (Option("10", visit.say("My chamas"), go(which)),) if len(visit.her.memberships) > 1 else ()
    office = (Option("7", visit.say("Office"), go(officials.menu, chama=mine.chama_id)),)
    menu = Menu(
        "\n".join(lines),
        (
            Option("1", visit.say("Contribute"), go(contribute.amount, chama=mine.chama_id)),
            Option("2", visit.say("Balance"), go(balance.total, chama=mine.chama_id)),
            Option("3", visit.say("Who has paid"), go(paid.totals, chama=mine.chama_id)),
            Option("4", visit.say("Requests"), go(requests.waiting)),
            Option("5", visit.say("Check a payment"), go(check.recent)),
            Option("6", visit.say("More"), go(more.menu)),
            *(office if mine.official else ()),
            *several,
        ),
        shown="none",
    )
    # The longest names and amounts leave room for one line only: whole, and not two that are cut.
    return menu if layout.fits(menu, visit.say) else replace(menu, text=lines[0])


@screen
def which(visit: Visit, after: int = 0) -> List:
    """Her chamas, when she has several: the one that she chooses is her home chama until she hangs up."""
    rows = tuple(
        Row(place, printing.chama(mine.name), of_chama(chama=mine.chama_id))
        for place, mine in enumerate(visit.her.memberships, 1)
    )
    return List(visit.say("My chamas"), rows, go(which), after)


def standing(visit: Visit, name: str, dues: owing.Dues) -> list[str]:
    """The one or two lines that answer what is asked most."""
    facts = {
        "chama": printing.chama(name),
        # Of whatever is not paid whole: what she paid of an older round is said, and not taken off what is due.
        "paid": printing.money(dues.paid_cents + dues.part_paid_cents),
        "due": printing.money(dues.due_cents + dues.arrears_cents + dues.part_paid_cents),
    }
    if dues.ended:
        lines = [visit.say("{chama} has ended", **facts)]
    elif dues.closes_at is not None:
        until = printing.deadline(visit, dues.closes_at)
        lines = [visit.say("{chama}: paid {paid} of {due}, by {until}", until=until, **facts)]
    elif dues.owed_cents > 0:
        facts["due"] = printing.money(dues.due_cents + dues.arrears_cents)
        lines = [visit.say("{chama}: {due} still due, no round is open", **facts)]
    else:
        lines = [visit.say("{chama}: no round is open", **facts)]
    # What she has just done matters more than a turn that is weeks away; both do not fit.
    if dues.waiting_cents:
        lines.append(visit.say("KES {amount} waiting in M-PESA", amount=printing.money(dues.waiting_cents)))
    elif dues.turn_at is not None:
        lines.append(visit.say("Your turn: {day}", day=printing.last_day(visit, dues.turn_at)))
    return lines


def door(visit: Visit) -> Go:
    """Where a dial comes in: a member's home, or the stranger's first screen."""
    if visit.caller and visit.caller.memberships:
        return go(start)
    return go(stranger.welcome, lent=True) if visit.lent else go(stranger.welcome)
