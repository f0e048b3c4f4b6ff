"""The pages about groups: founding one, who is in, who is invited or asks, and letting people in."""

from flask import abort, g, render_template, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from chamas import directory
from chamas.arriving import cash_claims
from chamas.dues import exposure
from chamas.entrance import founding, joining
from chamas.meeting import confirming
from chamas.members import standing
from gateway.api import entry, pictures
from gateway.api.entry import Act
from gateway.api.persons import GroupFounded, JoinAsked, PersonNamed
from gateway.desk import told
from gateway.desk.guard import at_desk, is_official
from gateway.here import wiring
from ledger.refusals import Refusal
from payments import qr_pictures

# More than anybody looks through by eye; a program reads on by the API.
SHOWN = 200


def chamas() -> str:
    """Every group, newest last."""
    return listed()


def listed(problem: str = "") -> str:
    with at_desk() as conn:
        every = directory.chamas(conn, limit=SHOWN)
    return render_template("desk/chamas.html", chamas=every, problem=problem)


def found() -> Response | tuple[str, int]:
    """A new group: an official founds it for herself, an operator for somebody who calls, by her phone and name."""
    try:
        asked = GroupFounded().load(sent("name", "shillings", "frequency", "people"))
        founder = None if is_official() else PersonNamed().load(sent("phone", "first_name", "language"))
        with at_desk() as conn:
            made = entry.found(conn, act=act(), founder=founder, **asked)
    except (Refusal, ValidationError) as why:
        return listed(problem=words(why)), 409
    return back(made.chama_id, "The group is founded. It takes nobody yet.")


def recruit(chama_id: int) -> Response | tuple[str, int]:
    """From now on it takes people, or takes none any more."""
    opens = request.form.get("opens") == "yes"
    try:
        with at_desk() as conn:
            change = founding.recruit if opens else founding.close
            change(conn, chama_id, by_user_id=g.visitor.user_id, at=wiring().now())
    except Refusal as why:
        return page(chama_id, problem=words(why)), 409
    return back(chama_id, "People can join now." if opens else "It takes nobody any more.")


def chama(chama_id: int) -> str:
    """One group with its people, and the forms for what may be done in it today."""
    return page(chama_id)


def invite(chama_id: int) -> Response | tuple[str, int]:
    """An SMS invites the owner of a phone."""
    try:
        asked = PersonNamed().load(sent("phone", "first_name", "language"))
        with at_desk() as conn:
            entry.invite(conn, chama_id, act=act(), **asked)
    except (Refusal, ValidationError) as why:
        return page(chama_id, problem=words(why)), 409
    return back(chama_id, "The invitation leaves by SMS now.")


def join(chama_id: int) -> Response | tuple[str, int]:
    """Lets somebody in who says the group's number or the code of her invitation; the officials answer a number."""
    try:
        asked = JoinAsked().load(sent("phone", "first_name", "language", "typed"))
        with at_desk() as conn:
            seat = entry.join(conn, act=act(), **asked)
        if isinstance(seat, Refusal):
            raise seat
    except (Refusal, ValidationError) as why:
        return page(chama_id, problem=words(why)), 409
    return back(seat.chama_id, f"Member {seat.number} is {seat.status} now.")


def admit(chama_id: int) -> Response | tuple[str, int]:
    """Answers somebody who asked."""
    try:
        with at_desk() as conn:
            seat = entry.admit(
                conn, request.form.get("member", 0, int), act=act(), yes=request.form.get("yes") == "yes"
            )
    except Refusal as why:
        return page(chama_id, problem=words(why)), 409
    return back(chama_id, f"Member {seat.number} is {seat.status} now.")


def draw(chama_id: int) -> Response | tuple[str, int]:
    """Wishes for the picture of where the group is paid: the worker asks Safaricom for it."""
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        made = pictures.draw(conn, chama_id, act=act())
    if made is None:
        return page(chama_id, problem="This group has no paybill and no till."), 409
    return back(chama_id, "Safaricom is asked for the picture: look again in a minute.")


def picture(chama_id: int) -> Response:
    """The picture itself, a PNG."""
    with at_desk() as conn:
        drawn = qr_pictures.of_chama(conn, chama_id)
    if drawn is None or drawn.picture is None:
        abort(404, "There is no picture of this group.")
    return Response(drawn.picture, mimetype="image/png")


def page(chama_id: int, problem: str = "") -> str:
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        here = standing.group(conn, chama_id=chama_id, user_id=g.visitor.user_id)
        people = directory.members(conn, chama_id, limit=SHOWN)
        asking = joining.requests(conn, chama_id)
        claims = cash_claims.listed(conn, chama_id)
        asked = confirming.listed(conn, chama_id)
        drawn = qr_pictures.of_chama(conn, chama_id)
        risks = [one for one in exposure.of_chama(conn, chama_id) if one.uncovered_cents]
    return render_template(
        "desk/chama.html",
        chama=found,
        here=here,
        actions=here.access(wiring().now()).actions,
        members=people,
        asking=asking,
        claims=claims,
        asked=asked[:SHOWN],
        risks=risks,
        drawn=drawn,
        outdated=drawn is not None and pictures.is_outdated(drawn, found),
        problem=problem,
        done="" if problem else told.told(),
    )


def act() -> Act:
    return Act(g.visitor.user_id, wiring().now(), wiring().chance)


def sent(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in names}


def words(why: Exception) -> str:
    """What is wrong, for the person at the form; never what she typed."""
    if isinstance(why, ValidationError):
        return " ".join(f"{name.replace('_', ' ')}: {' '.join(said)}" for name, said in why.messages_dict.items())
    return str(why)


def back(chama_id: int, done: str) -> Response:
    return told.onward("desk.chama", done, chama_id=chama_id)
