"""The pages about a group's meetings: setting one, marking who is there, counting the box, minutes and recordings."""

from collections.abc import Callable
from typing import Any

from flask import Response as Bytes
from flask import abort, g, render_template, request, url_for
from flask import redirect as to
from werkzeug.wrappers import Response

from chamas import directory
from chamas.meeting import agenda, attendance, meetings, minutes, sitting
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import NotNow
from chamas.persons import files, looks
from chamas.persons.looks import Sight
from gateway.desk import step_up
from gateway.desk.guard import at_desk, is_official
from gateway.here import wiring
from ledger import assertions, papers
from ledger.money import parse_shillings
from ledger.refusals import NotAnAmount, Refusal
from ledger.wires import Connection


def everything(chama_id: int) -> str:
    """The group's meetings, newest first, and the form for the next one."""
    return page(chama_id)


def schedule(chama_id: int) -> Response | tuple[str, int]:
    """Sets the next meeting; its members hear of it by SMS."""
    day, hour = request.form.get("day", ""), request.form.get("hour", 0, int)
    at, by, repeats = wiring().now(), g.visitor.user_id, request.form.get("repeats") == "yes"

    def act(conn: Connection) -> None:
        starts_at = meetings.hour_of(day, hour)
        meetings.schedule(conn, chama_id, by_user_id=by, starts_at=starts_at, repeats=repeats, at=at)

    return _done(act, lambda why: page(chama_id, why), lambda _: url_for("desk.meetings", chama_id=chama_id))


def convene(chama_id: int) -> Response | tuple[str, int]:
    """The group sits together now."""
    at, by = wiring().now(), g.visitor.user_id
    return _done(
        lambda conn: meetings.convene(conn, chama_id, by_user_id=by, at=at),
        lambda why: page(chama_id, why),
        lambda made: url_for("desk.meeting", meeting_id=made.id),
    )


def one(meeting_id: int) -> str:
    """One meeting: its roll, its count, its minutes and its recordings."""
    return meeting_page(meeting_id)


def mark(meeting_id: int) -> Response | tuple[str, int]:
    """The whole roll at once, as it stands in the form: one key a member, as on a phone."""

    def act(conn: Connection) -> None:
        for line in attendance.roll(conn, meeting_id):
            _mark(conn, meeting_id, line)

    return _of_meeting(meeting_id, act)


def close(meeting_id: int) -> Response | tuple[str, int]:
    """The box is counted, and all that was given is booked as one set. An official says so with her CHAMA PIN: it is
    her word about money.
    """
    at, by, chance = wiring().now(), g.visitor.user_id, wiring().chance

    try:
        if is_official():
            step_up.demand()
    except Refusal as why:
        return meeting_page(meeting_id, str(why)), why.status

    def act(conn: Connection) -> None:
        counted = _cents(request.form.get("counted", ""))
        sitting.close(conn, meeting_id, by_user_id=by, counted_cents=counted, at=at, chance=chance)

    return _of_meeting(meeting_id, act)


def cancel(meeting_id: int) -> Response | tuple[str, int]:
    """It does not take place."""
    at, by = wiring().now(), g.visitor.user_id
    return _of_meeting(meeting_id, lambda conn: meetings.cancel(conn, meeting_id, by_user_id=by, at=at))


def write(meeting_id: int) -> Response | tuple[str, int]:
    """The minutes, or their next version."""
    at, by, chance, text = wiring().now(), g.visitor.user_id, wiring().chance, request.form.get("text", "")
    return _of_meeting(
        meeting_id, lambda conn: minutes.write(conn, meeting_id, text, by_user_id=by, at=at, chance=chance)
    )


