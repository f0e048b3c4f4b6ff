"""What officials do less often than inviting people and recording cash."""

from menus import printing
from menus.dialog import Menu, Option, go, screen
from menus.screens import box, offices, run, shared, taken_back, unmatched
from menus.visit import Visit


@screen
def menu(visit: Visit, chama: int) -> Menu:
    """One key for each; who is no official is told so where she would act."""
    count = len(unmatched.waiting(visit)) + len(taken_back.waiting(visit))
    return Menu(
        visit.say("{chama}, officials", chama=printing.chama(visit.her.member_of(chama).name)),
        (
            Option("1", visit.say("Money without a name"), go(unmatched.offers, chama=chama)),
            Option("2", visit.say("To agree on ({count})", count=count), go(unmatched.listed)),
            Option("3", visit.say("Run the chama"), go(run.menu, chama=chama)),
            Option("4", visit.say("Shared phone"), go(shared.member, chama=chama)),
            Option("5", visit.say("Cash box"), go(box.look, chama=chama)),
            Option("6", visit.say("Officials"), go(offices.menu, chama=chama)),
        ),
    )
