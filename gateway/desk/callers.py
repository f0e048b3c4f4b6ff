"""Who calls where Safaricom should, and what was told that was not believed. For operators."""

from dataclasses import dataclass

from flask import current_app, g, render_template, request

from gateway import sources
from gateway.here import wiring
from payments.evidence import callers
from payments.evidence.callers import Caller

DOUBTS = {
    "forged": ("bad", "Forged"),
    "replayed": ("look", "Told again"),
    "unreadable": ("quiet", "Unreadable"),
}


@dataclass(frozen=True)
class Seen:
    """An address, and whether it is on the list of Safaricom's."""

    caller: Caller
    listed: bool


def everybody() -> str:
    """Addresses and doubts; `?address=` shows the doubts of one."""
    own = wiring().settings
    chosen = request.args.get("address", "")[:45] or None
    with wiring().overseeing(g.visitor.user_id) as conn:
        found = callers.callers(conn)
        doubts = callers.doubted(conn, address=chosen)
    networks = current_app.extensions["sources"]
    seen = [Seen(one, sources.is_listed(one.address, networks, at_home=not own.production)) for one in found]
    return render_template(
        "desk/callers.html",
        others=[one for one in seen if not one.listed],
        listed=[one for one in seen if one.listed],
        doubts=doubts,
        kinds=DOUBTS,
        chosen=chosen,
        refuses=own.other_addresses == "refuse",
    )
