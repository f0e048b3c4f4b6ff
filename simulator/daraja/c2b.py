"""C2B over HTTP: `/mpesa/c2b/v1/registerurl` and `/v2/`. Money itself comes from `/control/paybill`."""

from aiohttp import web

from simulator.daraja import faults, refusals, stk
from simulator.daraja.confirmations import Registration
from simulator.daraja.refusals import invalid, word
from simulator.outcomes import REFUSALS
from simulator.world import WORLD


async def register(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    world.tokens.check(request.headers.get("Authorization", ""))
    body = await refusals.body_of(request)
    if word(body, "ShortCode") != world.settings.shortcode:
        invalid("ShortCode")
    if word(body, "ResponseType") not in ("Completed", "Cancelled"):
        invalid("ResponseType")
    for field in ("ConfirmationURL", "ValidationURL"):
        if not stk.acceptable_url(word(body, field)):
            invalid(field)
    fault = faults.refusal(world, world.outcomes.take("c2b", among=REFUSALS))
    if fault:
        return fault
    version = request.match_info["version"]
    urls = word(body, "ConfirmationURL"), word(body, "ValidationURL")
    world.paybill.register(Registration(version, word(body, "ResponseType"), *urls))
    originator = f"7619-{world.chance.of('register').randint(10000000, 99999999)}-1"
    # The misspelt key is Daraja's own.
    return web.json_response(
        {"OriginatorCoversationID": originator, "ResponseCode": "0", "ResponseDescription": "success"}
    )


async def not_yet(request: web.Request) -> web.StreamResponse:
    """Every other API under /mpesa and /pulltransactions."""
    request.app[WORLD].tokens.check(request.headers.get("Authorization", ""))
    refusals.not_simulated()
