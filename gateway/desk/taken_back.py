"""Money that M-PESA does not know, or gave back itself: an operator asks that it be taken back, another agrees."""

from flask import g, render_template, request
from werkzeug.wrappers import Response

from chamas.approving.approvals import REASONS
from chamas.arriving import taking_back
from gateway.api import take_backs
from gateway.desk import step_up, told
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger.refusals import Refusal

# It is rare: these are months.
SHOWN = 50


def everything() -> str:
    """The newest wishes, with what whoever looks may say to them."""
    return page()


def ask() -> Response | tuple[str, int]:
    """An operator asks that the money of one receipt be taken back."""
    returned = request.form.get("why") == "returned"
    receipt, back = (request.form.get(name, "").strip().upper()[:20] for name in ("receipt", "return_receipt"))
    try:
        step_up.demand()
        with at_desk() as conn:
            taking_back.ask(
                conn,
                receipt,
                "returned" if returned else "unknown",
                return_receipt=back or None,
                by=g.visitor.user_id,
                at=wiring().now(),
            )
    except Refusal as why:
        return page(str(why)), why.status
    return told.onward("desk.taken_back", "Asked. Another official has to agree.")


def decide(take_back_id: int) -> Response | tuple[str, int]:
    """Another official's yes or no to exactly what the page showed her."""
    try:
        said = step_up.word(step_up.yes_or_no())
        with at_desk() as conn:
            taking_back.decide(conn, take_back_id, said)
    except Refusal as why:
        return page(str(why)), why.status
    return told.onward("desk.taken_back", step_up.became(said))


def page(problem: str = "") -> str:
    with at_desk() as conn:
        wishes = take_backs.listed(conn, limit=SHOWN)
    return render_template(
        "desk/taken_back.html",
        wishes=wishes,
        reasons=REASONS,
        receipt=request.args.get("receipt", "")[:20],
        problem=problem,
        done="" if problem else told.told(),
    )