def record(meeting_id: int) -> Response | tuple[str, int]:
    """A recording, as a file."""
    file = request.files.get("file")
    body = file.stream.read(files.MOST_BYTES["recording"] + 1) if file else b""
    here: dict[str, Any] = {"shelf": wiring().shelf, "at": wiring().now(), "chance": wiring().chance}

    def act(conn: Connection) -> None:
        files.keep(conn, "recording", body, meeting_id=meeting_id, by_user_id=g.visitor.user_id, **here)

    return _of_meeting(meeting_id, act)


def _of_meeting(meeting_id: int, act: Callable[[Connection], Any]) -> Response | tuple[str, int]:
    """Done to one meeting, and back to its page."""
    onward = url_for("desk.meeting", meeting_id=meeting_id)
    return _done(act, lambda why: meeting_page(meeting_id, why), lambda _: onward)


def _done(
    act: Callable[[Connection], Any], again: Callable[[str], str], onward: Callable[[Any], str]
) -> Response | tuple[str, int]:
    """Done for whoever is at the desk, then `onward`; what stands against it is told on the page that it came from."""
    try:
        with at_desk() as conn:
            done = act(conn)
    except Refusal as why:
        return again(str(why)), 409
    return to(onward(done), 303)


def download(file_id: int) -> Bytes:
    """A document or a recording, for whoever may see its row."""
    with at_desk() as conn:
        file = files.find(conn, file_id)
        if file.kind == "document" and file.user_id is not None:
            if g.visitor.role != "admin":
                abort(403, "Only an admin opens the papers of people.")
            looks.write_down(conn, file.user_id, Sight.DOCUMENT, by_user_id=g.visitor.user_id, at=wiring().now())
    answer = Bytes(files.body_of(file, wiring().shelf), mimetype=file.content_type)
    ending = file.content_type.rpartition("/")[2]
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.kind}-{file.id}.{ending}"'
    return answer


def page(chama_id: int, problem: str = "") -> str:
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        here = standing.group(conn, chama_id=chama_id, user_id=g.visitor.user_id)
        listed = agenda.listed(conn, chama_id)
    may = here.access(wiring().now()).may(Action.MEET)
    return render_template("desk/meetings.html", chama=found, meetings=listed, may=may, problem=problem)


def meeting_page(meeting_id: int, problem: str = "") -> str:
    at = wiring().now()
    with at_desk() as conn:
        try:
            found = agenda.find(conn, meeting_id)
        except NotNow:
            abort(404, "There is no such meeting.")
        roll = attendance.roll(conn, meeting_id)
        due = {line.member_id: sitting.due_cents(conn, line.member_id, at) for line in roll} if found.on else {}
        texts = minutes.versions(conn, meeting_id)
        seals = {text.version: papers.proof_of(conn, text.paper_id) for text in texts}
        counted = assertions.by_id(conn, found.assertion_id) if found.assertion_id else None
        recordings = files.of_meeting(conn, meeting_id)
    return render_template(
        "desk/meeting.html",
        meeting=found,
        roll=roll,
        due=due,
        minutes=texts,
        seals=seals,
        counted=counted,
        recordings=recordings,
        problem=problem,
    )


def _mark(conn: Connection, meeting_id: int, line: attendance.Line) -> None:
    """What the form says of one member; who is not ticked either way is left as she was."""
    was = request.form.get(f"here-{line.number}", "")
    if was not in ("yes", "no"):
        return
    paid, fine = (_cents(request.form.get(f"{name}-{line.number}", "")) for name in ("cash", "fine"))
    at, by = wiring().now(), g.visitor.user_id
    here = was == "yes"
    sitting.mark(conn, meeting_id, line.number, by_user_id=by, here=here, cash_cents=paid if here else 0, at=at)
    if here and fine != line.fine_cents:
        sitting.fine(conn, meeting_id, line.number, by_user_id=by, cents=fine, at=at)


def _cents(text: str) -> int:
    """What was typed, in cents; nothing is 0. Raises NotAnAmount."""
    text = text.strip()
    if not text.strip("0.,"):
        return 0
    if text.startswith("-"):
        raise NotAnAmount
    return parse_shillings(text)
