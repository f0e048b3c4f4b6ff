"""The days of the paybill beside M-PESA's own lists: each day's certificate, and statements handed over."""

from datetime import date, timedelta

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.here import wiring
from payments import shortcodes
from payments.reconciliation import days, pull, statements
from payments.reconciliation.statements import FILE_BYTES, Handed

# The page shows as many days as are looked back at.
SHOWN = days.LOOKED_BACK


class NotThis(Exception):
    """What was handed over cannot be taken; its words say why."""


def all_days() -> str:
    """The newest version of each day of every shortcode, and the last files."""
    return page()


def page(problem: str = "") -> str:
    with wiring().overseeing(g.visitor.user_id) as conn:
        found = [(shortcode, days.results(conn, shortcode.id, limit=SHOWN)) for shortcode in shortcodes.everyone(conn)]
        files, pulls = statements.newest(conn), pull.standings(conn)
    return render_template("desk/days.html", found=found, files=files, pulls=pulls, problem=problem)


def one_day(number: str, day: str) -> str:
    """Every version of one day, the newest first."""
    try:
        when = _day(day)
    except NotThis as why:
        abort(422, str(why))
    with wiring().overseeing(g.visitor.user_id) as conn:
        shortcode = shortcodes.by_number(conn, number)
        found = days.versions(conn, shortcode.id, when) if shortcode else []
    if not found:
        abort(404, "There is no certificate of this day.")
    return render_template("desk/day.html", newest=found[-1], earlier=found[-2::-1])


def hand_over() -> Response | tuple[str, int]:
    """A statement of the portal, as a file; the worker reads it within seconds."""
    try:
        take()
    except NotThis as why:
        return page(str(why)), 422
    return redirect(url_for("desk.days"), 303)


def take() -> None:
    file = request.files.get("file")
    body = file.stream.read(FILE_BYTES + 1) if file else b""
    if not body:
        raise NotThis("Choose the CSV file that M-PESA's portal exports.")
    since, until = (_day(request.form[name]) if request.form.get(name) else None for name in ("since", "until"))
    handed = Handed(
        body,
        days.begins(since) if since else None,
        days.begins(until + timedelta(days=1)) if until else None,
        g.visitor.user_id,
    )
    with wiring().overseeing(g.visitor.user_id) as conn:
        shortcode = shortcodes.by_number(conn, request.form.get("shortcode", ""))
        if shortcode is None:
            raise NotThis("Choose the shortcode that the statement is of.")
        statements.hand_over(conn, shortcode.id, handed, at=wiring().now())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as unreadable:
        raise NotThis("Write the day as 2026-11-20.") from unreadable
