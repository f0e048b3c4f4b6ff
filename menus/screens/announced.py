"""A payout that is to leave her chama: said on the next dial, because group money never leaves in silence."""

from chamas.payouts import disbursements, requested
from menus import printing
from menus.dialog import AT_HOME, Go, Menu, Option, action, go, screen
from menus.screens import messages, payout
from menus.visit import Visit


@screen
def notice(visit: Visit, request: int) -> Menu:
    """Stands before the menu of an empty dial, once. A private phone hears that there is one, and not whose."""
    one = disbursements.by_id(visit.conn, request)
    chama = printing.chama(one.chama_name)
    if visit.her.guarded:
        text = visit.say("{chama} has announced a payout.", chama=chama)
    else:
        text = visit.say(
            "{chama} will send KES {amount} to {name} after {time}: {what}.",
            chama=chama,
            amount=printing.money(one.amount_cents),
            name=printing.person(one.payee_name),
            time=printing.moment(visit, one.not_before or visit.at),
            what=visit.say(payout.PURPOSES[one.purpose]),
        )
    options: tuple[Option, ...] = (Option("1", visit.say("OK, menu"), go(hear, request=request)),)
    # Who is to receive it cannot stop it.
    if one.payee_user_id != visit.her.user_id:
        options += (Option("2", visit.say("I object"), go(payout.announced, request=request)),)
    return Menu(text, options, shown="none")


@action
def hear(visit: Visit, request: int) -> Go:
    """She has heard it; it does not stand before her menu again. What else waits for her follows."""
    one = disbursements.by_id(visit.conn, request)
    disbursements.heard(visit.conn, one, visit.her.member_of(one.chama_id).member_id, at=visit.at)
    return _first(visit) or messages.place_of_first(visit) or AT_HOME


def notice_for(visit: Visit) -> Go | None:
    """Where a member is told first; None when there is nothing that she has not heard."""
    if visit.caller is None or not visit.caller.memberships or not visit.news:
        return None
    return _first(visit)


def _first(visit: Visit) -> Go | None:
    one = requested.announced_to(visit.conn, [mine.member_id for mine in visit.her.memberships])
    return None if one is None else go(notice, request=one.id)
