"""What the desk says after something was done: it travels in the next page's address, with a proof that we wrote it.

Without the proof a link from anywhere could put its words into the desk's own notice.
"""

import hmac
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from gateway.desk import csrf
from gateway.here import keyed_hash


def onward(endpoint: str, words: str, **where: Any) -> Response:
    """To a page of the desk that shows `words` as its notice, to this browser only."""
    return redirect(url_for(endpoint, **where, done=words, by=_proof(words)), 303)


def told() -> str:
    """The notice that came with this request; empty when there is none, or it is not ours."""
    words = request.args.get("done", "")
    given = request.args.get("by", "")
    return words if words and hmac.compare_digest(given.encode(), _proof(words).encode()) else ""


def _proof(words: str) -> str:
    return keyed_hash("told", f"{csrf.session_cookie()}:{words}").hex()
