"""What officials do less often than inviting people and recording cash."""

from dataclasses import replace

from chamas.dues import owing, reminders
from menus import layout, printing
from menus.dialog import Confirm, End, Menu, Option, action, go, guarded_screen, screen
from menus.screens import box, offices, run, shared, taken_back, unmatched
from menus.visit import Visit


@screen
def menu(visit: Visit, chama: int) -> Menu:
    """One key for each; who is no official is told so where she would act."""
    count = len(unmatched.waiting(visit)) + len(taken_back.waiting(visit))
    name = printing.chama(visit.her.member_of(chama).name)
    found = Menu(
        visit.say("{chama}, officials", chama=name),
        (
            Option("1", visit.say("Money without a name"), go(unmatched.offers, chama=chama)),
            Option("2", visit.say("To agree on ({count})", count=count), go(unmatched.listed)),
            Option("3", visit.say("Run the chama"), go(run.menu, chama=chama)),
            Option("4", visit.say("Shared phone"), go(shared.member, chama=chama)),
            Option("5", visit.say("Cash box"), go(box.look, chama=chama)),
            Option("6", visit.say("Officials"), go(offices.menu, chama=chama)),
            Option("7", visit.say("Remind"), go(remind, chama=chama)),
        ),
    )
    # With every option there is room for the name only.
    return found if layout.fits(found, visit.say) else replace(found, text=name)


@guarded_screen
def remind(visit: Visit, chama: int) -> Confirm | Menu:
    """How many have not paid; the last look before each of them gets an SMS."""
    name = printing.chama(visit.her.member_of(chama).name)
    found = owing.who_has_paid(visit.conn, chama, visit.at)
    if found.round_number is None:
        return Menu(visit.say("{chama}: no round is open", chama=name))
    if not found.unpaid:
        return Menu(visit.say("{chama}: everybody has paid round {round}.", chama=name, round=found.round_number))
    words = "{chama}, round {round}. Not paid yet: {count}. Remind them by SMS? The group pays for it."
    text = visit.say(words, chama=name, round=found.round_number, count=len(found.unpaid))
    return Confirm(text, yes=go(reminded, chama=chama), no=go(menu, chama=chama))


@action
def reminded(visit: Visit, chama: int) -> End:
    """Each but herself, once a day."""
    count = reminders.remind_now(visit.conn, chama, by_user_id=visit.her.user_id, at=visit.at)
    if not count:
        return End(visit.say("Nobody is reminded: all others have paid, or were reminded today."))
    return End(visit.say("Reminded by SMS: {count}. Nobody gets one at night, or who wants none.", count=count))
