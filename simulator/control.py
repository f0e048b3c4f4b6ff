"""`/control/...`: the hands of tests and of the demo. Errors: `{"error": "..."}`, 400, or 409 for a wrong moment."""

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from simulator.courier import Reply
from simulator.daraja.paybill import Sent, pay_in
from simulator.daraja.prompt import Prompt
from simulator.gsm import units
from simulator.meanings import as_html
from simulator.objections import NotNow
from simulator.outcomes import ANY
from simulator.phones import normal
from simulator.ussd import Session, read_answer, shown
from simulator.world import WORLD, World

routes = web.RouteTableDef()


@routes.post("/control/outcomes")
async def outcomes(request: web.Request) -> web.Response:
    """One wish, or several as `wishes`; each in its turn."""
    world, body = request.app[WORLD], await body_of(request)
    if "wishes" in body:
        return web.json_response([_wish(world, one) for one in body["wishes"]])
    return web.json_response(_wish(world, body))


def _wish(world: World, told: dict[str, Any]) -> dict[str, Any]:
    named = told.get("phone") or ANY
    phone = ANY if named == ANY else number_in(told)
    return asdict(world.outcomes.wish(phone, str(told.get("api")), str(told.get("outcome")), int(told.get("times", 1))))


@routes.get("/control/outcomes")
async def pending_outcomes(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].outcomes.pending())


@routes.get("/outcomes")
async def outcomes_page(_: web.Request) -> web.Response:
    return web.Response(text=as_html(), content_type="text/html")


@routes.get("/control/clock")
async def clock(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return web.json_response(_clock(world) | {"so_far": _so_far(world)})


@routes.post("/control/clock")
async def advance(request: web.Request) -> web.Response:
    """Answers when everything that became due has happened and has been delivered."""
    world, body = request.app[WORLD], await body_of(request)
    world.clock.advance(float(body.get("advance_seconds", 0)))
    world.timetable.fire_due()
    await world.courier.settled()
    return web.json_response(_clock(world) | {"so_far": _so_far(world)})


@routes.post("/control/dial")
async def dial(request: web.Request) -> web.Response:
    world, body = request.app[WORLD], await body_of(request)
    phone = number_in(body)
    session = await world.sessions.dial(phone, str(body.get("ussd", "")))
    return web.json_response(_screen(world, session))


@routes.post("/control/press")
async def press(request: web.Request) -> web.Response:
    """Keys go to the USSD session when one is open, else to the M-PESA prompt that shows."""
    world, body = request.app[WORLD], await body_of(request)
    phone, keys = number_in(body), str(body.get("keys", ""))
    if world.sessions.is_open(phone):
        return web.json_response(_screen(world, await world.sessions.press(phone, keys)))
    if world.prompts.on(phone) is None:
        raise NotNow("neither a USSD session nor an M-PESA prompt is on this phone")
    return web.json_response(_answered(world, world.prompts.answer(phone, keys)))


@routes.post("/control/hangup")
async def hang_up(request: web.Request) -> web.Response:
    world, body = request.app[WORLD], await body_of(request)
    return web.json_response(_screen(world, world.sessions.hang_up(number_in(body))))


@routes.post("/control/repeat")
async def repeat(request: web.Request) -> web.Response:
    world, body = request.app[WORLD], await body_of(request)
    session, reply = await world.sessions.repeat(number_in(body))
    return web.json_response(_screen(world, session) | _reply(reply))


@routes.get("/control/sms")
async def sms(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].inbox.of(number_asked(request)))


@routes.get("/control/truth")
async def truth(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].truth.as_json())


@routes.get("/control/deliveries")
async def deliveries(request: web.Request) -> web.Response:
    found = request.app[WORLD].courier.deliveries()
    return web.json_response([asdict(each) | {"at": each.at.isoformat()} for each in found])


