"""What happened to one payment or one payout, in words and in order: the same story for the desk and for programs."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from chamas import directory
from chamas.approving import approvals
from chamas.approving.approvals import Answer, Proof, Subject, Vote
from chamas.approving.voices import voices_in
from chamas.directory import Message
from chamas.payouts.disbursements import Request
from chamas.telling.notice_states import NoticeState
from gateway.printing import BATCH_STATES, MESSAGE_STATES, PAYMENT_STATES, PAYOUT_STATES, VERDICTS, source
from ledger import books
from ledger.batches import BatchState
from ledger.overview import Batch
from ledger.refusals import SeasonArchived
from ledger.wires import Connection
from payments import take_backs, timeline
from payments.evidence.store import Verdict
from payments.payouts import PayoutState, listing
from payments.payouts.listing import Listed
from payments.take_backs import TakeBack
from payments.timeline import Payment, Said

MESSAGE_TONES = {NoticeState.SENT: "good", NoticeState.DELIVERED: "good", NoticeState.FAILED: "bad"}
HOW = {
    Proof.PIN: "by chama PIN",
    Proof.STEP_UP: "by password at the desk",
    Proof.PHONE: "on her phone",
    Proof.PROGRAM: "by a program",
}
PAGES = {"held": "Money held", "sent": "Money in flight", "paid": "Booked as paid", "back": "Money given back"}
ASKED = {"stk_query": "Asked Safaricom about the prompt", "status": "Asked Safaricom for the status"}
CALLS = {"payment": "Sent to M-PESA", "question": "Asked Safaricom what became of it"}
OUTCOMES = {"accepted": "taken", "rejected": "not executed", "unknown": "no clear answer", None: "no answer yet"}


@dataclass(frozen=True)
class Event:
    """One line of a story; `tone` colours it, `detail` is small print."""

    at: datetime
    tone: str
    words: str
    detail: str = ""


def of_payment(conn: Connection, payment: Payment, messages: list[Message], seal: Batch | None) -> tuple[Event, ...]:
    """The payment's own steps, all that was asked and said about it, its page, our messages and its seal."""
    asked_for = "Sent straight to the paybill" if payment.purpose == "paybill" else "Asked for by a member"
    events = [Event(payment.created_at, "quiet", asked_for)]
    if payment.sent_at:
        events.append(Event(payment.sent_at, "quiet", f"Prompt sent to {payment.phone}"))
    for asked in timeline.questions(conn, payment.id):
        detail = ", ".join(filter(None, (f"{asked.times} times", asked.outcome)))
        events.append(Event(asked.at, "quiet", ASKED[asked.kind], detail))
    events.extend(_said(said) for said in timeline.evidence(conn, payment.id))
    if payment.settled_at:
        tone, words = PAYMENT_STATES[payment.state]
        events.append(Event(payment.settled_at, tone, words, payment.receipt or ""))
    page = None
    if payment.book_id is not None and payment.entry is not None:
        try:
            page = books.page(conn, payment.book_id, payment.entry)
        except SeasonArchived:
            words = f"Booked on page {payment.entry}, which is put away with its season"
            events.append(Event(payment.settled_at or payment.created_at, "good", words))
    if page is not None:
        events.append(Event(page.recorded_at, "good", f"Booked on page {page.seq}", page.words))
    events.extend(_message(message) for message in messages)
    events.extend(_seal(seal))
    if payment.receipt:
        events.extend(event for one in take_backs.about(conn, payment.receipt) for event in _taken_back(conn, one))
    return tuple(sorted(events, key=lambda event: event.at))


def _taken_back(conn: Connection, one: TakeBack) -> list[Event]:
    """Who asked, the answer of another, and the page that reverses it."""
    why = (
        "M-PESA does not know it" if one.why == "unknown" else f"M-PESA gave it back {one.return_receipt or ''}".strip()
    )
    events = [Event(one.asked_at, "look", "Asked to be taken back", why)]
    for answer in approvals.answers(conn, Subject.TAKE_BACK, one.id):
        yes = answer.vote is Vote.APPROVE
        events.append(
            Event(answer.voted_at, "quiet", "Another said yes" if yes else "Another said no", HOW[answer.proof])
        )
    if one.done_at is not None:
        events.append(Event(one.done_at, "bad", f"Taken back, page {one.seq}", why))
    return events


