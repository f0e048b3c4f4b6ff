"""Google's OAuth and Firebase Cloud Messaging, HTTP v1; and what came by mail and push, at `/control/`."""

from aiohttp import web
from cryptography.exceptions import InvalidSignature

from simulator.daraja import faults
from simulator.push import TOKEN_SECONDS
from simulator.world import WORLD

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

routes = web.RouteTableDef()


@routes.post("/google/token")
async def token(request: web.Request) -> web.Response:
    world, form = request.app[WORLD], await request.post()
    if form.get("grant_type") != GRANT:
        return web.json_response({"error": "unsupported_grant_type"}, status=400)
    try:
        issued = world.push.issue(world.push.account(_token_uri(request)), str(form.get("assertion", "")))
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return web.json_response({"error": "invalid_grant"}, status=400)
    return web.json_response({"access_token": issued, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"})


@routes.post("/v1/projects/{project}/messages:send")
async def send(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    outcome = world.outcomes.take("push")
    if outcome == "token_invalid":
        world.push.tokens.clear()
    account = world.push.account(_token_uri(request))
    message = (await request.json()).get("message", {})
    refused = _trouble(request, account["project_id"], message, outcome)
    if refused is not None:
        return refused
    shown = message["notification"]
    number = world.push.keep(message["token"], str(shown.get("title", "")), str(shown.get("body", "")))
    if outcome == "answer_lost":
        return faults.hang_up(request)
    return web.json_response({"name": f"projects/{account['project_id']}/messages/{number}"})


def _trouble(
    request: web.Request, project: str, message: dict[str, object], outcome: str | None
) -> web.Response | None:
    if not request.app[WORLD].push.knows(request.headers.get("Authorization", "").removeprefix("Bearer ")):
        return _refused(401, "UNAUTHENTICATED")
    if request.match_info["project"] != project:
        return _refused(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")
    if not isinstance(message.get("token"), str) or not isinstance(message.get("notification"), dict):
        return _refused(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
    said = {"unregistered": (404, "NOT_FOUND", "UNREGISTERED"), "busy": (503, "UNAVAILABLE", "UNAVAILABLE")}
    return _refused(*said[outcome]) if outcome in said else None


@routes.get("/control/push")
async def pushed(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].push.of(request.query.get("to")))


@routes.get("/control/messengers")
async def messengers(request: web.Request) -> web.Response:
    """What a gateway is told of mail and push: its SMTP_URL, FCM_BASE_URL and FIREBASE_CONFIG."""
    world = request.app[WORLD]
    account = world.push.account(_token_uri(request))
    found = {"smtp_url": world.mail.url, "fcm_base_url": str(request.url.origin()), "firebase_config": account}
    return web.json_response(found)


def _token_uri(request: web.Request) -> str:
    return f"{request.url.origin()}/google/token"


def _refused(status: int, name: str, code: str = "") -> web.Response:
    details = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}] if code else []
    error = {"code": status, "message": name.capitalize(), "status": name, "details": details}
    return web.json_response({"error": error}, status=status)


@routes.get("/control/mail")
async def mails(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].mail.of(request.query.get("to")))
