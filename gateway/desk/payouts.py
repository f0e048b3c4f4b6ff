"""Money that leaves groups: what is asked for, what left and how it ended; and an official's answer, with step-up."""

from flask import abort, g, render_template
from werkzeug.wrappers import Response

from chamas.approving.approvals import REASONS, Vote
from chamas.approving.voices import member_beside, voices_in
from chamas.payouts import asking, disbursements, requested
from gateway.api import payouts
from gateway.desk import step_up, told
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger.refusals import Refusal
from payments.charges import as_of
from payments.daraja import payout_codes

# What is not ended stands on the first page of it; a program reads on by the API.
SHOWN = 100
ANSWERS = {"approve": Vote.APPROVE, "reject": Vote.REJECT, "freeze": Vote.FREEZE}
DONE = {
    Vote.APPROVE: "Your yes is written down; it is counted within seconds.",
    Vote.REJECT: "Your no is written down: nothing leaves.",
    Vote.FREEZE: "Written down: you want to stop it.",
}


def everything() -> str:
    """The newest requests and the newest payouts."""
    with at_desk() as conn:
        asked = payouts.disbursements_of(conn, limit=SHOWN)
        left = payouts.payouts(conn, limit=SHOWN)
    return render_template("desk/payouts.html", requests=asked, payouts=left)


def one(payout_id: int) -> str:
    """One payout and its story."""
    with at_desk() as conn:
        found = payouts.payout(conn, payout_id)
        if found is None:
            abort(404, "There is no such payout.")
        asked = requested.of_payout(conn, payout_id)
    code = payout_codes.look_up(found.result_code) if found.result_code else None
    return render_template("desk/payout.html", payout=found, request_id=asked.id if asked else None, code=code)


def asked(request_id: int) -> str:
    """One request, with what whoever looks may say to it."""
    return page(request_id)


def answer(request_id: int, word: str) -> Response | tuple[str, int]:
    """Yes, no or stop to exactly what the page showed."""
    vote = ANSWERS.get(word)
    if vote is None:
        abort(404, "There is no such answer.")
    try:
        said = step_up.word(vote)
        with at_desk() as conn:
            asking.vote(conn, request_id, said)
    except LookupError:
        abort(404, "There is no such request.")
    except Refusal as why:
        return page(request_id, str(why)), why.status
    return told.onward("desk.disbursement", DONE[vote], request_id=request_id)


def page(request_id: int, problem: str = "") -> str:
    with at_desk() as conn:
        found = payouts.disbursement(conn, request_id)
        if found is None:
            abort(404, "There is no such request.")
        hers = member_beside(conn, found.payee_member_id, g.visitor.user_id)
        whole = disbursements.by_id(conn, request_id)
        voices = requested.whose_yes(voices_in(conn, found.chama_id), whole)
    return render_template(
        "desk/disbursement.html",
        asked=found,
        told_name=whole.told_name,
        may_answer=hers in voices and found.state == "pending",
        may_stop=hers is not None and hers != found.payee_member_id and found.state in ("pending", "approved"),
        reasons=REASONS,
        tariff=as_of(wiring().payout_bands),
        problem=problem,
        done="" if problem else told.told(),
    )
