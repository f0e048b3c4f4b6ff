"""Africa's Talking's SMS API: `POST /version1/messaging`; the delivery report follows a moment later."""

import asyncio
from typing import Any

from aiohttp import web

from simulator.daraja import faults
from simulator.phones import normal
from simulator.world import WORLD, World

REPORT_SECONDS = 0.5  # a delivery report never overtakes the answer
# Longer than the official client waits (9.05 s).
SILENCE_SECONDS = 12
DEFAULT_SENDER = "AFRICASTKNG"
COST_CENTS = 80


async def send(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    if request.headers.get("apiKey") != world.settings.at_api_key:
        return web.Response(status=401, text="The supplied authentication is invalid")
    form = {key: str(value) for key, value in (await request.post()).items()}
    if form.get("username") != world.settings.at_username:
        return web.Response(status=401, text="The supplied authentication is invalid")
    numbers = [number.strip() for number in form.get("to", "").split(",") if number.strip()]
    if not numbers or not form.get("message"):
        return web.Response(status=400, text="Must have to and message in your request")
    outcomes = [(number, world.outcomes.take("sms", normal(number))) for number in numbers]
    sender = form.get("from") or DEFAULT_SENDER
    recipients = [_recipient(world, number, form["message"], sender, outcome) for number, outcome in outcomes]
    if any(outcome == "timeout" for _, outcome in outcomes):
        await asyncio.sleep(SILENCE_SECONDS)
        return faults.hang_up(request)
    sent = [each for each in recipients if each["statusCode"] == 101]
    cost = f"KES {len(sent) * COST_CENTS / 100:.4f}"
    summary = f"Sent to {len(sent)}/{len(recipients)} Total Cost: {cost}"
    # The official client reads JSON only when the header says exactly this, without a charset.
    body = web.json_response({"SMSMessageData": {"Message": summary, "Recipients": recipients}}, status=201)
    body.headers["Content-Type"] = "application/json"
    return body


def _recipient(world: World, number: str, message: str, sender: str, outcome: str | None) -> dict[str, Any]:
    phone = normal(number) if number.startswith("+") else None
    refused = {"cost": "0", "messageId": "None"}
    if phone is None:
        return {"statusCode": 403, "number": number, "status": "InvalidPhoneNumber"} | refused
    if outcome == "blacklist":
        return {"statusCode": 406, "number": number, "status": "UserInBlacklist"} | refused
    sms_id = world.inbox.new_id()
    if outcome != "fails":
        world.inbox.receive(sms_id, sender, phone, message, world.clock.now())
    if outcome != "no_report":
        status = "Failed" if outcome == "fails" else "Success"
        world.timetable.after(REPORT_SECONDS, "sms.report", {"id": sms_id, "phone": phone, "status": status})
    cost = f"KES {COST_CENTS / 100:.4f}"
    return {"statusCode": 101, "number": number, "status": "Success", "cost": cost, "messageId": sms_id}
