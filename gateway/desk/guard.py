"""Asks everybody at the desk's door who they are."""

from urllib.parse import urlsplit

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.desk import csrf, sessions
from gateway.here import wiring

OPEN_PAGES = frozenset({"desk.sign_in_form", "desk.sign_in_tried"})


def let_in() -> AnyResponse | None:
    """Only the sign-in page is open to strangers; every POST of somebody signed in proves where it came from."""
    g.visitor = who_is_there()
    if request.endpoint in OPEN_PAGES:
        return None
    if g.visitor is None:
        if request.method not in ("GET", "HEAD") or request.endpoint == "desk.status_feed":
            abort(401, "You are signed out. Sign in again.")
        return redirect(url_for("desk.sign_in_form", next=request.path), 303)
    if request.method == "POST":
        csrf.check(csrf.session_cookie())
    return None


def who_is_there() -> sessions.Visitor | None:
    """The signed-in person whose cookie came with the request."""
    token = csrf.session_cookie()
    if not token:
        return None
    with wiring().holding("session", sessions.digest(token).hex()) as conn:
        return sessions.visitor(conn, token, at=wiring().now())


def keep_private(response: Response) -> Response:
    """No page of the desk stays in a cache, where the next person at this computer would find it."""
    response.headers["Cache-Control"] = "no-store"
    return response


def for_every_page() -> dict[str, object]:
    """What the frame around every page of the desk needs: who is signed in, and the proof for the sign-out form."""
    visitor = g.get("visitor")
    return {"visitor": visitor, "form_proof": csrf.proof(csrf.session_cookie()) if visitor else ""}


def safe_next(target: str) -> str:
    """Where to go after signing in: a page of the desk, or the status page when `target` is anything else.

    Browsers read a backslash as a slash and drop control characters, so a target with either is not one of ours.
    """
    ours = target.startswith("/desk/") and target.isprintable() and "\\" not in target and ".." not in target
    return target if ours and not urlsplit(target).netloc else url_for("desk.status")