@routes.post("/control/paybill")
async def paybill(request: web.Request) -> web.Response:
    """Money sent straight to the paybill. `validate` asks the gateway first, which a shortcode does only on request.

    `till` sends it to a till instead, which has no account numbers; `shortcode` to a further merchant. Whole shillings.
    """
    world, body = request.app[WORLD], await body_of(request)
    phone, amount = number_in(body), body.get("amount", 0)
    # Half a shilling is never cut off: M-PESA's keyboard has no point.
    typed = isinstance(amount, int) and not isinstance(amount, bool)
    shillings = int(amount) if typed or (isinstance(amount, str) and amount.isdecimal()) else 0
    version = str(body.get("version") or "")
    if shillings < 1 or version not in ("", "v1", "v2"):
        raise ValueError("amount is whole shillings from 1, version v1 or v2")
    account, asks, till = str(body.get("account", "")), bool(body.get("validate")), bool(body.get("till"))
    to = world.merchants.addressed(str(body.get("shortcode") or world.settings.shortcode))
    if to is None:
        raise ValueError("no such shortcode or till")
    sent = Sent(phone, shillings * 100, account, version, asks, till, to.shortcode)
    return web.json_response(await pay_in(world, sent))


@routes.post("/control/chain")
async def chain(request: web.Request) -> web.Response:
    world, body = request.app[WORLD], await body_of(request)
    methods = {"reorg": "reorg", "stall": "stall", "resume": "resume", "fail_next": "failNext"}
    if body.get("action") not in methods:
        raise ValueError(f"action must be one of {', '.join(methods)}")
    if not world.settings.chain_rpc_url:
        raise NotNow("no chain: the simulator was started without --chain-rpc-url")
    params = [int(body.get("depth", 1))] if body["action"] == "reorg" else []
    call = {"jsonrpc": "2.0", "id": 1, "method": "pesachama_" + methods[str(body["action"])], "params": params}
    headers = {"Content-Type": "application/json"}
    reply = await world.courier.ask(world.settings.chain_rpc_url, json.dumps(call), headers)
    return web.Response(text=reply.text, status=reply.status or 502, content_type="application/json")


@routes.post("/control/reset")
async def reset(request: web.Request) -> web.Response:
    world, body = request.app[WORLD], await body_of(request)
    world.reset(int(body.get("seed", world.settings.seed)))
    return web.json_response({"seed": world.chance.seed} | _clock(world))


async def body_of(request: web.Request) -> dict[str, Any]:
    """An empty body is an empty object. Raises ValueError for anything that is no JSON object."""
    text = await request.text()
    found = json.loads(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")
    return found


def number_in(body: dict[str, Any]) -> str:
    phone = normal(str(body.get("phone", "")))
    if phone is None:
        raise ValueError("phone must be a Kenyan mobile number such as +254700000005")
    return phone


def number_asked(request: web.Request) -> str | None:
    """`?phone=` of the address; None when it is left out."""
    asked = request.query.get("phone")
    return number_in({"phone": asked}) if asked else None


def _clock(world: World) -> dict[str, Any]:
    return {"now": world.clock.now().isoformat(), "offset_seconds": world.clock.offset_seconds}


def _so_far(world: World) -> dict[str, Any]:
    """How much has happened in this run: whoever waits for rest compares these numbers."""
    return {"deliveries": world.courier.made, "messages": len(world.inbox), "receipts": len(world.truth)}


def _screen(world: World, session: Session) -> dict[str, Any]:
    return world.sessions.as_json(session) | {"prompt": world.prompts.as_json(world.prompts.on(session.phone))}


def _answered(world: World, prompt: Prompt) -> dict[str, Any]:
    """The answer to a press that went to the M-PESA prompt: its fate stands in `prompt`."""
    text = "Sent to M-PESA. Wait for its SMS." if prompt.code == 0 else "M-PESA: the payment was not made."
    screen = {"screen": text, "kind": "END", "chars": units(text)}
    return world.sessions.as_json(None) | screen | {"prompt": world.prompts.as_json(prompt)}


def _reply(reply: Reply) -> dict[str, Any]:
    kind, answer, trouble = read_answer(reply)
    return {"screen": shown(answer), "kind": kind, "chars": units(answer), "ms": reply.ms, "error": trouble or None}
