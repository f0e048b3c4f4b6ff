"""Asking anew for a payout that M-PESA could not send, or that people stopped: once, and others have to agree again."""

from chamas.approving.approvals import NotAsShown
from chamas.payouts import renewing, round_payouts
from chamas.payouts.disbursements import Request
from menus import printing
from menus.dialog import Confirm, End, List, Menu, Option, Row, action, go, guarded_screen
from menus.locale import msgids
from menus.screens import payout
from menus.visit import Visit

(PEOPLE,) = msgids("It was refused or stopped.")
# Marks of a list grow: requests come behind all rounds' numbers.
AFTER_ROUNDS = 10**12


def option(visit: Visit, chama: int) -> tuple[Option, ...]:
    """The way here, when there is such a payout."""
    if not (round_payouts.stopped(visit.conn, chama) or _found(visit, chama)):
        return ()
    return (Option("3", visit.say("Payout that was not sent"), go(stopped, chama=chama)),)


@guarded_screen
def stopped(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """Which of them: those of rounds, then what members asked for."""
    visit.her.member_of(chama)
    rows = [
        Row(
            number,
            visit.say("round {number}, {name}", number=number, name=printing.person(name)),
            go(of_round, chama=chama, round=round_id),
        )
        for round_id, number, name in round_payouts.stopped(visit.conn, chama)
    ]
    for one in _found(visit, chama):
        rows.append(Row(AFTER_ROUNDS + one.id, payout.line(visit, one), go(sure, chama=chama, request=one.id)))
    if not rows:
        return Menu(visit.say("No payout was stopped."))
    return List(visit.say("Ask again for"), tuple(rows), go(stopped, chama=chama), after)


@action
def of_round(visit: Visit, chama: int, round: int) -> End:
    """Asked for as much as the round can pay now; others are told that their voice is needed."""
    mine = visit.her.member_of(chama)
    one = round_payouts.ask_anew(visit.conn, round, by_member_id=mine.member_id, at=visit.at, bands=visit.bands)
    return _asked(visit, one)


@guarded_screen
def sure(visit: Visit, chama: int, request: int) -> Confirm:
    """What it was, and why it was not sent: the same will fail for the same reason."""
    one = next((each for each in _found(visit, chama) if each.id == request), None)
    if one is None:
        raise NotAsShown
    text = visit.say(
        "KES {amount} to {name} was not sent. {why} Ask again?",
        amount=printing.money(one.amount_cents),
        name=printing.person(one.payee_name),
        why=visit.say(renewing.why(visit.conn, one) or PEOPLE),
    )
    return Confirm(text, yes=go(again, chama=chama, request=request), no=go(stopped, chama=chama))


@action
def again(visit: Visit, chama: int, request: int) -> End:
    """Asked for as it was."""
    mine = visit.her.member_of(chama)
    one = renewing.renew(visit.conn, request, by_member_id=mine.member_id, at=visit.at, bands=visit.bands)
    return _asked(visit, one)


def _found(visit: Visit, chama: int) -> list[Request]:
    mine = visit.her.member_of(chama)
    return renewing.stopped(visit.conn, chama, by_member_id=mine.member_id, official=mine.official, at=visit.at)


def _asked(visit: Visit, one: Request) -> End:
    return End(
        visit.say(
            "Asked: KES {amount} to {name}. {needed} others must say yes; they are told by SMS. Number {number}",
            amount=printing.money(one.amount_cents),
            name=printing.person(one.payee_name),
            needed=one.needed,
            number=one.id,
        )
    )
