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


def all_days() -> str:
    """The newest version of each day of every shortcode, and the last files."""
    with wiring().overseeing(g.visitor.user_id) as conn:
        found = [(shortcode, days.results(conn, shortcode.id, limit=SHOWN)) for shortcode in shortcodes.everyone(conn)]
        return render_template("desk/days.html", found=found, files=statements.newest(conn), pulls=pull.standings(conn))


def one_day(number: str, day: str) -> str:
    """Every version of one day, the newest first."""
    with wiring().overseeing(g.visitor.user_id) as conn:
        shortcode = shortcodes.by_number(conn, number)
        found = days.versions(conn, shortcode.id, _day(day)) if shortcode else []
    if not found:
        abort(404, "There is no certificate of this day.")
    return render_template("desk/day.html", newest=found[-1], earlier=found[-2::-1])


def hand_over() -> Response:
    """A statement of the portal, as a file; the worker reads it within seconds."""
    file = request.files.get("file")
    body = file.stream.read(FILE_BYTES + 1) if file else b""
    if not body:
        abort(422, "Choose the CSV file that M-PESA's portal exports.")
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
            abort(422, "Choose the shortcode that the statement is of.")
        statements.hand_over(conn, shortcode.id, handed, at=wiring().now())
    return redirect(url_for("desk.days"), 303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(422, "Write the day as 2026-11-20.")
