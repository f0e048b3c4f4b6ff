"""The page of a group's fines: what is due, disputed or asked to be waived, and what officials say to it."""

from flask import abort, g, render_template, request
from werkzeug.wrappers import Response

from chamas import directory
from chamas.approving.approvals import NOT_AGREED, Vote
from chamas.approving.voices import member_in
from chamas.dues import penalties
from chamas.dues.penalties import WAIVER_REASONS
from chamas.members import standing
from gateway.desk import step_up, told
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger.refusals import Refusal

WORDS = {"waive": Vote.APPROVE, "uphold": Vote.REJECT}


def everything(chama_id: int) -> str:
    return page(chama_id)


def ask(fine_id: int) -> Response | tuple[str, int]:
    """An official asks to waive it, for one of the numbered reasons; another one has to agree."""
    reason = request.form.get("reason", 0, type=int)
    with at_desk() as conn:
        chama_id = penalties.by_id(conn, fine_id).chama_id
    try:
        with at_desk() as conn:
            hers = member_in(conn, chama_id, g.visitor.user_id) or 0
            penalties.ask_waiver(conn, fine_id, by_member_id=hers, reason=reason, at=wiring().now())
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status
    return _back(chama_id, "Asked. Another official has to agree.")


def answer(fine_id: int, word: str) -> Response | tuple[str, int]:
    """Another one agrees to exactly the waiver that the page showed, or says that the fine stands."""
    if word not in WORDS:
        abort(404, "There is no such answer.")
    with at_desk() as conn:
        chama_id = penalties.by_id(conn, fine_id).chama_id
    try:
        said = step_up.word(WORDS[word])
        with at_desk() as conn:
            penalties.answer(conn, fine_id, said)
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status
    done = "Waived: what was paid of it goes back." if said.vote is Vote.APPROVE else "The fine stands."
    return _back(chama_id, f"{done} She is told.")


def page(chama_id: int, problem: str = "") -> str:
    at = wiring().now()
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        here = standing.group(conn, chama_id=chama_id, user_id=g.visitor.user_id)
        listed = penalties.open_in(conn, chama_id)
        decides = {one.id for one in penalties.to_decide(conn, chama_id, here.member_id or 0, at=at)}
    return render_template(
        "desk/fines.html",
        chama=found,
        fines=listed,
        decides=decides,
        member_id=here.member_id,
        reasons=WAIVER_REASONS,
        not_agreed=NOT_AGREED,
        problem=problem,
        done="" if problem else told.told(),
    )


def _back(chama_id: int, done: str) -> Response:
    return told.onward("desk.fines", done, chama_id=chama_id)
