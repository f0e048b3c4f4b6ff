"""The page of a group's loans: what was lent to whom, every part of it, and how far it has come back."""

from flask import abort, render_template

from chamas import directory
from chamas.dues import loans
from gateway.desk.guard import at_desk


def everything(chama_id: int) -> str:
    """Running loans first."""
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        lent = loans.of_chama(conn, chama_id)
    return render_template("desk/loans.html", chama=found, loans=lent)
