"""A member who was drawn says whether her balance is right: asked before the menu of an empty dial."""

from chamas.dues import penalties
from chamas.dues.penalties import PenaltyState
from chamas.meeting import confirming
from menus import printing
from menus.dialog import AT_HOME, End, Go, Menu, Option, action, go, screen
from menus.screens import fines
from menus.visit import Visit


@screen
def ask(visit: Visit, sample: int) -> Menu:
    """Her balance at one page. Its keys are none of the menu's, as those of an offer to go on."""
    hers = confirming.waiting_for(visit.conn, visit.her.user_id)
    if hers is None or hers.sample_id != sample:
        return Menu(visit.say("You have answered this."))
    text = visit.say(
        "{chama}: on {date}, page {page}, you had KES {total}. Is that right?",
        chama=printing.chama(hers.chama),
        date=printing.date(hers.drawn_at),
        page=hers.seq,
        total=printing.money(hers.balance_cents),
    )
    return Menu(
        text,
        (
            Option("7", visit.say("Yes, it is right"), go(answer, sample=sample, right=True)),
            Option("8", visit.say("No, it is not"), go(answer, sample=sample, right=False)),
            Option("9", visit.say("Later"), AT_HOME),
        ),
        shown="none",
    )


@action
def answer(visit: Visit, sample: int, right: bool) -> End | Go:
    """Her word stands on the group's certificate; a no is told to two officials. A fine of hers may be the cause."""
    hers = confirming.answer(visit.conn, sample, user_id=visit.her.user_id, right=right, at=visit.at)
    if right:
        return End(visit.say("Thank you. Your answer stands on the certificate of the group."))
    due = [one for one in penalties.of_member(visit.conn, hers.member_id) if one.state is PenaltyState.DUE]
    if due:
        return go(told, chama=hers.chama_id, count=len(due))
    return End(
        visit.say(
            "Thank you. Two officials are told and must talk to you. Keep your SMS. Help: {helpline}",
            helpline=visit.place.helpline,
        )
    )


@screen
def told(visit: Visit, chama: int, count: int) -> Menu:
    """What she can say at once, instead of waiting for the talk."""
    text = visit.say("Thank you. Two officials are told and must talk to you. Is a fine wrong?")
    return Menu(text, (Option("1", visit.say("Your fines ({count})", count=count), go(fines.own, chama=chama)),))


def notice_for(visit: Visit) -> Go | None:
    """Where an empty dial of a member who was drawn is stopped; on a guarded phone no balance is named unasked."""
    if visit.caller is None or not visit.caller.memberships or not visit.news or visit.her.guarded:
        return None
    hers = confirming.waiting_for(visit.conn, visit.her.user_id)
    return go(ask, sample=hers.sample_id) if hers else None
