"""The pages about a group's meetings: setting one, marking who is there, counting the box, minutes and recordings."""

from flask import Response as Bytes
from flask import abort, g, render_template, request, url_for
from flask import redirect as to
from werkzeug.wrappers import Response

from chamas import attendance, directory, files, meetings, minutes, sitting, standing
from chamas.access import Action
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
    try:
        # 2026-11-28 as a phone types it; a year further than the next such day is refused by the room below.
        starts_at = meetings.instant(f"{day[8:10]}{day[5:7]}", hour, wiring().now())
        with wiring().overseeing(g.visitor.user_id) as conn:
            meetings.schedule(
                conn,
                chama_id,
                by_user_id=g.visitor.user_id,
                starts_at=starts_at,
                repeats=request.form.get("repeats") == "yes",
                at=wiring().now(),
            )
    except Refusal as why:
        return page(chama_id, str(why)), 409
    return to(url_for("desk.meetings", chama_id=chama_id), 303)


def convene(chama_id: int) -> Response | tuple[str, int]:
    """The group sits together now."""
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            made = meetings.convene(conn, chama_id, by_user_id=g.visitor.user_id, at=wiring().now())
    except Refusal as why:
        return page(chama_id, str(why)), 409
    return to(url_for("desk.meeting", meeting_id=made.id), 303)


def one(meeting_id: int) -> str:
    """One meeting: its roll, its count, its minutes and its recordings."""
    return meeting_page(meeting_id)


def mark(meeting_id: int) -> Response | tuple[str, int]:
    """The whole roll at once, as it stands in the form: one key a member, as on a phone."""
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            for line in attendance.roll(conn, meeting_id):
                _mark(conn, meeting_id, line)
    except Refusal as why:
        return meeting_page(meeting_id, str(why)), 409
    return to(url_for("desk.meeting", meeting_id=meeting_id), 303)


def close(meeting_id: int) -> Response | tuple[str, int]:
    """The box is counted, and all that was given is booked as one set."""
    try:
        counted = _cents(request.form.get("counted", ""))
        with wiring().overseeing(g.visitor.user_id) as conn:
            sitting.close(
                conn,
                meeting_id,
                by_user_id=g.visitor.user_id,
                counted_cents=counted,
                at=wiring().now(),
                chance=wiring().chance,
            )
    except Refusal as why:
        return meeting_page(meeting_id, str(why)), 409
    return to(url_for("desk.meeting", meeting_id=meeting_id), 303)


def cancel(meeting_id: int) -> Response | tuple[str, int]:
    """It does not take place."""
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            meetings.cancel(conn, meeting_id, by_user_id=g.visitor.user_id, at=wiring().now())
    except Refusal as why:
        return meeting_page(meeting_id, str(why)), 409
    return to(url_for("desk.meeting", meeting_id=meeting_id), 303)


def write(meeting_id: int) -> Response | tuple[str, int]:
    """The minutes, or their next version."""
    at, chance = wiring().now(), wiring().chance
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            text = request.form.get("text", "")
            minutes.write(conn, meeting_id, text, by_user_id=g.visitor.user_id, at=at, chance=chance)
    except Refusal as why:
        return meeting_page(meeting_id, str(why)), 409
    return to(url_for("desk.meeting", meeting_id=meeting_id), 303)


def record(meeting_id: int) -> Response | tuple[str, int]:
    """A recording, as a file."""
    file = request.files.get("file")
    body = file.stream.read(files.MOST_BYTES["recording"] + 1) if file else b""
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            files.keep(
                conn,
                "recording",
                body,
                meeting_id=meeting_id,
                by_user_id=g.visitor.user_id,
                shelf=wiring().shelf,
                at=wiring().now(),
                chance=wiring().chance,
            )
    except Refusal as why:
        return meeting_page(meeting_id, str(why)), 409
    return to(url_for("desk.meeting", meeting_id=meeting_id), 303)


def download(file_id: int) -> Bytes:
    """A document or a recording, for whoever may see its row."""
    with wiring().overseeing(g.visitor.user_id) as conn:
        file = files.find(conn, file_id)
    answer = Bytes(files.body_of(file, wiring().shelf), mimetype=file.content_type)
    ending = file.content_type.rpartition("/")[2]
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.kind}-{file.id}.{ending}"'
    return answer


def page(chama_id: int, problem: str = "") -> str:
    with wiring().overseeing(g.visitor.user_id) as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        here = standing.group(conn, chama_id=chama_id, user_id=g.visitor.user_id)
        listed = meetings.listed(conn, chama_id)
    may = here.access(wiring().now()).may(Action.MEET)
    return render_template("desk/meetings.html", chama=found, meetings=listed, may=may, problem=problem)


def meeting_page(meeting_id: int, problem: str = "") -> str:
    at = wiring().now()
    with wiring().overseeing(g.visitor.user_id) as conn:
        found = meetings.find(conn, meeting_id)
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
