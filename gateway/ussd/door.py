"""The USSD door: the network's gateway tells a turn, we answer `CON ...` or `END ...`, always with HTTP 200.

Anything else makes the member see a network problem. The secret part of the path tells the gateway from
somebody who found the address, for none signs anything; without it the door opens for this machine only. Where the
operator has a list of the gateway's addresses (USSD_ADDRESSES), others find no door at all. Which gateway speaks, and
how it writes a turn: gateway/ussd/shapes.py.
"""

import hmac
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, current_app, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import ClientDisconnected

from gateway import here, incidents, log, sources
from gateway.ussd import ended, shapes
from gateway.ussd.shapes import Shape
from gateway.ussd.turns import Turn, Turns
from menus import gsm, locale, validator
from payments import phones

bp = Blueprint("ussd", __name__)

# Kenya's networks as Africa's Talking numbers them, and its sandbox. Source: its SMS pages and public libraries.
NETWORKS = frozenset({"63902", "63903", "63907", "63999", "99999"})

FORM = "application/x-www-form-urlencoded"

# The name of the screen, for the provider's own dashboard and its end event: never what was typed or shown.
HOP_LABEL = "at-ussd-hop-metadata"

# A turn is under 1 kB: 30 answers of 80 characters are more than 180 seconds allow. More is read, so that a member
# whose turn is too long is told so in her language.
BODY_BYTES, TEXT_CHARACTERS, SESSION_ID_CHARACTERS = 65_536, 2_400, 100

UNREADABLE, OTHER_NETWORK = locale.msgids(
    "That did not arrive whole. Dial {code} again. {helpline}, say {reference}",
    "Sorry, we do not serve this network yet. {helpline}, say {reference}",
)


class BadTurn(Exception):
    """A body that is no turn; `why` for the operator and `msgid` for the phone are never a word of the body."""

    def __init__(self, why: str, msgid: str = UNREADABLE) -> None:
        super().__init__(why)
        self.why = why
        self.msgid = msgid


@bp.record_once
def begin(state: BlueprintSetupState) -> None:
    """Refuses to start on a menu that leads nowhere."""
    validator.check()
    wiring = state.app.extensions["wiring"]
    state.app.extensions["ussd"] = Turns.of(wiring)
    state.app.extensions["ussd_addresses"] = sources.read(wiring.settings.ussd_addresses)


@bp.route("/ussd", methods=["GET", "POST"])
@bp.route("/ussd/<secret>", methods=["GET", "POST"])
def turn(secret: str | None = None) -> Response:
    """One turn."""
    let_in(secret)
    turns: Turns = current_app.extensions["ussd"]
    shape = shapes.SHAPES[here.wiring().settings.ussd_gateway]
    body = b""
    try:
        if request.method != shape.method:
            raise BadTurn(f"not by {shape.method}")
        body, kind = (request.query_string, FORM) if shape.method == "GET" else (read_body(), request.mimetype)
        answered = turns.answer(read_turn(shape, kind, body, turns.place.ussd_code))
    except BadTurn as bad:
        mark = incidents.mistold(turns.wiring, "ussd", bad.why)
        log.note(way="bad", because=bad.why, reference=mark)
        return plain(f"END {turns.apology(bad.msgid, phone_in(shape, body), mark)}")
    log.note(session=answered.session, screen=answered.screen, way=answered.way)
    response = plain(answered.wire)
    if answered.screen:
        response.headers[HOP_LABEL] = answered.screen
    return response


@bp.post("/ussd/events")
@bp.post("/ussd/events/<secret>")
def event(secret: str | None = None) -> Response:
    """A session has ended. It may be told twice, late or never, so nothing waits for it."""
    let_in(secret)
    wiring = here.wiring()
    try:
        ended.keep(wiring, ended.read(dict(read_fields(request.mimetype, read_body()))))
    except BadTurn:
        log.note(way="bad")
    except Exception as error:
        incidents.report(wiring, "ussd.event", error)
    return plain("")


def let_in(secret: str | None) -> None:
    """404 for a wrong secret, for a bare path from anywhere but this machine itself, and for whom the operator's list
    of addresses does not name, where there is one.
    """
    wiring = here.wiring()
    listed = current_app.extensions["ussd_addresses"]
    if listed and not sources.is_listed(request.remote_addr, listed, at_home=not wiring.settings.production):
        abort(404)
    if secret is None:
        if not here.from_this_machine():
            abort(404)
    elif not hmac.compare_digest(secret.encode(), wiring.settings.callback_secret.encode()):
        abort(404)


def read_body() -> bytes:
    """The body, at most BODY_BYTES of it."""
    if request.content_length is None or request.content_length > BODY_BYTES:
        raise BadTurn("a body too long, or of no known length")
    try:
        return request.get_data(cache=False)
    except ClientDisconnected as cut_off:
        raise BadTurn("a body that was cut off") from cut_off


def read_fields(mimetype: str, body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, empty ones too. Raises BadTurn for another kind of body, bad UTF-8, a NUL (which no text of
    PostgreSQL's can hold) or a key given twice.
    """
    if mimetype != FORM:
        raise BadTurn("not a form")
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=30)
    except (UnicodeDecodeError, ValueError) as error:
        raise BadTurn("not UTF-8, or too many fields") from error
    if len(dict(fields)) != len(fields):
        raise BadTurn("a field twice")
    if any("\0" in value for _, value in fields):
        raise BadTurn("a NUL")
    return fields


def phone_in(shape: Shape, body: bytes) -> str | None:
    """The one number that a form names, however bad the rest of it is; None when it names none or several."""
    fields = parse_qsl(body.decode("ascii", errors="replace"), keep_blank_values=True)
    named = {value for name, value in fields if name == shape.phone}
    try:
        return phones.normalise(named.pop()) if len(named) == 1 else None
    except phones.UnreadablePhone:
        return None


def read_turn(shape: Shape, mimetype: str, body: bytes, ussd_code: str) -> Turn:
    """The turn in a request. Raises BadTurn."""
    fields = dict(read_fields(mimetype, body))
    try:
        session_id, code, phone, network, text = (fields[name] for name in shape.names)
        phone = phones.normalise(phone)
    except (KeyError, phones.UnreadablePhone) as error:
        raise BadTurn("a field missing, or no phone number") from error
    if network not in NETWORKS:
        raise BadTurn("another network", OTHER_NETWORK)
    if not shapes.same_code(code, ussd_code):
        raise BadTurn("another service code")
    if not 0 < len(session_id) <= SESSION_ID_CHARACTERS:
        raise BadTurn("no session, or too long a name of one")
    if len(text) > TEXT_CHARACTERS:
        raise BadTurn("a text too long")
    return Turn(session_id, phone, network, *shapes.said(shape, text, ussd_code))


def plain(text: str) -> Response:
    """Plain text with HTTP 200."""
    return Response(gsm.plain(text), content_type="text/plain; charset=utf-8")
