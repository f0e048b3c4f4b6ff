"""What she would get if the group shared out today, line by line."""

from chamas.course import sharing
from menus import printing
from menus.dialog import List, Menu, Row, go, guarded_screen
from menus.visit import Visit


@guarded_screen
def today(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """Her own line of the share-out, as its steps; officials see everybody's at the desk."""
    here = visit.her.member_of(chama)
    out = sharing.look(visit.conn, chama, bands=visit.bands)
    hers = next((line for line in out.lines if line.member_id == here.member_id), None)
    if hers is None:
        return Menu(visit.say("{chama}: nothing is booked for you yet.", chama=printing.chama(here.name)))
    steps = (
        visit.say("you put in {amount}, deposit {held}", amount=_kes(hers.saved_cents), held=_kes(hers.deposit_cents)),
        visit.say("you were paid {amount}", amount=_kes(hers.received_cents)) if hers.received_cents else "",
        visit.say("your loan {amount}, set off {held}", amount=_kes(hers.loan_cents), held=_kes(hers.set_off_cents))
        if hers.loan_cents
        else "",
        visit.say("your own {amount}", amount=_kes(hers.own_cents)),
        visit.say("share of the rest {amount}", amount=_kes(hers.shared_cents)),
        visit.say("M-PESA fee {fee}", fee=_kes(hers.charge_cents)),
        visit.say("sent to you {amount}, stays {held}", amount=_kes(hers.sent_cents), held=_kes(hers.kept_cents)),
    )
    rows = tuple(Row(mark, text) for mark, text in enumerate(filter(None, steps), 1))
    title = visit.say("{chama} shared out today", chama=printing.chama(here.name))
    return List(title, rows, go(today, chama=chama), after)


def _kes(cents: int) -> str:
    return printing.money(cents)