def of_request(conn: Connection, request: Request) -> tuple[Event, ...]:
    """Who asked, who answered, and what people were told; without its payout."""
    people = {one.user_id: one for one in voices_in(conn, request.chama_id)}
    events = [Event(request.asked_at, "quiet", f"Asked for by {request.asker_name}: {request.purpose}")]
    for answer in approvals.answers(conn, Subject.DISBURSEMENT, request.id):
        person = people.get(answer.user_id)
        events.append(_answer(answer, person.name if person else "somebody", void=answer.digest != request.digest))
    told: dict[str, list[Message]] = {}
    for message in directory.messages_of_request(conn, request.id):
        told.setdefault(message.template, []).append(message)
    for template, messages in told.items():
        states = Counter(MESSAGE_STATES[NoticeState(one.state)].lower() for one in messages)
        detail = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        words = f"SMS to {len(messages)}: {template.replace('_', ' ')}"
        events.append(Event(messages[0].queued_at, "quiet", words, detail))
    if request.not_before:
        events.append(Event(request.not_before, "quiet", "May leave from now on, unless members stop it"))
    return tuple(sorted(events, key=lambda event: event.at))


def of_payout(conn: Connection, payout: Listed, request: Request | None, seal: Batch | None) -> tuple[Event, ...]:
    """The request's story, every request to Safaricom and what came back, its pages and its seal."""
    events = [*of_request(conn, request)] if request else []
    for turned in listing.pages(conn, payout.id):
        tone = "good" if turned.what == "paid" else "quiet"
        events.append(Event(turned.at, tone, f"{PAGES[turned.what]}, page {turned.seq}"))
    for call in listing.calls(conn, payout.id):
        events.append(Event(call.at, "quiet", CALLS[call.kind], OUTCOMES.get(call.outcome, "")))
    events.extend(_said(said) for said in listing.evidence(conn, payout.id))
    if payout.settled_at:
        tone, words = PAYOUT_STATES[PayoutState(payout.state)]
        events.append(Event(payout.settled_at, tone, words, payout.receipt or payout.reason or ""))
    events.extend(_seal(seal))
    return tuple(sorted(events, key=lambda event: event.at))


def _answer(answer: Answer, name: str, *, void: bool) -> Event:
    late = ", to an earlier wording: it does not count" if void else ""
    if answer.vote is Vote.APPROVE:
        return Event(answer.voted_at, "quiet" if void else "good", f"{name} said yes{late}", HOW[answer.proof])
    # Nobody is told who was against it.
    if answer.vote is Vote.REJECT:
        return Event(answer.voted_at, "bad", f"Somebody said no{late}", approvals.REASONS[answer.reason or 4])
    return Event(answer.voted_at, "bad", f"A member wants to stop it{late}")


def _message(message: Message) -> Event:
    state = NoticeState(message.state)
    at = message.reported_at or message.sent_at or message.queued_at
    tone = MESSAGE_TONES.get(state, "waiting")
    return Event(at, tone, f"SMS to the member: {MESSAGE_STATES[state].lower()}", message.failure or "")


def _said(said: Said) -> Event:
    tone, verdict = VERDICTS[Verdict(said.verdict)]
    times = f"said {said.seen_count} times" if said.seen_count > 1 else ""
    detail = ", ".join(part for part in (said.reason, said.receipt, times) if part)
    return Event(said.at, tone, f"{source(said.source)}: {verdict.lower()}", detail)


def _seal(seal: Batch | None) -> list[Event]:
    if seal is None:
        return []
    tone, words = BATCH_STATES[BatchState(seal.state)]
    at = seal.completed_at or seal.sealed_at
    return [Event(at, tone, f"Batch {seal.number}: {words.lower()}", seal.witness)]
