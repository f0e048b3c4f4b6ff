"""Forgetting a payer: her number and whatever names her goes, the payments and what proves them stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.wires import Connection
from payments import attempts, claims, evidence, receipts, suspense
from payments.payers import Payers
from payments.payouts import persons
from payments.payouts import rows as payouts

# A prompt that nobody answered is mostly dead; after a day Safaricom does not book on it any more.
SOFT_FAILURES_LAST = timedelta(days=1)


@dataclass(frozen=True)
class Gone:
    """What was made to name nobody; `pages` are those of her receipts, as (book, number)."""

    attempts: int
    receipts: int
    payouts: int
    evidence: int
    receipt_codes: tuple[str, ...]
    pages: tuple[tuple[int, int], ...]


def unsettled(conn: Connection, *, user_id: int, phone: str | None, at: datetime, payers: Payers) -> bool:
    """Whether money of hers may still move by itself, lies in suspense, or is told of in a callback nobody has read."""
    return (
        attempts.unsettled(conn, user_id=user_id, phone=phone, soft_since=at - SOFT_FAILURES_LAST)
        or persons.out_of_person(conn, user_id=user_id, phone=phone)
        or (phone is not None and suspense.holds_of(conn, phone, payers))
        or evidence.unread_about(conn, attempts.of_payer(conn, user_id, phone))
    )


def forget(
    conn: Connection,
    *,
    user_id: int,
    phone: str | None,
    names: Sequence[str],
    at: datetime,
    payers: Payers,
    pages: Sequence[tuple[int, int]] = (),
) -> Gone:
    """Takes her number (E.164) and names out of every row of this room; `pages` are where money became hers."""
    # Numbers that she had before stand on her earlier attempts.
    given = persons.phones_of(conn, user_id)
    phones = sorted({*attempts.phones_of(conn, user_id), *given, *([phone] if phone else [])})
    hers = attempts.of_payer(conn, user_id, phone)
    claims.forget(conn, user_id)
    had = persons.receipts_of(conn, user_id=user_id, phones=phones)
    paid = receipts.of_payer(conn, hers, phones, payers, pages) | had
    bodies = evidence.pseudonymise(conn, attempt_ids=hers, receipts=list(paid), phones=phones, names=names, at=at)
    return Gone(
        attempts=attempts.forget_phones(conn, hers),
        receipts=receipts.forget_payer(conn, list(paid)),
        payouts=payouts.forget(conn, user_id=user_id, phones=phones),
        evidence=bodies,
        receipt_codes=tuple(paid),
        pages=tuple(page for page in paid.values() if page),
    )
