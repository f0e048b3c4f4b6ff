"""B2C over HTTP: `/mpesa/b2c/v3/paymentrequest`, and v1, which has no id of the merchant's."""

import json
import re
from typing import NoReturn

from aiohttp import web

from simulator.daraja import faults, ids, refusals, stk
from simulator.daraja.payout import Wanted
from simulator.daraja.refusals import Refused, invalid, word
from simulator.world import WORLD, World

COMMANDS = ("SalaryPayment", "BusinessPayment", "PromotionPayment")


async def pay(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    world.tokens.check(request.headers.get("Authorization", ""))
    wanted = read(world, await refusals.body_of(request), request.match_info["version"])
    if world.payouts.knows(wanted.originator):
        _refuse_duplicate()
    outcome = world.outcomes.take("b2c", wanted.phone)
    fault = faults.refusal(world, outcome)
    if fault:
        return fault
    payout = world.payouts.accept(wanted, outcome)
    if outcome == "callback_early":
        await world.payouts.settled()
    if outcome == "answer_lost":
        return faults.hang_up(request)
    if outcome == "duplicate_id":
        _refuse_duplicate()
    if outcome == "system_error":
        raise Refused("500.002.1001", "System internal error.")
    return web.json_response(
        {
            "ConversationID": payout.conversation_id,
            "OriginatorConversationID": payout.originator,
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }
    )


def read(world: World, body: dict[str, object], version: str) -> Wanted:
    """Raises Refused in Daraja's words. What M-PESA itself looks at becomes a result, not a refusal."""
    originator = word(body, "OriginatorConversationID") if version == "v3" else ids.merchant_request_id(world.chance)
    if word(body, "CommandID") not in COMMANDS:
        invalid("CommandID")
    amount = word(body, "Amount")
    if not re.fullmatch(r"[1-9]\d{0,8}", amount):
        invalid("Amount")
    phone = word(body, "PartyB")
    if not re.fullmatch(r"254[17]\d{8}", phone):
        invalid("PartyB")
    if not len(word(body, "Remarks", limit=100)) >= 2:
        invalid("Remarks")
    for field in ("QueueTimeOutURL", "ResultURL"):
        if not stk.acceptable_url(word(body, field)):
            invalid(field)
    return Wanted(
        originator=originator,
        phone="+" + phone,
        amount_cents=int(amount) * 100,
        debit_party=word(body, "PartyA"),
        operator=word(body, "InitiatorName"),
        credential=word(body, "SecurityCredential"),
        result_url=word(body, "ResultURL"),
        timeout_url=word(body, "QueueTimeOutURL"),
        body=json.dumps(body),
    )


def _refuse_duplicate() -> NoReturn:
    raise Refused("500.002.1001", "Duplicate OriginatorConversationID.")
