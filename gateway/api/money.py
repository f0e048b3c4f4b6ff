"""What programs ask about payments and seals. A reader returns None when what the path names does not exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas import directory
from chamas.directory import Message
from gateway.api import stories
from ledger import overview
from ledger.nairobi import EAT
from ledger.overview import Batch
from ledger.wires import Connection
from payments import shortcodes, timeline
from payments.evidence import callers as evidence_callers
from payments.evidence.callers import Caller, Doubted
from payments.reconciliation import days
from payments.reconciliation.days import Certificate, DayResult
from payments.timeline import Listed, Payment, Said


@dataclass(frozen=True)
class PaymentWithEvidence(Payment):
    """A payment, everything that was said about it in the order it came, our messages about it, its seal, and all of
    it as one story.
    """

    evidence: tuple[Said, ...] = ()
    messages: tuple[Message, ...] = ()
    seal: Batch | None = None
    timeline: tuple[stories.Event, ...] = ()


@dataclass(frozen=True)
class Callers:
    """Every address that called lately, and the last deliveries that were not believed."""

    callers: tuple[Caller, ...]
    doubted: tuple[Doubted, ...]


def callers(conn: Connection) -> Callers:
    return Callers(tuple(evidence_callers.callers(conn)), tuple(evidence_callers.doubted(conn)))


def payments(conn: Connection, member: int | None = None, state: str | None = None, **page: Any) -> list[Listed]:
    return timeline.everything(conn, member_id=member, state=state, **page)


def payment(conn: Connection, payment_id: int) -> PaymentWithEvidence | None:
    found = timeline.payment(conn, payment_id)
    if found is None:
        return None
    sealed = None if found.book_id is None or found.entry is None else overview.seal(conn, found.book_id, found.entry)
    told = directory.messages_about(conn, payment_id=payment_id, receipt=found.receipt)
    return PaymentWithEvidence(
        **vars(found),
        evidence=tuple(timeline.evidence(conn, payment_id)),
        messages=tuple(told),
        seal=sealed,
        timeline=stories.of_payment(conn, found, told, sealed),
    )


def search(conn: Connection, phone: str | None = None, receipt: str | None = None, **page: Any) -> list[Payment]:
    """By a receipt also what was sent straight to the paybill; by a phone only prompts: M-PESA hides who else paid."""
    found = timeline.payments(conn, phone=phone, receipt=receipt, **page)
    if found or receipt is None or phone is not None:
        return found
    sent = timeline.from_paybill(conn, receipt=receipt)
    return [sent] if sent else []


def days_of(conn: Connection, number: int, **page: Any) -> list[DayResult] | None:
    shortcode = shortcodes.by_number(conn, str(number))
    return None if shortcode is None else days.results(conn, shortcode.id, **page)


def day_of(conn: Connection, number: int, day: int) -> Certificate | None:
    """The newest certificate; `day` is 20261120."""
    shortcode = shortcodes.by_number(conn, str(number))
    try:
        asked = datetime.strptime(str(day), "%Y%m%d").replace(tzinfo=EAT).date()
    except ValueError:
        return None
    return None if shortcode is None else days.newest(conn, shortcode.id, asked)


def batches(conn: Connection, **page: Any) -> list[Batch]:
    return overview.batches(conn, **page)


def batch(conn: Connection, number: int) -> Batch | None:
    return overview.batch(conn, number)
