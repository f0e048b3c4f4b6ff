"""The page on which a group moves in: its file is looked through, shown, and handed over when somebody says so."""

import base64
import binascii

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chamas.entrance import import_file, moving_in
from chamas.entrance.import_file import MOST_BYTES, MovingGroup, Problem
from gateway.here import wiring
from ledger.refusals import Refusal


def form() -> str:
    """Choose a file; and what became of the last ones."""
    return page()


def preview() -> str | tuple[str, int]:
    """What the file would make, line by line; or everything that is wrong with it."""
    file = request.files.get("file")
    body = file.stream.read(MOST_BYTES + 1) if file else b""
    group, problems = import_file.read(body)
    if group is None:
        return page(problems=problems), 422
    return page(group=group, body=base64.b64encode(body).decode())


def hand_over() -> Response | tuple[str, int]:
    """The very bytes that were shown; the worker imports them within a minute."""
    try:
        body = base64.b64decode(request.form.get("body", ""), validate=True)
        with wiring().overseeing(g.visitor.user_id) as conn:
            tell = request.form.get("tell") == "yes"
            moving_in.hand_over(conn, body, by_user_id=g.visitor.user_id, tell=tell, at=wiring().now())
    except binascii.Error:
        return page(problems=[Problem(0, "Choose the file again.")]), 422
    except Refusal as why:
        return page(problems=[Problem(0, str(why))]), 409
    return redirect(url_for("desk.import_form"), 303)


def page(*, group: MovingGroup | None = None, body: str = "", problems: list[Problem] | None = None) -> str:
    with wiring().overseeing(g.visitor.user_id) as conn:
        files = moving_in.newest(conn)
    return render_template("desk/import.html", group=group, body=body, problems=problems or [], files=files)
