"""C2B over HTTP: `/mpesa/c2b/v1/registerurl` and `/simulate`, and the same under `/v2/`."""

import re

from aiohttp import web

from simulator.daraja import faults, refusals, stk
from simulator.daraja.confirmations import Registration
from simulator.daraja.paybill import ACCOUNT_LENGTH, Sent, pay_in
from simulator.daraja.refusals import Refused, invalid, word
from simulator.objections import NotNow
from simulator.outcomes import REFUSALS
from simulator.world import WORLD, World

# Doors that anybody may look through: Safaricom refuses them, whatever the scheme.
PUBLIC_TESTERS = ("ngrok", "mockbin", "requestbin")
COMMANDS = ("CustomerPayBillOnline", "CustomerBuyGoodsOnline")


async def register(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    app = world.tokens.check(request.headers.get("Authorization", ""))
    body = await refusals.body_of(request)
    merchant = world.merchants.of_app(app, word(body, "ShortCode"))
    if merchant is None:
        invalid("ShortCode")
    if word(body, "ResponseType") not in ("Completed", "Cancelled"):
        invalid("ResponseType")
    for field in ("ConfirmationURL", "ValidationURL"):
        url = word(body, field)
        if not stk.acceptable_url(url) or any(tester in url.lower() for tester in PUBLIC_TESTERS):
            invalid(field)
    fault = faults.refusal(world, world.outcomes.take("c2b", among=REFUSALS))
    if fault:
        return fault
    if world.paybill.is_closed(merchant.shortcode):
        raise Refused("500.003.1001", "Urls are already registered.")
    urls = word(body, "ConfirmationURL"), word(body, "ValidationURL")
    registration = Registration(_version(request), word(body, "ResponseType"), *urls)
    world.paybill.register(merchant.shortcode, registration)
    return _accepted(world, "success")


async def simulate(request: web.Request) -> web.StreamResponse:
    """A customer's payment, as the sandbox makes one up. Production has no such door."""
    world = request.app[WORLD]
    world.tokens.check(request.headers.get("Authorization", ""))
    if world.settings.c2b_mode == "production":
        raise Refused("404.001.01", "Resource not found")
    body = await refusals.body_of(request)
    if word(body, "ShortCode") != world.settings.shortcode:
        invalid("ShortCode")
    if word(body, "CommandID") not in COMMANDS:
        invalid("CommandID")
    if not re.fullmatch(r"[1-9]\d{0,5}", word(body, "Amount")):
        invalid("Amount")
    if not re.fullmatch(r"254[17]\d{8}", word(body, "Msisdn")):
        invalid("Msisdn")
    till = word(body, "CommandID") == "CustomerBuyGoodsOnline"
    sent = Sent(
        phone="+" + word(body, "Msisdn"),
        amount_cents=int(word(body, "Amount")) * 100,
        account=word(body, "BillRefNumber", limit=ACCOUNT_LENGTH, optional=till),
        version=_version(request),
        till=till,
    )
    fault = faults.refusal(world, world.outcomes.take("c2b", sent.phone, among=REFUSALS))
    if fault:
        return fault
    try:
        await pay_in(world, sent)
    except NotNow as moment:
        raise Refused("500.003.1001", str(moment)) from moment
    return _accepted(world, "Accept the service request successfully.")


async def not_yet(request: web.Request) -> web.StreamResponse:
    """Every other API under /mpesa and /pulltransactions."""
    request.app[WORLD].tokens.check(request.headers.get("Authorization", ""))
    refusals.not_simulated()


def _version(request: web.Request) -> str:
    return request.match_info["version"]


def _accepted(world: World, description: str) -> web.Response:
    """The misspelt key is Daraja's own."""
    originator = f"7619-{world.chance.of('register').randint(10000000, 99999999)}-1"
    return web.json_response(
        {"OriginatorCoversationID": originator, "ResponseCode": "0", "ResponseDescription": description}
    )
