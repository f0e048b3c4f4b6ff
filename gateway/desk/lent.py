"""The pages of a group's loans, every part of them, and of what each would get if it shared out today."""

from flask import abort, render_template

from chamas import directory
from chamas.course import sharing
from chamas.dues import loans
from chamas.dues.borrowing import BY_TURNS
from gateway.desk.guard import at_desk
from gateway.here import wiring


def everything(chama_id: int) -> str:
    """Running loans first."""
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        lent = loans.of_chama(conn, chama_id)
    return render_template("desk/loans.html", chama=found, loans=lent)


def share_out(chama_id: int) -> str:
    """What each would get today, line by line."""
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        out = sharing.look(conn, chama_id, bands=wiring().payout_bands)
    return render_template("desk/share_out.html", chama=found, out=out, by_turns=found.kind in BY_TURNS)
