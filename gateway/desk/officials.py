"""The officials' door: a code by SMS to the registered phone, and then the pages of their own groups."""

import redis
from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from gateway.desk import csrf, office_codes, sessions
from gateway.desk.sign_in import Entered, Wait
from gateway.here import caller_key, keyed_hash, wiring
from payments.phones import UnreadablePhone, normalise

WRONG = "This is not the code of the last SMS, or it is older than ten minutes."
SENT = "If this is the number of an official, an SMS with a code is on its way. It holds for ten minutes."


def form() -> Response:
    """Which phone."""
    return _page()


def send() -> Response:
    """The same page for everybody, with a field for the code."""
    csrf.check(csrf.visit_cookie())
    phone = _phone()
    if phone is None:
        return _page("Type the number as on the phone, like 0712 345 678.", status=400)
    try:
        outcome = office_codes.send(wiring(), phone, person_key=_person(phone), caller_key=caller_key("desk code"))
    except redis.RedisError:
        abort(503, "No code can be sent now. Try again in some minutes.")
    return _waits(outcome) if isinstance(outcome, Wait) else _page(done=SENT, phone=phone)


def enter() -> Response:
    """In, wrong (the same words whatever was wrong), or wait."""
    csrf.check(csrf.visit_cookie())
    phone, code = _phone() or "", request.form.get("code", "").strip()[:12]
    caller = caller_key("desk code try")
    try:
        outcome = office_codes.enter(wiring(), phone, code, person_key=_person(phone), caller_key=caller)
    except redis.RedisError:
        abort(503, "No code can be looked at now. Try again in some minutes.")
    if isinstance(outcome, Wait):
        return _waits(outcome)
    if not isinstance(outcome, Entered):
        return _page(WRONG, phone=phone, status=403)
    response = redirect(url_for("desk.chamas"), 303)
    csrf.set_cookie(response, "desk", outcome.token, int(sessions.LIFETIME.total_seconds()))
    csrf.drop_cookie(response, "visit")
    return response


def _phone() -> str | None:
    try:
        return normalise(request.form.get("phone", "")[:20])
    except UnreadablePhone:
        return None


def _person(phone: str) -> bytes:
    return keyed_hash("desk code person", phone)


def _waits(wait: Wait) -> Response:
    page = _page(f"Too many tries. Wait {wait.seconds} seconds, then try again.", status=429)
    page.headers["Retry-After"] = str(wait.seconds)
    return page


def _page(problem: str = "", *, done: str = "", phone: str = "", status: int = 200) -> Response:
    return csrf.page_for_visitor("desk/officials.html", status, problem=problem, done=done, phone=phone)
