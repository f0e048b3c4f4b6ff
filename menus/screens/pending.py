"""A prompt of hers is still out: said before anything else, so that nobody pays twice."""

from menus import printing
from menus.dialog import AT_HOME, Go, Menu, Option, go, screen
from menus.screens import check
from menus.visit import Visit
from payments import pushes
from payments.attempts import Attempt


@screen
def notice(visit: Visit, payment: int, chama: str, cents: int, since: str) -> Menu:
    """Stands before the menu of an empty dial, and stops a dialled-ahead string."""
    text = visit.say(
        "KES {amount} to {chama} ({time}) is still waiting for M-PESA. Do not pay again yet.",
        amount=printing.money(cents),
        chama=chama,
        time=since,
    )
    return Menu(
        text,
        (
            Option("1", visit.say("Check now"), go(check.payment, payment=payment)),
            Option("2", visit.say("Menu"), AT_HOME),
        ),
        shown="none",
    )


def place(visit: Visit, attempt: Attempt) -> Go:
    """The notice about this attempt."""
    return go(
        notice,
        payment=attempt.id,
        chama=check.whom(visit, attempt.chama_id, attempt.member_id)["whom"] or "M-PESA",
        cents=attempt.amount_cents,
        since=printing.moment(visit, attempt.created_at),
    )


def notice_for(visit: Visit) -> Go | None:
    """Where a member with a prompt out is stopped; None for everybody else."""
    if visit.caller is None or not visit.caller.memberships or not visit.prompt_out:
        return None
    attempt = pushes.waiting(visit.conn, payer_id=visit.caller.user_id, at=visit.at)
    return place(visit, attempt) if attempt else None
