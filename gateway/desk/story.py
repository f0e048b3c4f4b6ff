"""What happened to one payment, in words and in order."""

from dataclasses import dataclass
from datetime import datetime

from chamas.directory import Message
from chamas.notice_states import NoticeState
from gateway.api.money import PaymentWithEvidence
from gateway.printing import BATCH_STATES, MESSAGE_STATES, PAYMENT_STATES, VERDICTS, source
from ledger.batches import BatchState
from payments.evidence.store import Verdict
from payments.timeline import Said

MESSAGE_TONES = {NoticeState.SENT: "good", NoticeState.DELIVERED: "good", NoticeState.FAILED: "bad"}


@dataclass(frozen=True)
class Event:
    """One line of a payment's timeline; `tone` colours it, `detail` is small print."""

    at: datetime
    tone: str
    words: str
    detail: str


def told(payment: PaymentWithEvidence) -> list[Event]:
    """The payment's own steps, everything that was said about it, our messages and its seal, oldest first."""
    events = [Event(payment.created_at, "quiet", "Asked for by a member", "")]
    if payment.sent_at:
        events.append(Event(payment.sent_at, "quiet", f"Prompt sent to {payment.phone}", ""))
    events.extend(_event(said) for said in payment.evidence)
    if payment.settled_at:
        tone, words = PAYMENT_STATES[payment.state]
        events.append(Event(payment.settled_at, tone, words, payment.receipt or ""))
    events.extend(_message(message) for message in payment.messages)
    if payment.seal:
        tone, words = BATCH_STATES[BatchState(payment.seal.state)]
        at = payment.seal.completed_at or payment.seal.sealed_at
        events.append(Event(at, tone, f"Batch {payment.seal.number}: {words.lower()}", payment.seal.witness))
    return sorted(events, key=lambda event: event.at)


def _message(message: Message) -> Event:
    state = NoticeState(message.state)
    at = message.reported_at or message.sent_at or message.queued_at
    tone = MESSAGE_TONES.get(state, "waiting")
    return Event(at, tone, f"SMS to the member: {MESSAGE_STATES[state].lower()}", message.failure or "")


def _event(said: Said) -> Event:
    tone, verdict = VERDICTS[Verdict(said.verdict)]
    times = f"said {said.seen_count} times" if said.seen_count > 1 else ""
    detail = ", ".join(part for part in (said.reason, said.receipt, times) if part)
    return Event(said.at, tone, f"{source(said.source)}: {verdict.lower()}", detail)
