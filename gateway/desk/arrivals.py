"""The payments of one group as they come in, for its officials: newest first, each with its state of this second."""

import hashlib

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from chamas import directory
from chamas.arriving import latest
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger.nairobi import day_begins


def of_group(chama_id: int) -> str:
    """The whole page; complete without a script, which only keeps it fresh."""
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
    if found is None:
        abort(404, "There is no such group.")
    return render_template("desk/group_payments.html", chama=found, live=moving(chama_id))


def feed(chama_id: int) -> Response:
    """The moving part alone; a browser that has it already is told so in no words (304)."""
    body = moving(chama_id)
    response = Response(body, mimetype="text/html")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    return response.make_conditional(request)


def moving(chama_id: int) -> str:
    with at_desk() as conn:
        if directory.chama(conn, chama_id) is None:
            abort(404, "There is no such group.")
        rows = latest.latest(conn, chama_id)
        today = latest.since(conn, chama_id, day_begins(wiring().now()))
    return render_template("desk/group_live.html", rows=rows, today=today)
