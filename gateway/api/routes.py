"""Opens the table of operations to programs: token, question, answer."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized, UnsupportedMediaType

from gateway.api import cursors, openapi, repeats, tokens
from gateway.api.answers import as_json
from gateway.api.entry import Act
from gateway.api.operation import Operation
from gateway.api.operations import OPERATIONS
from gateway.api.questions import Walk
from gateway.here import keyed_hash, wiring
from ledger.refusals import Refusal

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.before_request
def let_in() -> None:
    """Everything but the document that describes this door needs a token."""
    if request.endpoint == "api.document":
        return
    token = request.authorization.token if request.authorization and request.authorization.type == "bearer" else None
    g.holder = holder(token) if token else None
    if g.holder is None:
        words = "Send a valid token as Authorization: Bearer."
        raise Unauthorized(words, www_authenticate=WWWAuthenticate("bearer"))


def holder(token: str) -> tokens.Holder | None:
    with wiring().holding("bearer", tokens.digest(token).hex()) as conn:
        return tokens.holder(conn, token)


@bp.after_request
def keep_private(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@bp.get("/openapi.json")
def document() -> Response:
    """What may be asked, for machines."""
    return jsonify(openapi.document())


def door(operation: Operation) -> Callable[..., Response]:
    """The view of one operation."""

    def view(**path: int) -> Response:
        given = request.args.to_dict()
        walk = question(Walk, given) if operation.is_list else {}
        # A filter that says nothing (`?member=7&state=`) filters nothing.
        filters = {name: text for name, text in given.items() if text and name not in Walk().fields}
        asked = {**path, **question(operation.query, filters), **question(operation.body, sent())}
        # A cursor is good for the list it was cut from only.
        list_asked = repr((operation.name, sorted(path.items()), sorted(filters.items()), sent()))
        if operation.walks:
            # One row more than asked for tells whether there is a next page.
            asked |= {operation.walks: key_after(operation, list_asked, walk), "limit": walk["limit"] + 1}
        if operation.acts:
            own = wiring()
            asked["act"] = Act(g.holder.user_id, own.now(), own.chance, own.settings.pin_pepper, own.payout_bands)
        key = key_given() if operation.keyed else None
        with wiring().overseeing(g.holder.user_id) as conn:
            before = repeats.answered(conn, g.holder.user_id, key, list_asked) if key else None
            found = before or operation.read(conn, **asked)
            edge = {"archived_before": as_json(operation.edge(conn, **path))} if operation.edge else {}
            if key and not before and not isinstance(found, Refusal | None):
                repeats.keep(conn, g.holder.user_id, key, list_asked, as_json(found), at=wiring().now())
        # Returned and not raised: what it counted is kept.
        if isinstance(found, Refusal):
            raise found
        if found is None:
            abort(404, "There is no such thing, or it is not yours to see.")
        if operation.is_list:
            return jsonify(page(operation, found, walk["limit"], list_asked) | edge)
        return jsonify(as_json(found))

    return view


def sent() -> Any:
    """The body as JSON; only asked for by operations that have one. Ends the request with 400 when it is none."""
    if request.method != "POST":
        return {}
    try:
        return request.get_json()
    except UnsupportedMediaType:
        raise
    except BadRequest:
        abort(400, "The body is not readable as JSON.")


def key_given() -> str:
    """The Idempotency-Key of the request; ends it with 422 without one."""
    given = request.headers.get(repeats.HEADER, "").strip()
    if not (0 < len(given) <= repeats.LONGEST and given.isascii() and given.isprintable()):
        abort(422, f"{repeats.HEADER}: Send one of your own, up to {repeats.LONGEST} letters, with this request.")
    return given


def question(schema: type[Schema] | None, given: Any) -> dict[str, Any]:
    """What `schema` loads from `given`; ends the request with 422 and the names of what is wrong, never its values."""
    if schema is None:
        return {}
    try:
        return dict(schema().load(given))
    except ValidationError as error:
        abort(422, in_words(error.messages_dict))


def in_words(messages: dict[str, Any]) -> str:
    """What marshmallow complains about, in one line."""
    return " ".join(f"{name.lstrip('_')}: {' '.join(words)}" for name, words in sorted(messages.items()))


def key_after(operation: Operation, list_asked: str, walk: dict[str, Any]) -> Any:
    """The key of the last row that the caller has seen; ends the request with 422 for a cursor of another list."""
    if "cursor" not in walk:
        return None
    try:
        key = cursors.read(keyed_hash, list_asked, walk["cursor"])
    except cursors.StrangeCursor:
        abort(422, "cursor: Give back what `next` said, with the same path and the same filters.")
    return key if operation.walks == "beyond" else key[0]


def page(operation: Operation, found: list[Any], limit: int, list_asked: str) -> dict[str, Any]:
    """One page of a list and the cursor of the next."""
    shown = found[:limit]
    if len(found) <= limit:
        return {"items": as_json(shown), "next": None}
    key = getattr(shown[-1], operation.key)
    return {
        "items": as_json(shown),
        "next": cursors.written(keyed_hash, list_asked, key if isinstance(key, tuple) else (key,)),
    }


for each in OPERATIONS:
    # Beyond 18 digits no id exists, and PostgreSQL would refuse the number instead of not finding it.
    rule = each.path.replace("{", "<int(max=999999999999999999):").replace("}", ">")
    bp.add_url_rule(rule, each.name, door(each), methods=[each.method])
