"""Signing in and out."""

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from gateway.desk import csrf, sessions, sign_in
from gateway.desk.guard import safe_next
from gateway.here import caller_key, keyed_hash, wiring

WRONG = "This e-mail address and this password do not belong together."


def sign_in_form() -> Response:
    """The form, or straight on for somebody who is signed in already."""
    onward = request.args.get("next", "")
    if g.visitor:
        return redirect(safe_next(onward), 303)
    return csrf.page_for_visitor("desk/sign_in.html", next=onward, email="", problem="")


def sign_in_tried() -> Response:
    """In, wrong (the same words whatever was wrong), or wait."""
    csrf.check(csrf.visit_cookie())
    email, onward = request.form.get("email", "")[:320], request.form.get("next", "")
    outcome = sign_in.enter(
        wiring(),
        email,
        request.form.get("password", ""),
        person_key=keyed_hash("sign-in person", sign_in.plain_address(email)),
        caller_key=caller_key("sign-in caller"),
    )
    if isinstance(outcome, sign_in.Entered):
        response = redirect(safe_next(onward), 303)
        csrf.set_cookie(response, "desk", outcome.token, int(sessions.LIFETIME.total_seconds()))
        csrf.drop_cookie(response, "visit")
        return response
    if isinstance(outcome, sign_in.Wait):
        problem = f"Too many tries. Wait {outcome.seconds} seconds, then try again."
        page = csrf.page_for_visitor("desk/sign_in.html", 429, next=onward, email=email, problem=problem)
        page.headers["Retry-After"] = str(outcome.seconds)
        return page
    return csrf.page_for_visitor("desk/sign_in.html", 403, next=onward, email=email, problem=WRONG)


def sign_out() -> Response:
    """Ends the session in the database too, so that a copied cookie is worthless from now on."""
    token = csrf.session_cookie()
    with wiring().holding("session", sessions.digest(token).hex()) as conn:
        sessions.end(conn, token)
    response = redirect(url_for("desk.sign_in_form"), 303)
    csrf.drop_cookie(response, "desk")
    return response
