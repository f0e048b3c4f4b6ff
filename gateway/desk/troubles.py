"""What broke in front of people: looked up by the reference that one of them reads out to the helpline."""

from flask import g, render_template, request

from gateway import incidents
from gateway.here import wiring

# Whoever looks without a reference wants today's.
SHOWN = 50


def everything() -> str:
    """The newest first."""
    with wiring().overseeing(g.visitor.user_id) as conn:
        found = incidents.recent(conn, wiring(), SHOWN)
    return render_template("desk/troubles.html", found=found, told="")


def look_up() -> str:
    """The one behind a reference. Posted, so that no address in a history leads to it."""
    told = request.form.get("reference", "")[:20].strip()
    with wiring().overseeing(g.visitor.user_id) as conn:
        one = incidents.find(conn, wiring(), told)
    return render_template("desk/troubles.html", found=[one] if one else [], told=told)
