"""Pull: `/pulltransactions/v1/register` once, then `/query` for customers' payments of the last 48 hours.

HTTP is 200 on failures too. Not verified, and chosen here: GET and POST are both taken, rows come oldest first in
`Response: [[...]]`, trxDate is EAT though it ends in Z, msisdn is the whole number, STK payments are among the rows.
"""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from simulator.clock import EAT
from simulator.daraja import faults, refusals, stk
from simulator.daraja.callbacks import shillings
from simulator.daraja.refusals import invalid, word
from simulator.truth import Receipt
from simulator.world import WORLD, World

WINDOW = timedelta(hours=48)  # what Safaricom keeps for Pull
OK, NOTHING, FAILED, BAD = "1000", "1001", "500", "400.001"
MOMENT = "%Y-%m-%d %H:%M:%S"
KINDS = {"till": "c2b-buy-goods-debit"}


async def register(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    app = world.tokens.check(request.headers.get("Authorization", ""))
    body = await refusals.body_of(request)
    merchant = world.merchants.of_app(app, word(body, "ShortCode"))
    if merchant is None:
        invalid("ShortCode")
    if word(body, "RequestType") != "Pull":
        invalid("RequestType")
    word(body, "NominatedNumber")
    if not stk.acceptable_url(word(body, "CallBackURL")):
        invalid("CallBackURL")
    before = world.pulls.is_registered(merchant.shortcode)
    world.pulls.register(merchant.shortcode)
    said = ("1001", "Shortcode already Registered") if before else (OK, "Shortcode Registered Successfully")
    status, description = said
    return web.json_response(
        {
            "ResponseRefID": world.pulls.reference(),
            "ResponseStatus": status,
            "ShortCode": merchant.shortcode,
            "ResponseDescription": description,
        }
    )


async def query(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    app = world.tokens.check(request.headers.get("Authorization", ""))
    body = await _asked(request)
    merchant = world.merchants.of_app(app, word(body, "ShortCode", optional=True))
    outcome = world.outcomes.take("pull")
    fault = faults.refusal(world, outcome)
    if fault:
        return fault
    if outcome == "fails" or merchant is None or not world.pulls.is_registered(merchant.shortcode):
        return _answer(world, FAILED, "Failed to retrieve", [])
    start, end = _moment(body, "StartDate"), _moment(body, "EndDate")
    offset = word(body, "OffSetValue", optional=True) or "0"
    if start is None or end is None or start > end or not offset.isdigit():
        return _answer(world, BAD, "Bad Request", [])
    found = world.truth.receipts_between(max(start, world.clock.now() - WINDOW), end, merchant.shortcode)
    page = found[int(offset) : int(offset) + world.settings.pull_page]
    if not page:
        return _answer(world, NOTHING, "No transactions found", [])
    return _answer(world, OK, "Success", [_row(receipt, merchant.name) for receipt in page])


async def _asked(request: web.Request) -> dict[str, object]:
    """A JSON body with POST or GET; a GET without one is read from its address."""
    if request.method == "GET" and not (await request.text()).strip():
        return dict(request.query)
    return await refusals.body_of(request)


def _moment(body: dict[str, object], field: str) -> datetime | None:
    """`2020-08-04 8:36:00`, in EAT; the hour may have one digit."""
    text = word(body, field, optional=True)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d:\d\d", text):
        return None
    try:
        return datetime.strptime(text, MOMENT).replace(tzinfo=EAT)
    except ValueError:
        return None


def _row(receipt: Receipt, business: str) -> dict[str, Any]:
    return {
        "transactionId": receipt.receipt,
        "trxDate": f"{receipt.at.astimezone(EAT):%Y-%m-%dT%H:%M:%S}Z",
        "msisdn": int(receipt.phone.lstrip("+")),
        "sender": "MPESA",
        "transactiontype": KINDS.get(receipt.kind, "c2b-pay-bill-debit"),
        "billreference": receipt.reference,
        "amount": shillings(receipt.amount_cents),
        "organizationname": business,
    }


def _answer(world: World, code: str, message: str, rows: list[dict[str, Any]]) -> web.Response:
    body = {"ResponseRefID": world.pulls.reference(), "ResponseCode": code, "ResponseMessage": message}
    return web.Response(text=json.dumps(body | {"Response": [rows]}), content_type="application/json")
