"""Payouts that ended, sent or not: every member is told by SMS, and here each of them finds which it was, and why."""

from datetime import timedelta

from chamas.payouts import requested
from chamas.payouts.disbursements import DisbursementState, Request
from menus import endings, printing
from menus.dialog import List, Menu, Option, Row, go, guarded_screen
from menus.visit import Visit

# As long as the SMS about it may still be looked at.
LATELY = timedelta(days=21)


def option(visit: Visit) -> tuple[Option, ...]:
    """The way here, when there are any."""
    return (Option("6", visit.say("Past payouts"), go(listed)),) if _found(visit) else ()


@guarded_screen
def listed(visit: Visit, after: int = 0) -> List | Menu:
    """Which of them, in all her chamas, by number, and whether each was sent."""
    found = sorted(_found(visit), key=lambda one: one.id)
    if not found:
        return Menu(visit.say("No payout has ended lately."))
    rows = tuple(Row(one.id, _line(visit, one), go(why, request=one.id)) for one in found)
    return List(visit.say("Past payouts"), rows, go(listed), after)


def _line(visit: Visit, one: Request) -> str:
    facts = {"amount": printing.money(one.amount_cents), "name": printing.person(one.payee_name)}
    if one.state is DisbursementState.COMPLETED:
        return visit.say("KES {amount} to {name}: sent", **facts)
    return visit.say("KES {amount} to {name}: not sent", **facts)


@guarded_screen
def why(visit: Visit, request: int) -> Menu:
    """Which one, and what became of it."""
    one = next((each for each in _found(visit) if each.id == request), None)
    if one is None:
        return Menu(visit.say("No payout has ended lately."))
    return Menu(endings.words(visit, one))


def _found(visit: Visit) -> list[Request]:
    since = visit.at - LATELY
    return [one for mine in visit.her.memberships for one in requested.ended(visit.conn, mine.chama_id, since=since)]
