"""The status page: what arrives, what is odd, what waits, what is sealed; and one payment with its evidence."""

import hashlib

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.api import money
from gateway.desk import board
from gateway.desk.guard import is_official
from gateway.here import wiring
from ledger.refusals import Refusal
from payments import reconcile
from payments.daraja import codes
from payments.states import AttemptState


def home() -> Response:
    """The desk begins with the status page; an official's with her groups."""
    return redirect(url_for("desk.chamas" if is_official() else "desk.status"), 303)


def status() -> str:
    """The whole page; complete without a script, which only keeps it fresh."""
    return render_template("desk/status.html", live=live_part())


def status_feed() -> Response:
    """The moving part alone, with an ETag: a browser that has it already is told so in no words (304)."""
    body = live_part()
    response = Response(body, mimetype="text/html")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    return response.make_conditional(request)


def live_part() -> str:
    with wiring().overseeing(g.visitor.user_id) as conn:
        seen = board.read(conn, wiring().now())
    return render_template("desk/live.html", board=seen)


def payment(payment_id: int) -> str:
    """One payment and everything that Safaricom said about it, in order."""
    return payment_page(payment_id)


def ask_anew(payment_id: int) -> Response | tuple[str, int]:
    """Has Safaricom asked about an unclear payment now."""
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            if money.payment(conn, payment_id) is None:
                abort(404, "There is no such payment.")
            reconcile.ask_anew(conn, payment_id, at=wiring().now())
    except Refusal as why:
        return payment_page(payment_id, str(why)), why.status
    return redirect(url_for("desk.payment", payment_id=payment_id, asked=1), 303)


def payment_page(payment_id: int, problem: str = "") -> str:
    with wiring().overseeing(g.visitor.user_id) as conn:
        found = money.payment(conn, payment_id)
        if found is None:
            abort(404, "There is no such payment.")
    code = codes.look_up(codes.STK, found.result_code) if found.result_code else None
    unclear = found.state not in reconcile.SETTLED and found.state != AttemptState.CREATED
    asked = bool(request.args.get("asked")) and not problem
    return render_template("desk/payment.html", payment=found, code=code, unclear=unclear, asked=asked, problem=problem)
