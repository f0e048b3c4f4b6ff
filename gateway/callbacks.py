"""Where Safaricom calls: whatever comes is stored before it is read, and only then answered.

One delivery is all we get, so a body goes to PostgreSQL, else to the spool file, and only when neither takes it is the
answer 503. Reading, matching and booking is the worker's. Nothing here depends on what the body says.
"""

import hmac
import logging
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psycopg
from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from psycopg_pool import PoolTimeout

from gateway import here, incidents, log, patience, sources
from gateway.strangers import Strangers
from gateway.wiring import Wiring
from payments import evidence, spool, validation

bp = Blueprint("callbacks", __name__, url_prefix="/pay")


@bp.record_once
def begin(state: BlueprintSetupState) -> None:
    wiring: Wiring = state.app.extensions["wiring"]
    state.app.extensions["strangers"] = Strangers(wiring.settings.callback_secret)
    state.app.extensions["sources"] = sources.read(wiring.settings.safaricom_addresses)


@bp.before_request
def look_who_calls() -> tuple[Response, int] | None:
    """Notes a caller who is not on the list; refuses him only where the operator has said so."""
    own = here.wiring().settings
    listed = sources.is_listed(request.remote_addr, current_app.extensions["sources"], at_home=not own.production)
    log.note(**({} if listed else {"listed": False}))
    if listed or own.other_addresses != "refuse":
        return None
    return jsonify(ResultCode=1, ResultDesc="Not from here"), HTTPStatus.FORBIDDEN


ACCEPTED = {"ResultCode": 0, "ResultDesc": "Accepted"}

# Which evidence a path brings. B2C, balance and reversal are stored from the first day, so that nothing told is lost.
SOURCES = {
    ("b2c", "result"): "b2c_result",
    ("b2c", "timeout"): "b2c_timeout",
    ("status", "result"): "status_result",
    ("status", "timeout"): "status_timeout",
    ("balance", "result"): "balance_result",
    ("balance", "timeout"): "balance_timeout",
    ("reversal", "result"): "reversal_result",
    ("reversal", "timeout"): "reversal_timeout",
}

# Safaricom waits seconds only for a validation, and for nothing else longer than it likes; whoever is not answered may
# never call again. What PostgreSQL has not taken within this goes to the spool.
PATIENCE_SECONDS = 1.2

# What is longer than evidence keeps is stored cut and marked; beyond this it is not even read.
READ_BYTES = 4 * evidence.BODY_BYTES


@bp.post("/stk/<token>")
def stk(token: str) -> tuple[Response, int]:
    return take("stk_callback", token)


@bp.post("/c2b/<secret>/validation")
def c2b_validation(secret: str) -> tuple[Response, int]:
    """Yes, unless the shortcode refuses accounts that cannot exist: money in suspense is better than money refused.

    Safaricom waits seconds only, and PostgreSQL may be slow or away: the question goes to the spool, and is read from
    there; what cannot be looked up in time is a yes.
    """
    answer = {"ResultCode": "0", "ResultDesc": "Accepted"}
    if not is_shared_secret(secret):
        return take("c2b_validation", secret, answer)
    delivery = _delivery("c2b_validation", secret)
    try:
        spool.put(Path(here.wiring().settings.spool_dir), **delivery)
        log.note(source="c2b_validation", spooled=True)
    except OSError as full:
        # It is a question and no money: nothing is lost with it, and a refusal would lose a contribution.
        log.line("validation not kept", level=logging.ERROR, error=full)
    with patience.until(PATIENCE_SECONDS):
        no = validation.objection(here.wiring(), delivery["body"])
    if no is not None:
        log.note(refused=no.code)
        answer = {"ResultCode": no.code, "ResultDesc": "Rejected"}
    return jsonify(answer), HTTPStatus.OK


@bp.post("/c2b/<secret>/confirmation")
def c2b_confirmation(secret: str) -> tuple[Response, int]:
    answer = {"ResultCode": 0, "ResultDesc": "Success"}
    return take("c2b_confirmation", secret, answer, known=is_shared_secret(secret))


@bp.post("/<any(b2c, status, balance, reversal):api>/<token>/<any(result, timeout):event>")
def result(api: str, token: str, event: str) -> tuple[Response, int]:
    return take(SOURCES[api, event], token)


def is_shared_secret(secret: str) -> bool:
    """A paybill's notices all come to one path, that we registered: its secret stands where a push has its token."""
    return hmac.compare_digest(secret.encode(), here.wiring().settings.callback_secret.encode())


def take(source: str, token: str, answer: dict[str, Any] = ACCEPTED, *, known: bool = False) -> tuple[Response, int]:
    """Stores the body wherever it can be stored and says so; 503 only when nothing took it.

    `known` is a caller who has shown our secret: however many he tells, he is no flood. A fault of our own is an
    incident, and the body is on disk before it is told.
    """
    wiring = here.wiring()
    flood: Strangers = current_app.extensions["strangers"]
    delivery = _delivery(source, token)
    try:
        with patience.until(PATIENCE_SECONDS):
            if not known and flood.turned_away(wiring, address=request.remote_addr, token=token, at=delivery["at"]):
                return jsonify(ResultCode=1, ResultDesc="Too many"), HTTPStatus.TOO_MANY_REQUESTS
            with wiring.at_once() as conn:
                log.note(source=source, new=evidence.keep(conn, **delivery))
    except Exception as error:
        log.note(source=source, spooled=True, because=type(error).__name__)
        try:
            spool.put(Path(wiring.settings.spool_dir), **delivery)
        except OSError as full:
            log.line("callback lost", level=logging.CRITICAL, error=full, source=source)
            return jsonify(ResultCode=1, ResultDesc="Not stored"), HTTPStatus.SERVICE_UNAVAILABLE
        if not isinstance(error, (psycopg.Error, PoolTimeout)):
            incidents.report(wiring, str(request.url_rule), error)
    return jsonify(answer), HTTPStatus.OK


def _delivery(source: str, token: str) -> dict[str, Any]:
    return {
        "source": source,
        "token": token,
        "body": request.stream.read(READ_BYTES),
        "headers": dict(request.headers),
        "remote_ip": request.remote_addr,
        "at": here.wiring().now(),
    }
