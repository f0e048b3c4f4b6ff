"""Unmatched money: what lies in suspense, whose it may be and why; one official asks, another agrees."""

from collections import defaultdict

from flask import g, render_template, request
from werkzeug.wrappers import Response

from chamas.arriving import concierge, unmatched
from chamas.arriving.likeness import Grade, Reason
from chamas.arriving.settlements import Settlement
from gateway.desk import step_up, told
from gateway.here import wiring
from ledger.refusals import Refusal
from payments import overview

# More than two officials settle in a day; the oldest stand first.
SHOWN = 50
GRADES = {
    Grade.STRONG: ("good", "Very likely"),
    Grade.LIKELY: ("look", "Likely"),
    Grade.POSSIBLE: ("quiet", "Possible"),
}
REASONS = {
    Reason.HER_PHONE: "her phone paid",
    Reason.HER_MASK: "the digits that show are her phone's",
    Reason.HER_NAME: "the first name is hers",
    Reason.ONE_SLIP: "her account, with one slip of the finger",
    Reason.SAME_GROUP: "her group's number was typed",
    Reason.HER_PROMPT: "her prompt over this amount was not paid that day",
    Reason.LIKE_HER_PROMPT: "a prompt over this amount to her was not paid that day",
    Reason.SHE_OWES: "she owes exactly this",
}


def everything() -> str:
    """All that is open, oldest first."""
    return page()


def credit(receipt: str) -> Response | tuple[str, int]:
    """Asks that it become a member's: one of those offered, or whoever's account number is typed."""
    with wiring().overseeing(g.visitor.user_id) as conn:
        typed = request.form.get("account", "").strip()[:40]
        chosen = request.form.get("member", type=int) or (concierge.by_account(conn, typed) if typed else None)
    if chosen is None:
        return page("Choose a member, or type her account number: the group's five digits and hers."), 409
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            unmatched.ask_credit(conn, receipt, chosen, by=g.visitor.user_id, at=wiring().now())
    except Refusal as why:
        return page(str(why)), 409
    return back("Asked. Another official has to agree.")


def send_back(receipt: str) -> Response | tuple[str, int]:
    """Asks that it go back to who paid it."""
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            unmatched.ask_return(conn, receipt, by=g.visitor.user_id, at=wiring().now())
    except Refusal as why:
        return page(str(why)), 409
    return back("Asked. Another operator has to agree; then Safaricom is asked to reverse it.")


def decide(settlement_id: int) -> Response | tuple[str, int]:
    """Another official's yes or no to exactly what the page showed her."""
    try:
        said = step_up.word(step_up.yes_or_no())
        with wiring().overseeing(g.visitor.user_id) as conn:
            unmatched.decide(conn, settlement_id, said)
    except Refusal as why:
        return page(str(why)), why.status
    return back(step_up.became(said))


def page(problem: str = "") -> str:
    with wiring().overseeing(g.visitor.user_id) as conn:
        held = overview.suspense(conn, SHOWN)
        offers = {one.receipt: concierge.of_receipt(conn, one.receipt) for one in held}
        asked: dict[str, list[Settlement]] = defaultdict(list)
        for settlement in unmatched.under_way(conn):
            asked[settlement.receipt].append(settlement)
    return render_template(
        "desk/unmatched.html",
        held=held,
        offers=offers,
        asked=asked,
        grades=GRADES,
        reasons=REASONS,
        problem=problem,
        done="" if problem else told.told(),
    )


def back(done: str) -> Response:
    return told.onward("desk.unmatched", done)
