"""Sends what is due, one way at a time: claimed and committed first, then handed on, then what came of it is recorded.

Each way has a loop of its own, so that a mail server that hangs delays no SMS. How a way hands a message on, and what
an answer of its provider proves, is in gateway/texts.py, gateway/mails.py and gateway/pushing.py.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto

from chamas.telling import couriers, notices
from chamas.telling.notice_states import Channel
from chamas.telling.notices import Claimed
from gateway import log
from gateway.settings import Settings
from gateway.wiring import Wiring
from ledger.retries import insist
from ledger.wires import Connection
from menus import wording

# With all of them slow, the last of a batch leaves long before its claim runs out.
AT_ONCE = 32
SENDERS = 4


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


# Hands on one message with its words, and says what that proved.
Deliver = Callable[[Claimed, str], Outcome]


def send_due(wiring: Wiring, channel: Channel, deliver: Deliver) -> int:
    """Sends the messages of one way that are due; returns how many left or were tried."""
    with wiring.transaction() as conn:
        claimed = couriers.claim_due(conn, at=wiring.now(), limit=AT_ONCE, channel=channel)
    if claimed:
        with ThreadPoolExecutor(SENDERS, thread_name_prefix=channel) as senders:
            list(senders.map(lambda notice: _send(wiring, channel, deliver, notice), claimed))
    return len(claimed)


def _send(wiring: Wiring, channel: Channel, deliver: Deliver, notice: Claimed) -> None:
    outcome = _attempt(wiring.settings, deliver, notice)
    fate = outcome.fate.name.lower()
    log.line(channel, notice=notice.id, template=notice.template, fate=fate, why=outcome.why)
    # Forgotten, a message that left would be sent once more.
    insist(wiring, lambda conn: _record(conn, notice.id, outcome, wiring))


def _attempt(settings: Settings, deliver: Deliver, notice: Claimed) -> Outcome:
    try:
        text = wording.render(notice, settings.ussd_code)
    except Exception as error:
        # Whatever the row holds, it must not hold up the others of its batch; only the kind of trouble is written.
        return Outcome(Fate.FAILED, f"cannot be written: {type(error).__name__}")
    return deliver(notice, text)


def _record(conn: Connection, notice_id: int, outcome: Outcome, wiring: Wiring) -> None:
    at = wiring.now()
    match outcome.fate:
        case Fate.SENT:
            notices.record_sent(conn, notice_id, provider_id=outcome.provider_id, cost_cents=outcome.cost_cents, at=at)
        case Fate.FAILED:
            notices.record_failed(conn, notice_id, outcome.why)
        case Fate.NOT_SENT:
            notices.record_not_sent(conn, notice_id, outcome.why, at=at)
        case Fate.UNCLEAR:
            notices.record_unclear(conn, notice_id, outcome.why)
