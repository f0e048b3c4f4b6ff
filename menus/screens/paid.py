"""Who has paid: the totals first, then names, as many as fit a screen and never more than five."""

from typing import NamedTuple

from chamas import owing
from menus import gsm, printing
from menus.dialog import AT_HOME, MORE, Menu, Option, foot_of, go, screen
from menus.visit import Visit

# More lines than this are not read on a small phone.
LINES = 5


@screen
def totals(visit: Visit, chama: int) -> Menu:
    """How many and how much. Option 3 is kept free for the list by SMS."""
    name = printing.chama(visit.her.member_of(chama).name)
    found = owing.who_has_paid(visit.conn, chama, visit.at)
    if found.round_number is None or found.closes_at is None:
        return Menu(visit.say("{chama}: no round is open", chama=name))
    head = visit.say(
        "{chama} round {round}, due {until}",
        chama=name,
        round=found.round_number,
        until=printing.deadline(visit, found.closes_at),
    )
    sums = visit.say(
        "Paid {count} of {all}: {paid} of {due}",
        count=len(found.paid),
        all=len(found.lines),
        paid=printing.money(found.paid_cents),
        due=printing.money(found.due_cents),
    )
    return Menu(
        f"{head}\n{sums}",
        (
            Option("1", visit.say("Not yet ({count})", count=len(found.unpaid)), go(unpaid, chama=chama)),
            Option("2", visit.say("Paid ({count})", count=len(found.paid)), go(done, chama=chama)),
        ),
    )


@screen
def unpaid(visit: Visit, chama: int, after: int = 0) -> Menu:
    """Who still owes, from the member number `after` on."""
    visit.her.member_of(chama)
    lines = owing.who_has_paid(visit.conn, chama, visit.at).unpaid
    entries = [(line.number, _owing(visit, line)) for line in lines]
    page = _page(visit, visit.say("Not yet"), entries, after)
    more = Option(MORE, visit.say("More"), go(unpaid, chama=chama, after=page.last))
    return Menu(page.text, (more,) if page.goes_on else ())


@screen
def done(visit: Visit, chama: int, after: int = 0) -> Menu:
    """Who has paid all, from the member number `after` on."""
    visit.her.member_of(chama)
    lines = owing.who_has_paid(visit.conn, chama, visit.at).paid
    entries = [(line.number, f"{line.number} {printing.person(line.first_name)}") for line in lines]
    page = _page(visit, visit.say("Paid"), entries, after)
    more = Option(MORE, visit.say("More"), go(done, chama=chama, after=page.last))
    return Menu(page.text, (more,) if page.goes_on else ())


class Page(NamedTuple):
    """Some of the lines; `last` is the member number of the last one."""

    text: str
    last: int
    goes_on: bool


def _page(visit: Visit, title: str, entries: list[tuple[int, str]], after: int) -> Page:
    """As many entries as fit above the way back and on, after the member number that was shown last."""
    left = [entry for entry in entries if entry[0] > after]
    if not left:
        return Page(visit.say("{title}: nobody", title=title), after, goes_on=False)
    first = len(entries) - len(left) + 1
    way = Menu("", (Option(MORE, visit.say("More"), AT_HOME),))
    room = gsm.SCREEN_SEPTETS - len("CON ") - gsm.septets(foot_of(way, visit.say)) - 1
    count = LINES
    while True:
        shown = left[:count]
        facts = {"title": title, "first": first, "last": first + len(shown) - 1, "all": len(entries)}
        text = "\n".join([visit.say("{title}, {first}-{last} of {all}", **facts), *(line for _number, line in shown)])
        if count == 1 or gsm.septets(text) <= room:
            return Page(text, shown[-1][0], len(left) > len(shown))
        count -= 1


def _owing(visit: Visit, line: owing.PaidLine) -> str:
    missing = line.due_cents - line.paid_cents
    facts = {"number": line.number, "name": printing.person(line.first_name), "amount": printing.money(missing)}
    if not line.waiting_cents:
        return visit.say("{number} {name}: owes {amount}", **facts)
    if line.waiting_cents == missing:
        return visit.say("{number} {name}: {amount} waiting in M-PESA", **facts)
    waiting = printing.money(line.waiting_cents)
    return visit.say("{number} {name}: owes {amount}, {waiting} waiting in M-PESA", waiting=waiting, **facts)
