"""Proof that a form came from one of our own pages.

A form carries a keyed hash of a cookie that only this browser holds: the session's once signed in, a visit's before.
Another site can make the browser send the cookie but can read neither it nor the hash.
"""

import hmac

from flask import Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gateway.here import keyed_hash, wiring

FIELD = "form_proof"


def cookie_name(plain: str) -> str:
    """`__Host-` makes browsers refuse the cookie from a neighbouring host or over plain HTTP; a demo has no HTTPS."""
    return f"__Host-{plain}" if wiring().settings.production else plain


def set_cookie(response: AnyResponse, plain: str, value: str, seconds: int | None = None) -> None:
    """Out of reach of scripts and of forms on other sites; `seconds` None lasts until the browser closes."""
    response.set_cookie(
        cookie_name(plain),
        value,
        max_age=seconds,
        path="/",
        secure=wiring().settings.production,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: AnyResponse, plain: str) -> None:
    response.delete_cookie(
        cookie_name(plain), path="/", secure=wiring().settings.production, httponly=True, samesite="Lax"
    )


def session_cookie() -> str:
    """The token of the signed-in session, or nothing."""
    return request.cookies.get(cookie_name("desk"), "")


def visit_cookie() -> str:
    """What tells one browser at the sign-in page from another, or nothing."""
    return request.cookies.get(cookie_name("visit"), "")


def proof(binding: str) -> str:
    """What a form must carry when the browser's cookie is `binding`."""
    return keyed_hash("form", binding).hex()


def check(binding: str) -> None:
    """Ends the request with 403 unless the form carries the proof for this cookie."""
    given = request.form.get(FIELD, "")
    if not binding or not hmac.compare_digest(given.encode(), proof(binding).encode()):
        abort(403, "This form is too old or did not come from this site. Go back, reload the page and try again.")


def page_for_visitor(template: str, status: int = 200, **values: object) -> Response:
    """A page with a form for somebody who is not signed in; hands out the visit's cookie when there is none."""
    visit = visit_cookie() or wiring().chance.token_bytes(16).hex()
    response = Response(render_template(template, form_proof=proof(visit), **values), status)
    if not visit_cookie():
        set_cookie(response, "visit", visit)
    return response
