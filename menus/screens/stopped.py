"""Payouts that ended without being sent: every member is told by SMS, and here each of them finds why.

Who said no is not named: whoever must say why she refused before everybody says yes the next time.
"""

from datetime import timedelta

from chamas.approving.approvals import REASONS
from chamas.payouts import requested
from chamas.payouts.disbursements import Request
from menus.dialog import List, Menu, Option, Row, go, guarded_screen
from menus.locale import msgids
from menus.screens import payout
from menus.visit import Visit
from payments import payouts

# As long as the SMS about it may still be looked at.
LATELY = timedelta(days=21)

# By the reasons that the rooms write, which a program reads too.
WHYS = dict(
    zip(
        (*REASONS.values(), "nobody answered in time", "the chama has ended", "not sent in time"),
        msgids(
            "An official said no: wrong amount.",
            "An official said no: wrong person.",
            "An official said no: it was not agreed on.",
            "An official said no, for another reason.",
            "Too few officials answered in time.",
            "The chama has ended.",
            "It waited too long and was not sent to M-PESA.",
        ),
        strict=True,
    )
)
FROZEN = "frozen by members"
(NOT_SENT,) = msgids("M-PESA did not send it. Ask an official.")


def option(visit: Visit) -> tuple[Option, ...]:
    """The way here, when there are any."""
    found = _found(visit)
    return (Option("6", visit.say("Not sent ({count})", count=len(found)), go(listed)),) if found else ()


@guarded_screen
def listed(visit: Visit, after: int = 0) -> List | Menu:
    """Which of them, in all her chamas, by number."""
    found = sorted(_found(visit), key=lambda one: one.id)
    if not found:
        return Menu(visit.say("No payout was stopped."))
    rows = tuple(Row(one.id, payout.line(visit, one), go(why, request=one.id)) for one in found)
    return List(visit.say("Payouts not sent"), rows, go(listed), after)


@guarded_screen
def why(visit: Visit, request: int) -> Menu:
    """Which one, and what stopped it."""
    one = next((each for each in _found(visit) if each.id == request), None)
    if one is None:
        return Menu(visit.say("No payout was stopped."))
    named = payout.facts(one)
    return Menu(
        visit.say(
            "{chama}: KES {amount} to {name} was not sent. {why}",
            chama=named["chama"],
            amount=named["amount"],
            name=named["name"],
            why=_why(visit, one),
        )
    )


def _why(visit: Visit, one: Request) -> str:
    if one.reason == FROZEN:
        return visit.say("Stopped by members: {count}.", count=len(requested.said(visit.conn, one).stop))
    if one.reason in WHYS:
        return visit.say(WHYS[one.reason])
    told = payouts.end_of(visit.conn, one.payout_id).words if one.payout_id is not None else NOT_SENT
    return visit.say(told)


def _found(visit: Visit) -> list[Request]:
    since = visit.at - LATELY
    return [one for mine in visit.her.memberships for one in requested.ended(visit.conn, mine.chama_id, since=since)]
