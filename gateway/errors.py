"""Dresses one refusal in the clothes of its door: RFC 9457 problem JSON for programs, a page for people.

(The phone's clothes, text on the same screen with HTTP 200, are `gateway/ussd`'s.) A refusal is expected and has a code
and words; anything else is an incident, of which the caller is told the reference only.
"""

from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

from gateway import incidents
from gateway.here import wiring
from ledger.refusals import Refusal

# Where programs call: they get problem JSON whatever they say they accept.
PROGRAM_PATHS = ("/api/", "/pay/", "/sms/", "/ussd")
# What people read instead of HTTP's own phrases.
HEADINGS = {
    400: "We could not read that",
    401: "Please sign in",
    403: "This is not open to you",
    404: "Nothing is here",
    405: "It does not work this way",
    429: "Too many tries",
    500: "Something broke",
    503: "Not just now",
}
NO_PAGE = "We have no page at this address. Perhaps a letter of it is missing."


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, refused_by_http)
    app.register_error_handler(Exception, broken)


def refused(refusal: Refusal) -> Response:
    return answer(refusal.status, refusal.code, str(refusal))


def refused_by_http(error: HTTPException) -> Response:
    status = error.code or 500
    detail = NO_PAGE if error.description == NotFound.description else error.description or ""
    response = answer(status, HTTPStatus(status).phrase.lower().replace(" ", "_"), detail)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def broken(error: Exception) -> Response:
    rule = request.url_rule.rule if request.url_rule else "no rule"
    mark = incidents.report(wiring(), rule, error)
    if isinstance(error, incidents.PATIENCE_IS_SPENT):
        return answer(503, "away", f"That is not possible just now: try again later. The reference is {mark}")
    return answer(500, "incident", f"Something broke on our side. Tell the helpline this reference: {mark}")


def answer(status: int, code: str, detail: str) -> Response:
    """One problem: `detail` is a sentence for people and holds nothing private."""
    title = HTTPStatus(status).phrase
    if wants_json():
        response = jsonify(type=f"/problems/{code}", title=title, status=status, detail=detail, code=code)
        response.mimetype = "application/problem+json"
    else:
        heading = HEADINGS.get(status, title)
        response = Response(render_template("problem.html", title=heading, status=status, detail=detail))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    if request.path.startswith(PROGRAM_PATHS):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"
