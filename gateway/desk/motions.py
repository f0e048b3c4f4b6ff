"""The page of a group's members and offices: who leaves or gives her place to somebody else, and what it means in money
and turns; who shall hold which office; the answers of others, naming a member for an office, and offering a place.
"""

from flask import abort, g, render_template, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from chamas import directory
from chamas.approving.approvals import REASONS, Vote
from chamas.approving.voices import voices_in
from chamas.course import leaving, offices, substitution
from chamas.course import motions as rows
from chamas.course.motions import Motion, MotionKind, MotionState
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.register import Role
from gateway.api.persons import PersonNamed
from gateway.desk import groups, step_up, told
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger.refusals import Refusal

# What somebody looks through by eye.
SHOWN = 50
OPEN = (MotionState.ASKED, MotionState.GOING)
# In the order of the states.
SAID = {
    MotionKind.EXIT: ("asks to leave", "is leaving", "has left", "was refused", "stays after all"),
    MotionKind.SUBSTITUTION: ("shall be replaced", "is being replaced", "was replaced", "stays", "stays after all"),
    MotionKind.NAMING: ("is proposed", "is proposed", "took the office", "was refused", "is not proposed any more"),
    MotionKind.RECALL: ("may be recalled", "may be recalled", "was recalled", "was not recalled", "is not any more"),
}
PERSON = ("phone", "first_name", "language")
ROLES = {Role.CHAIRPERSON: "Chairperson", Role.TREASURER: "Treasurer", Role.SECRETARY: "Secretary"}


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


def name(chama_id: int) -> Response | tuple[str, int]:
    """An official proposes a member for an office; the others are asked by SMS."""
    if request.form.get("role") not in list(ROLES):
        abort(404, "There is no such office.")
    role, number = Role(request.form["role"]), request.form.get("number", 0, type=int)
    try:
        step_up.demand()
        with at_desk() as conn:
            made = offices.name(
                conn, chama_id, by_user_id=g.visitor.user_id, number=number, role=role, at=wiring().now()
            )
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status
    done = "Proposed. She must accept it on her own phone."
    if made.needed:
        done = "Proposed. The others decide, and she must accept it on her own phone."
    return told.onward("desk.motions", done, chama_id=chama_id)


def offer_place(chama_id: int) -> Response | tuple[str, int]:
    """An official proposes that somebody take over a member's place: she is invited, and whose place it is is asked."""
    try:
        asked = PersonNamed().load({name: request.form.get(name, "").strip() for name in PERSON})
        step_up.demand()
        with at_desk() as conn:
            substitution.offer(
                conn,
                chama_id,
                by_user_id=g.visitor.user_id,
                number=request.form.get("number", 0, type=int),
                at=wiring().now(),
                chance=wiring().chance,
                **asked,
            )
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status
    except ValidationError as why:
        return page(chama_id, problem=groups.words(why)), 422
    done = "Offered. Who is invited and whose place it is answer on their own phones, and the others decide."
    return told.onward("desk.motions", done, chama_id=chama_id)


def page(chama_id: int, problem: str = "") -> str:
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        listed = rows.of_chama(conn, chama_id, limit=SHOWN)
        waits = {one.id for one in rows.waiting_for(conn, chama_id, g.visitor.user_id, at=wiring().now())}
        means = {one.id: leaving.terms(conn, one.member_id) for one in listed if _leaves(one)}
        here = standing.group(conn, chama_id=chama_id, user_id=g.visitor.user_id)
        held = offices.holders(voices_in(conn, chama_id))
        yes = {one.id: rows.agreed(conn, one) for one in listed}
    return render_template(
        "desk/motions.html",
        chama=found,
        motions=listed,
        means=means,
        waits=waits,
        yes=yes,
        said={kind: dict(zip(MotionState, words, strict=True)) for kind, words in SAID.items()},
        roles=ROLES,
        holders={role: held[role].name if role in held else "" for role in ROLES},
        may_name=here.access(wiring().now()).may(Action.NAME_OFFICIALS),
        reasons=REASONS,
        problem=problem,
        done="" if problem else told.told(),
    )


def _leaves(one: Motion) -> bool:
    return one.kind is MotionKind.EXIT and one.state in OPEN
