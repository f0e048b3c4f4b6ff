"""STK push and its query over HTTP: `/mpesa/stkpush/v1/processrequest`, `/mpesa/stkpushquery/v1/query`."""

import base64
import re
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web

from simulator.daraja import callbacks, faults, ids, refusals
from simulator.daraja.prompt import OPEN, Prompt, Push
from simulator.daraja.refusals import Refused, invalid, word
from simulator.merchants import Merchant, Merchants
from simulator.phones import normal
from simulator.world import WORLD, World

FORBIDDEN = ("mpesa", "m-pesa", "safaricom", "exe", "exec", "cmd", "sql", "query")
PAYBILL, TILL = "CustomerPayBillOnline", "CustomerBuyGoodsOnline"


async def push(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    app = world.tokens.check(request.headers.get("Authorization", ""))
    wanted = read_push(await refusals.body_of(request), world.merchants, app)
    if world.prompts.on(wanted.phone):
        raise Refused(
            "500.001.1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber"
        )
    outcome = world.outcomes.take("stk", wanted.phone)
    fault = faults.refusal(world, outcome)
    if fault:
        return fault
    prompt = _accept(world, wanted, outcome)
    if outcome == "callback_early":
        await world.prompts.pay_early(prompt)
    if outcome == "answer_lost":
        return faults.hang_up(request)
    return web.json_response(
        {
            "MerchantRequestID": prompt.merchant_id,
            "CheckoutRequestID": prompt.checkout_id,
            "ResponseCode": "0",
            "ResponseDescription": "Success. Request accepted for processing",
            "CustomerMessage": "Success. Request accepted for processing",
        }
    )


async def query(request: web.Request) -> web.StreamResponse:
    """Final: HTTP 200 and ResultCode as text. No receipt, amount or phone ever."""
    world = request.app[WORLD]
    app = world.tokens.check(request.headers.get("Authorization", ""))
    body = await refusals.body_of(request)
    merchant = _check_password(body, world.merchants, app)
    prompt = world.prompts.find(word(body, "CheckoutRequestID"))
    if prompt is None or world.merchants.named(prompt.shortcode) != merchant:
        raise Refused("500.001.1001", "The transaction does not Exist")
    if prompt.state in OPEN or prompt.code is None:
        raise Refused("500.001.1001", "The transaction is being processed")
    return web.json_response(
        {
            "ResponseCode": "0",
            "ResponseDescription": "The service request has been accepted successfully",
            "MerchantRequestID": prompt.merchant_id,
            "CheckoutRequestID": prompt.checkout_id,
            "ResultCode": str(prompt.code),
            "ResultDesc": callbacks.RESULTS[prompt.code],
        }
    )


def read_push(body: dict[str, object], merchants: Merchants, app: str) -> Push:
    """Raises Refused in Daraja's words."""
    merchant = _check_password(body, merchants, app)
    if word(body, "TransactionType") not in (PAYBILL, TILL):
        invalid("TransactionType")
    amount = word(body, "Amount")
    if not re.fullmatch(r"[1-9]\d{0,8}", amount):
        invalid("Amount")
    for field in ("PartyA", "PhoneNumber"):
        if not re.fullmatch(r"254[17]\d{8}", word(body, field)):
            invalid(field)
    callback_url = word(body, "CallBackURL")
    if not acceptable_url(callback_url):
        invalid("CallBackURL")
    word(body, "TransactionDesc", limit=13, optional=True)
    return Push(
        phone=normal(word(body, "PhoneNumber")) or "",
        amount_cents=int(amount) * 100,
        reference=word(body, "AccountReference", limit=12),
        permitted=_permitted(merchant, word(body, "TransactionType"), word(body, "PartyB")),
        callback_url=callback_url,
        shortcode=merchant.shortcode,
    )


def acceptable_url(url: str) -> bool:
    """https, or http on this machine, since this is a simulator; none of the words that Safaricom forbids."""
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    scheme = parts.scheme == "https" or (parts.scheme == "http" and local)
    return scheme and bool(parts.hostname) and " " not in url and not any(part in url.lower() for part in FORBIDDEN)


def _permitted(merchant: Merchant, kind: str, party: str) -> bool:
    if kind == TILL:
        return party == merchant.till or not merchant.till
    return party == merchant.shortcode


def _check_password(body: dict[str, object], merchants: Merchants, app: str) -> Merchant:
    """Whose shortcode it is; another app's is nobody's. Raises Refused."""
    timestamp = word(body, "Timestamp")
    if not re.fullmatch(r"\d{14}", timestamp):
        invalid("Timestamp")
    merchant = merchants.of_app(app, word(body, "BusinessShortCode"))
    if merchant is None:
        raise Refused("500.001.1001", "Merchant does not exist")
    expected = base64.b64encode(f"{merchant.shortcode}{merchant.passkey}{timestamp}".encode()).decode()
    if word(body, "Password") != expected:
        raise Refused("500.001.1001", "Wrong credentials")
    return merchant


def _accept(world: World, wanted: Push, outcome: str | None) -> Prompt:
    previous = world.prompts.previous(wanted.phone) if outcome == "duplicate_id" else None
    merchant_id = previous.merchant_id if previous else ids.merchant_request_id(world.chance)
    checkout_id = previous.checkout_id if previous else _new_checkout_id(world, wanted.phone)
    busy = world.sessions.is_open(wanted.phone)
    return world.prompts.accept(wanted, merchant_id, checkout_id, outcome, busy)


def _new_checkout_id(world: World, phone: str) -> str:
    """Another millisecond gives another id, should this phone already have had a push in this one."""
    at = world.clock.now()
    while world.prompts.find(ids.checkout_request_id(at, phone)):
        at += timedelta(milliseconds=1)
    return ids.checkout_request_id(at, phone)
