"""Transaction status over HTTP: `/mpesa/transactionstatus/v1/query` acknowledges; the Result comes a moment later."""

import json

from aiohttp import web

from simulator.daraja import faults, ids, refusals, stk
from simulator.daraja.confirmations import JSON
from simulator.daraja.refusals import invalid, word
from simulator.world import WORLD

ANSWER_SECONDS = 0.2  # after the acknowledgement, as a callback of its own
FIELDS = ("Initiator", "SecurityCredential", "PartyA", "IdentifierType", "ResultURL", "QueueTimeOutURL", "Remarks")


async def query(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    world.tokens.check(request.headers.get("Authorization", ""))
    body = await refusals.body_of(request)
    facts = read_query(body)
    receipt = world.truth.find(facts["receipt"], facts["conversation"])
    outcome = world.outcomes.take("status", receipt.phone if receipt else None)
    fault = faults.refusal(world, outcome)
    if fault:
        return fault
    originator = ids.merchant_request_id(world.chance)
    conversation = ids.conversation_id(world.chance, world.clock.now())
    facts |= {"originator": originator, "conversation_id": conversation, "outcome": outcome or ""}
    if outcome == "timeout_echo":
        world.courier.send("status", word(body, "QueueTimeOutURL"), json.dumps(body), JSON)
    elif outcome == "callback_early":
        world.timetable.after(0, "status.answers", facts)
        world.timetable.fire_due()
        await world.courier.settled()
    elif outcome != "pays_silently":
        world.timetable.after(ANSWER_SECONDS, "status.answers", facts)
    if outcome == "answer_lost":
        return faults.hang_up(request)
    return web.json_response(
        {
            "OriginatorConversationID": originator,
            "ConversationID": conversation,
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }
    )


def read_query(body: dict[str, object]) -> dict[str, str]:
    """Raises Refused in Daraja's words. One of TransactionID and OriginalConversationID is enough."""
    if word(body, "CommandID") != "TransactionStatusQuery":
        invalid("CommandID")
    for field in FIELDS:
        word(body, field)
    for field in ("ResultURL", "QueueTimeOutURL"):
        if not stk.acceptable_url(word(body, field)):
            invalid(field)
    receipt = word(body, "TransactionID", optional=True)
    conversation = word(body, "OriginalConversationID", optional=True)
    if not (receipt or conversation):
        invalid("TransactionID")
    return {
        "receipt": receipt.upper(),
        "conversation": conversation,
        "initiator": word(body, "Initiator"),
        "url": word(body, "ResultURL"),
        "occasion": word(body, "Occasion", optional=True),
    }
