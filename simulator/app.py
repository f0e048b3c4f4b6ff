"""The HTTP door of the simulator: routes, errors in each provider's own shape, and the ticker that lets time pass."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

from aiohttp import web

from simulator import control, messengers, page_api, portal, sms
from simulator.daraja import b2b, b2c, balance, c2b, ids, pull, qr, refusals, reversal, status, stk
from simulator.objections import NotNow
from simulator.settings import Settings
from simulator.world import WORLD, build

PAGE = Path(__file__).parent / "page"
# Real seconds between two looks at the timetable: finer than anybody can see on a phone.
TICK_SECONDS = 0.02
# What a request that was acknowledged is answered with later.
ANSWERS = {"status": status.answer, "balance": balance.answer, "reversal": reversal.answer, "b2b": b2b.answer}
OUR_DOORS = ("/control/", "/phone/")
# The page brings all of its own, and its files change with every checkout.
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make(settings: Settings) -> web.Application:
    app = web.Application(middlewares=[dress_errors])
    app[WORLD] = world = build(settings)
    for api, answer in ANSWERS.items():
        world.results.on(api, partial(answer, world))
    app.cleanup_ctx.append(_run)
    app.on_response_prepare.append(_guard_page)
    app.add_routes(
        [
            web.get("/oauth/v1/generate", _token),
            web.post("/mpesa/stkpush/v1/processrequest", stk.push),
            web.post("/mpesa/stkpushquery/v1/query", stk.query),
            web.post("/mpesa/transactionstatus/v1/query", status.query),
            web.post("/mpesa/accountbalance/v1/query", balance.query),
            web.post("/mpesa/reversal/v1/request", reversal.request),
            web.post("/mpesa/b2b/v1/paymentrequest", b2b.request),
            web.post("/mpesa/qrcode/v1/generate", qr.generate),
            web.post("/pulltransactions/v1/register", pull.register),
            web.post("/pulltransactions/v1/query", pull.query),
            web.get("/pulltransactions/v1/query", pull.query),
            web.post("/mpesa/c2b/{version:v[12]}/registerurl", c2b.register),
            web.post("/mpesa/c2b/{version:v[12]}/simulate", c2b.simulate),
            web.post("/mpesa/b2c/{version:v[13]}/paymentrequest", b2c.pay),
            web.post("/mpesa/{rest:.*}", c2b.not_yet),
            web.route("*", "/pulltransactions/{rest:.*}", c2b.not_yet),
            web.post("/version1/messaging", sms.send),
            web.get("/healthz", _healthz),
            web.get("/", _index),
        ]
    )
    app.add_routes(control.routes)
    app.add_routes(messengers.routes)
    app.add_routes(portal.routes)
    app.add_routes(page_api.routes)
    app.router.add_static("/", PAGE)
    return app


@web.middleware
async def dress_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except refusals.Refused as refused:
        return refusals.response(refused, ids.request_id(request.app[WORLD].chance))
    except NotNow as moment:
        return web.json_response({"error": str(moment)}, status=409)
    except (ValueError, TypeError) as wrong:
        if not request.path.startswith(OUR_DOORS):
            raise
        return web.json_response({"error": str(wrong)}, status=400)


async def _guard_page(_: web.Request, response: web.StreamResponse) -> None:
    if isinstance(response, web.FileResponse):
        response.headers.update(PAGE_HEADERS)


async def _run(app: web.Application) -> AsyncIterator[None]:
    world = app[WORLD]
    await world.courier.open()
    await world.mail.open()
    ticker = asyncio.create_task(_tick(app))
    yield
    ticker.cancel()
    await asyncio.gather(ticker, return_exceptions=True)
    await world.mail.close()
    await world.courier.close()
    world.store.close()


async def _tick(app: web.Application) -> None:
    # Where time stands, what is due happens when somebody lets time pass: in the same order in every run.
    while not app[WORLD].clock.stands:
        app[WORLD].timetable.fire_due()
        await asyncio.sleep(TICK_SECONDS)


async def _token(request: web.Request) -> web.Response:
    authorization = request.headers.get("Authorization", "")
    grant_type = request.query.get("grant_type", "")
    return web.json_response(request.app[WORLD].tokens.issue(authorization, grant_type))


async def _healthz(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html")
