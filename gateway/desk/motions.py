"""The page of who leaves a group: what was asked, what it means in money and turns, and the answers of others."""

from flask import abort, g, render_template
from werkzeug.wrappers import Response

from chamas import directory
from chamas.approving.approvals import REASONS, Vote
from chamas.course import leaving
from chamas.course import motions as rows
from chamas.course.motions import MotionState
from gateway.desk import step_up, told
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger.refusals import Refusal

# What somebody looks through by eye.
SHOWN = 50
OPEN = (MotionState.ASKED, MotionState.GOING)


def everything(chama_id: int) -> str:
    return page(chama_id)


def answer(motion_id: int, word: str) -> Response | tuple[str, int]:
    """A yes or a no to exactly what the page showed."""
    if word not in ("approve", "reject"):
        abort(404, "There is no such answer.")
    vote = Vote(word)
    with at_desk() as conn:
        chama_id = rows.by_id(conn, motion_id).chama_id
    try:
        said = step_up.word(vote)
        with at_desk() as conn:
            rows.vote(conn, motion_id, said)
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status
    done = "Your answer is written down; it is counted within seconds."
    return told.onward("desk.motions", done, chama_id=chama_id)


def page(chama_id: int, problem: str = "") -> str:
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        listed = rows.of_chama(conn, chama_id, limit=SHOWN)
        waits = {one.id for one in rows.waiting_for(conn, chama_id, g.visitor.user_id, at=wiring().now())}
        means = {one.id: leaving.terms(conn, one.member_id) for one in listed if one.state in OPEN}
        yes = {one.id: len(rows.said_to(conn, one).yes & rows.asked(conn, one)) for one in listed}
    return render_template(
        "desk/motions.html",
        chama=found,
        motions=listed,
        means=means,
        waits=waits,
        yes=yes,
        reasons=REASONS,
        problem=problem,
        done="" if problem else told.told(),
    )
