"""SMS through Africa's Talking's own client; the only file that imports it.

Notices are claimed and committed as `unclear` before the client is called, and what the call proved is recorded after
it (gateway/delivery.py). The number is read at that moment and goes nowhere else: not into a log, a failure or a job.

The client reads JSON only under a header without a charset and hands on text otherwise; it raises one kind of
exception, without a status, for everything that is not 2xx; and ValueError for a number without `+`, before anything
leaves.
"""

import json
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService

from chamas.telling.notice_states import Channel
from chamas.telling.notices import Claimed
from gateway import delivery, outbound
from gateway.delivery import Fate, Outcome
from gateway.settings import Settings
from gateway.wiring import Wiring
from menus import wording

# To connect, to answer; the client's own defaults, said here so that no release of it can take them away.
TIMEOUT_SECONDS = (3.05, 9.05)

# processed, sent, queued
TAKEN = frozenset({100, 101, 102})
# no such number, a number that cannot get SMS, a member who blocked the sender, one who wants no such messages
NEVER = frozenset({403, 404, 406, 409})

# What the provider answers, without a number, when the key is wrong: nothing was sent, and an operator can mend it.
KEY_REFUSED = "authentication is invalid"


def send_due(wiring: Wiring) -> int:
    """Sends the SMS that are due; returns how many were taken up."""
    return delivery.send_due(wiring, Channel.SMS, partial(deliver, wiring.settings))


def deliver(settings: Settings, notice: Claimed, text: str) -> Outcome:
    """Hands one message to Africa's Talking for the phone of whoever it is to."""
    if notice.phone is None:
        return Outcome(Fate.FAILED, "no phone")
    text = wording.addressed(text, notice.called)
    try:
        reply = _service(settings).send(text, [notice.phone], settings.at_sender_id or None, timeout=TIMEOUT_SECONDS)
    except AfricasTalkingException as error:
        refused = KEY_REFUSED in str(error)
        return Outcome(Fate.NOT_SENT, "key refused") if refused else Outcome(Fate.UNCLEAR, "not accepted")
    except OSError as error:
        # Every error of the client's HTTP library is an OSError; one that is a ValueError as well is about the reply.
        fate = Fate.NOT_SENT if outbound.never_connected(error) else Fate.UNCLEAR
        return Outcome(fate, type(error).__name__)
    except ValueError:
        return Outcome(Fate.FAILED, "bad number")
    return read_reply(reply)


def _service(settings: Settings) -> SMSService:
    # Not by the client's initialize(): that fills globals, which two threads would share, and the client has no option
    # for its address.
    service = SMSService(settings.at_username, settings.at_api_key)
    service._baseUrl = settings.at_base_url
    return service


def read_reply(reply: object) -> Outcome:
    """What the answer to one message for one number proves; `reply` is the JSON or its text."""
    try:
        body: Any = json.loads(reply) if isinstance(reply, str) else reply
        recipients = body["SMSMessageData"]["Recipients"]
        if not recipients:
            return Outcome(Fate.NOT_SENT, "refused as a whole")
        code, status = int(recipients[0]["statusCode"]), str(recipients[0].get("status", ""))[:40]
        provider_id = recipients[0].get("messageId")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return Outcome(Fate.UNCLEAR, "unreadable reply")
    if code in TAKEN:
        known = isinstance(provider_id, str) and provider_id not in ("", "None")
        return Outcome(Fate.SENT, status, provider_id if known else None, _cost_cents(recipients[0].get("cost")))
    if code in NEVER:
        return Outcome(Fate.FAILED, status)
    return Outcome(Fate.NOT_SENT if code >= 400 else Fate.UNCLEAR, status)


def _cost_cents(cost: object) -> int | None:
    """ "KES 0.8000" is 80."""
    try:
        return int(Decimal(str(cost).removeprefix("KES").strip()) * 100)
    except (InvalidOperation, ValueError, OverflowError):
        return None
