"""What broke in front of people, by the reference that one of them reads out; and what the worker has set aside."""

from flask import g, render_template, request

from chamas import puzzling
from gateway import incidents
from gateway.here import wiring
from ledger.wires import Connection
from payments import evidence

# Whoever looks without a reference wants today's.
SHOWN = 50


def everything() -> str:
    """The newest first."""
    with wiring().overseeing(g.visitor.user_id) as conn:
        return _page(conn, incidents.recent(conn, wiring(), SHOWN))


def look_up() -> str:
    """The one behind a reference. Posted, so that no address in a history leads to it."""
    told = request.form.get("reference", "")[:20].strip()
    with wiring().overseeing(g.visitor.user_id) as conn:
        one = incidents.find(conn, wiring(), told)
        return _page(conn, [one] if one else [], told)


def _page(conn: Connection, found: list[incidents.Incident], told: str = "") -> str:
    return render_template(
        "desk/troubles.html",
        found=found,
        told=told,
        aside=puzzling.listed(conn, limit=SHOWN),
        callbacks=evidence.set_aside(conn, limit=SHOWN),
    )
