"""`/control/urls` and its like: what a merchant does in Safaricom's portal, or by writing to Safaricom."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from simulator.control import body_of
from simulator.world import WORLD, World

routes = web.RouteTableDef()


@routes.get("/control/urls")
async def urls(request: web.Request) -> web.Response:
    return web.json_response(_urls(request.app[WORLD]))


@routes.post("/control/urls")
async def manage_urls(request: web.Request) -> web.Response:
    """`{"delete": true}` forgets the C2B URLs; `{"validation": true}` switches external validation on."""
    world, body = request.app[WORLD], await body_of(request)
    if body.get("delete"):
        world.paybill.forget()
    if "validation" in body:
        world.paybill.switch_validation(bool(body["validation"]))
    return web.json_response(_urls(world))


def _urls(world: World) -> dict[str, Any]:
    registered = world.paybill.registration
    about = {"mode": world.settings.c2b_mode, "validation": world.paybill.validates}
    return about | {"registration": asdict(registered) if registered else None}
