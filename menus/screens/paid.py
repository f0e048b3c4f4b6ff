"""Who has paid: the totals first, then names."""

from chamas.dues import owing, readouts
from menus import printing, yesterday
from menus.dialog import End, List, Menu, Option, Row, action, go, guarded_screen
from menus.visit import Visit
from payments.reconciliation import day_heard


@guarded_screen
def totals(visit: Visit, chama: int) -> Menu:
    """How many and how much."""
    name = printing.chama(visit.her.member_of(chama).name)
    found = owing.who_has_paid(visit.conn, chama, visit.at)
    if found.round_number is None or found.closes_at is None:
        day = Option("4", visit.say("Yesterday"), go(heard, chama=chama))
        return Menu(visit.say("{chama}: no round is open", chama=name), (day,))
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
            Option("3", visit.say("By SMS"), go(send, chama=chama)),
            Option("4", visit.say("Yesterday"), go(heard, chama=chama)),
        ),
    )


@guarded_screen
def heard(visit: Visit, chama: int) -> Menu:
    """What came yesterday, and whether it is what M-PESA's own lists say."""
    of_day = day_heard.yesterday(visit.conn, book_id=visit.her.member_of(chama).book_id, at=visit.at)
    return Menu(yesterday.sentence(visit.language, of_day), quick="3*4")


@action
def send(visit: Visit, chama: int) -> End:
    """Who still owes, by SMS, once a day. A private phone gets no names."""
    mine = visit.her.member_of(chama)
    if visit.her.guarded:
        return End(visit.say("This phone is private: no amounts by SMS. They stand in the menu."))
    sent = readouts.debtors(visit.conn, user_id=visit.her.user_id, chama_id=chama, chama=mine.name, at=visit.at)
    if not sent:
        return End(visit.say("Nothing to send: it was sent today, or everybody has paid."))
    return End(visit.say("Who has not paid comes by SMS ({count}).", count=sent))


@guarded_screen
def unpaid(visit: Visit, chama: int, after: int = 0) -> List:
    """Who still owes, from the member number `after` on."""
    visit.her.member_of(chama)
    lines = owing.who_has_paid(visit.conn, chama, visit.at).unpaid
    rows = tuple(Row(line.number, _owing(visit, line)) for line in lines)
    return List(visit.say("Not yet"), rows, go(unpaid, chama=chama), after, quick="3*1")


@guarded_screen
def done(visit: Visit, chama: int, after: int = 0) -> List:
    """Who has paid all, from the member number `after` on."""
    visit.her.member_of(chama)
    lines = owing.who_has_paid(visit.conn, chama, visit.at).paid
    rows = tuple(Row(line.number, f"{line.number} {printing.person(line.first_name)}") for line in lines)
    return List(visit.say("Paid"), rows, go(done, chama=chama), after, quick="3*2")


def _owing(visit: Visit, line: owing.PaidLine) -> str:
    missing = line.due_cents - line.paid_cents
    facts = {"number": line.number, "name": printing.person(line.first_name), "amount": printing.money(missing)}
    if not line.waiting_cents:
        return visit.say("{number} {name}: owes {amount}", **facts)
    if line.waiting_cents == missing:
        return visit.say("{number} {name}: {amount} waiting in M-PESA", **facts)
    waiting = printing.money(line.waiting_cents)
    return visit.say("{number} {name}: owes {amount}, {waiting} waiting in M-PESA", waiting=waiting, **facts)
