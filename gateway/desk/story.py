"""What happened to one payment, in words and in order."""

from dataclasses import dataclass
from datetime import datetime

from gateway.printing import PAYMENT_STATES, VERDICTS, source
from payments.evidence.store import Verdict
from payments.timeline import Payment, Said


@dataclass(frozen=True)
class Event:
    """One line of a payment's timeline; `tone` colours it, `detail` is small print."""

    at: datetime
    tone: str
    words: str
    detail: str


def told(payment: Payment, evidence: list[Said]) -> list[Event]:
    """The payment's own steps and everything that was said about it, oldest first."""
    events = [Event(payment.created_at, "quiet", "Asked for by a member", "")]
    if payment.sent_at:
        events.append(Event(payment.sent_at, "quiet", f"Prompt sent to {payment.phone}", ""))
    events.extend(_event(said) for said in evidence)
    if payment.settled_at:
        tone, words = PAYMENT_STATES[payment.state]
        events.append(Event(payment.settled_at, tone, words, payment.receipt or ""))
    return sorted(events, key=lambda event: event.at)


def _event(said: Said) -> Event:
    tone, verdict = VERDICTS[Verdict(said.verdict)]
    times = f"said {said.seen_count} times" if said.seen_count > 1 else ""
    detail = ", ".join(part for part in (said.reason, said.receipt, times) if part)
    return Event(said.at, tone, f"{source(said.source)}: {verdict.lower()}", detail)
