"""What programs ask about payments and seals. A reader returns None when what the path names does not exist."""

from dataclasses import dataclass
from typing import Any

from ledger import overview
from ledger.overview import Batch
from ledger.wires import Connection
from payments import timeline
from payments.timeline import Payment, Said


@dataclass(frozen=True)
class PaymentWithEvidence(Payment):
    """A payment and everything that was said about it, in the order it came."""

    evidence: tuple[Said, ...] = ()


def payments(conn: Connection, member: int | None = None, state: str | None = None, **page: Any) -> list[Payment]:
    return timeline.payments(conn, member_id=member, state=state, **page)


def payment(conn: Connection, payment_id: int) -> PaymentWithEvidence | None:
    found = timeline.payment(conn, payment_id)
    if found is None:
        return None
    return PaymentWithEvidence(**vars(found), evidence=tuple(timeline.evidence(conn, payment_id)))


def search(conn: Connection, phone: str | None = None, receipt: str | None = None, **page: Any) -> list[Payment]:
    return timeline.payments(conn, phone=phone, receipt=receipt, **page)


def batches(conn: Connection, **page: Any) -> list[Batch]:
    return overview.batches(conn, **page)


def batch(conn: Connection, number: int) -> Batch | None:
    return overview.batch(conn, number)
