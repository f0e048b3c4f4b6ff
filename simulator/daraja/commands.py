"""The door that status, balance, reversal and B2B share: acknowledged at once, answered on ResultURL a moment later."""

import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from simulator.daraja import faults, ids, refusals, stk
from simulator.daraja.refusals import Refused, invalid, word
from simulator.merchants import Merchant
from simulator.world import WORLD, World

ANSWER_SECONDS = 0.2  # after the acknowledgement, as a callback of its own
COMMON = ("Initiator", "SecurityCredential", "ResultURL", "QueueTimeOutURL", "Remarks")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Read = Callable[[World, dict[str, object]], dict[str, str]]


def opens(api: str, commands: tuple[str, ...], read: Read) -> Handler:
    """The handler of one API. `read` takes what is its own out of the body; `phone` in it finds the wish."""

    async def handle(request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD]
        app = world.tokens.check(request.headers.get("Authorization", ""))
        body = await refusals.body_of(request)
        _check(body, commands)
        asking = world.merchants.of_app(app, word(body, "PartyA", optional=True)) or world.merchants.first
        if asking.consumer_key != app:
            raise Refused("500.001.1001", "Merchant does not exist")
        own = read(world, body)
        outcome = world.outcomes.take(api, own.get("phone"))
        fault = faults.refusal(world, outcome)
        if fault:
            return fault
        facts = own | _facts(world, api, body, asking) | {"outcome": outcome or ""}
        await _answer_later(world, facts, body)
        if outcome in ("answer_lost", "vanishes"):
            return faults.hang_up(request)
        return web.json_response(_acknowledged(facts))

    return handle


def _check(body: dict[str, object], commands: tuple[str, ...]) -> None:
    if word(body, "CommandID") not in commands:
        invalid("CommandID")
    for field in COMMON:
        word(body, field)
    for field in ("ResultURL", "QueueTimeOutURL"):
        if not stk.acceptable_url(word(body, field)):
            invalid(field)


def _facts(world: World, api: str, body: dict[str, object], asking: Merchant) -> dict[str, str]:
    name, credential = word(body, "Initiator"), word(body, "SecurityCredential")
    return {
        "api": api,
        "url": word(body, "ResultURL"),
        "originator": ids.merchant_request_id(world.chance),
        "conversation_id": ids.conversation_id(world.chance, world.clock.now()),
        "occasion": word(body, "Occasion", optional=True),
        "asking": "" if asking == world.merchants.first else asking.shortcode,
        "verdict": world.initiator.verdict(name, credential, api, of=asking),
    }


async def _answer_later(world: World, facts: dict[str, str], body: dict[str, object]) -> None:
    outcome = facts["outcome"]
    if outcome == "timeout_echo":
        echo = {"api": facts["api"], "url": word(body, "QueueTimeOutURL"), "body": json.dumps(body)}
        world.timetable.after(ANSWER_SECONDS, "command.echo", echo)
    elif outcome == "callback_early":
        world.timetable.after(0, "command.answers", facts)
        world.timetable.fire_due()
        await world.courier.settled()
    else:
        world.timetable.after(ANSWER_SECONDS, "command.answers", facts)


def _acknowledged(facts: Mapping[str, str]) -> dict[str, str]:
    return {
        "OriginatorConversationID": facts["originator"],
        "ConversationID": facts["conversation_id"],
        "ResponseCode": "0",
        "ResponseDescription": "Accept the service request successfully.",
    }
