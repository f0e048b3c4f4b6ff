"""A round's payout that was refused, stopped or failed: asked for anew, by an official or by its receiver."""

from chamas import round_payouts
from menus import printing
from menus.dialog import End, List, Menu, Option, Row, action, go, guarded_screen
from menus.visit import Visit


def option(visit: Visit, chama: int) -> tuple[Option, ...]:
    """The way here, when there is such a payout."""
    if not round_payouts.stopped(visit.conn, chama):
        return ()
    return (Option("3", visit.say("Round: payout that was stopped"), go(stopped, chama=chama)),)


@guarded_screen
def stopped(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """Which of them."""
    visit.her.member_of(chama)
    found = round_payouts.stopped(visit.conn, chama)
    if not found:
        return Menu(visit.say("No payout of a round was stopped."))
    rows = tuple(
        Row(
            number,
            visit.say("round {number}, {name}", number=number, name=printing.person(name)),
            go(again, chama=chama, round=round_id),
        )
        for round_id, number, name in found
    )
    return List(visit.say("Ask again for"), rows, go(stopped, chama=chama), after)


@action
def again(visit: Visit, chama: int, round: int) -> End:
    """Asked for as much as the round can pay now; others are told that their voice is needed."""
    mine = visit.her.member_of(chama)
    one = round_payouts.ask_anew(visit.conn, round, by_member_id=mine.member_id, at=visit.at, bands=visit.bands)
    return End(
        visit.say(
            "Asked: KES {amount} to {name}. {needed} others must say yes; they are told by SMS. Number {number}",
            amount=printing.money(one.amount_cents),
            name=printing.person(one.payee_name),
            needed=one.needed,
            number=one.id,
        )
    )
