"""What the phone page reads: the state of one phone, the cast, and news of changes as server-sent events."""

import asyncio
import json

from aiohttp import web

from simulator.control import number_asked
from simulator.world import WORLD

routes = web.RouteTableDef()
# A line now and then keeps proxies and browsers from giving up on a quiet stream.
HEARTBEAT_SECONDS = 15


@routes.get("/phone/state")
async def state(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    number = number_asked(request)
    if number is None:
        raise ValueError("phone is missing")
    phone = world.phones.of(number)
    about = {"phone": phone.number, "name": phone.name, "balance_cents": phone.balance_cents}
    about |= {"service_code": world.settings.ussd_code}
    screen = world.sessions.as_json(world.sessions.of(number))
    prompt = world.prompts.as_json(world.prompts.on(number))
    now = world.clock.now().isoformat()
    return web.json_response(about | screen | {"prompt": prompt, "inbox": world.inbox.of(number), "now": now})


@routes.get("/phone/cast")
async def cast(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].phones.cast_json())


@routes.get("/phone/events")
async def events(request: web.Request) -> web.StreamResponse:
    """`data: {"phone": "+2547..."}` for each change, until the page goes."""
    changes = request.app[WORLD].changes
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await stream.prepare(request)
    news = changes.listen()
    try:
        await stream.write(b": listening\n\n")
        while True:
            try:
                phone = await asyncio.wait_for(news.get(), HEARTBEAT_SECONDS)
                await stream.write(f"data: {json.dumps({'phone': phone})}\n\n".encode())
            except TimeoutError:
                await stream.write(b": still here\n\n")
    except ConnectionResetError:
        return stream
    finally:
        changes.leave(news)
