"""SMS through Africa's Talking's own client; the only file that imports it.

Notices are claimed and committed as `unclear` before the client is called, and what the call proved is recorded after
it (chamas/notices.py). The number is read at that moment and goes nowhere else: not into a log, a failure or a job.

The client reads JSON only under a header without a charset and hands on text otherwise; it raises one kind of
exception, without a status, for everything that is not 2xx; and ValueError for a number without `+`, before anything
leaves.
"""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum, auto
from typing import Any

from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService

from chamas import notices, templates
from chamas.notices import Claimed
from gateway import log
from gateway.settings import Settings
from gateway.wiring import Wiring
from ledger.retries import insist
from ledger.wires import Connection
from menus import locale, printing

# To connect, to answer; the client's own defaults, said here so that no release of it can take them away.
TIMEOUT_SECONDS = (3.05, 9.05)

# With all of them slow, the last of a batch leaves long before its claim runs out.
AT_ONCE = 32
SENDERS = 4

NAMES = {"chama": printing.chama, "name": printing.person, "official": printing.person}
TRANSLATED = ("why", "every")

# processed, sent, queued
TAKEN = frozenset({100, 101, 102})
# no such number, a number that cannot get SMS, a member who blocked the sender, one who wants no such messages
NEVER = frozenset({403, 404, 406, 409})

# What the provider answers, without a number, when the key is wrong: nothing was sent, and an operator can mend it.
KEY_REFUSED = "authentication is invalid"


class Fate(Enum):
    """What a call proved about a message."""

    SENT = auto()
    FAILED = auto()
    NOT_SENT = auto()
    UNCLEAR = auto()


@dataclass(frozen=True)
class Outcome:
    """A fate with its reason; `provider_id` and `cost_cents` when the provider took it."""

    fate: Fate
    why: str = ""
    provider_id: str | None = None
    cost_cents: int | None = None


def send_due(wiring: Wiring) -> int:
    """Sends the notices that are due; returns how many were taken up."""
    with wiring.transaction() as conn:
        claimed = notices.claim_due(conn, at=wiring.now(), limit=AT_ONCE)
    if claimed:
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="sms") as senders:
            list(senders.map(lambda notice: _deliver(wiring, notice), claimed))
    return len(claimed)


def _deliver(wiring: Wiring, notice: Claimed) -> None:
    outcome = _attempt(wiring.settings, notice)
    log.line("sms", notice=notice.id, template=notice.template, fate=outcome.fate.name.lower(), why=outcome.why)
    # Forgotten, a message that left would be sent once more.
    insist(wiring, lambda conn: _record(conn, notice.id, outcome, at=wiring.now()))


def _attempt(settings: Settings, notice: Claimed) -> Outcome:
    if notice.phone is None:
        return Outcome(Fate.FAILED, "no phone")
    try:
        text = render(notice, settings.ussd_code)
    except Exception as error:
        # Whatever the row holds, it must not hold up the others of its batch; only the kind of trouble is written.
        return Outcome(Fate.FAILED, f"cannot be written: {type(error).__name__}")
    return _call(settings, text, notice.phone)


def _call(settings: Settings, text: str, phone: str) -> Outcome:
    try:
        reply = _service(settings).send(text, [phone], settings.at_sender_id or None, timeout=TIMEOUT_SECONDS)
    except AfricasTalkingException as error:
        refused = KEY_REFUSED in str(error)
        return Outcome(Fate.NOT_SENT, "key refused") if refused else Outcome(Fate.UNCLEAR, "not accepted")
    except OSError as error:
        # Every error of the client's HTTP library is an OSError; one that is a ValueError as well is about the reply.
        fate = Fate.NOT_SENT if _never_connected(error) else Fate.UNCLEAR
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


def _never_connected(error: BaseException) -> bool:
    """Whether nobody was there to take a single byte."""
    return any(isinstance(cause, ConnectionRefusedError | socket.gaierror) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


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


def _record(conn: Connection, notice_id: int, outcome: Outcome, *, at: datetime) -> None:
    match outcome.fate:
        case Fate.SENT:
            notices.record_sent(conn, notice_id, provider_id=outcome.provider_id, cost_cents=outcome.cost_cents, at=at)
        case Fate.FAILED:
            notices.record_failed(conn, notice_id, outcome.why)
        case Fate.NOT_SENT:
            notices.record_not_sent(conn, notice_id, outcome.why, at=at)
        case Fate.UNCLEAR:
            notices.record_unclear(conn, notice_id, outcome.why)


def render(notice: Claimed, ussd_code: str) -> str:
    """The words of a notice in its language, amounts and dates as M-PESA prints them, names in plain letters.

    Raises KeyError for an unknown template or a missing argument.
    """
    template = templates.TEMPLATES[notice.template]
    language = notice.language if notice.language in locale.LANGUAGES else locale.KISWAHILI
    msgid = template.private_words if notice.private_phone else template.words
    stem = ussd_code.removesuffix("#")
    facts = _facts(notice, language)
    dial = f"{stem}*1*{facts.get('chama_number')}#"
    return locale.say(language, msgid, **facts, ussd=ussd_code, check=f"{stem}*5#", dial=dial)


def _facts(notice: Claimed, language: str) -> dict[str, str]:
    """Arguments as they are printed: `x_cents` as `x`, `x_at` as a date `x_date`, names clipped, msgids translated."""
    facts = {}
    for name, value in notice.arguments.items():
        if name.endswith("_cents"):
            facts[name.removesuffix("_cents")] = printing.money(value)
        elif name.endswith("_at"):
            facts[f"{name.removesuffix('_at')}_date"] = printing.date(datetime.fromisoformat(value))
        elif name in TRANSLATED:
            facts[name] = locale.say(language, value)
        elif name in NAMES:
            facts[name] = NAMES[name](value)
        else:
            facts[name] = str(value)
    return facts
