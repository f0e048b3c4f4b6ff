"""From a body about a payout to a fact: what Safaricom says, without asking yet whether to believe it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from payments.daraja import codes, payout_codes, schemas
from payments.daraja.parsing import Unparsable, loads
from payments.daraja.values import is_receipt
from payments.payouts.states import PayoutState
from payments.phones import UnreadablePhone, normalise
from payments.reading import Unreadable, words_of

# A status that cannot become another one, without money (grade O, the states of Transaction Status).
OVER = ("cancelled", "canceled", "declined", "expired")
# "The transaction does not exist": not verified that production says it with this code. Nothing else is taken for it.
NO_SUCH = "2032"
# The end of a TransactionID that is no receipt.
GENERIC = "0000000"
# How much of a name is kept: M-PESA's are shorter.
NAME_LETTERS = 80


@dataclass(frozen=True)
class Paid:
    """Money that went out: cents, UTC. `phone` is E.164, or a bank's paybill, None when it is hidden; `charge_cents`
    None when not told.
    """

    receipt: str
    amount_cents: int
    paid_at: datetime
    phone: str | None
    name: str | None
    charge_cents: int | None = None


@dataclass(frozen=True)
class Fact:
    """`proposes` a state; None of a body that proves nothing. `utility_cents` and `charges_cents` are what the two
    accounts hold after it, the second at most nothing. `refused` is Safaricom's code when it is about our
    initiator; `no_such` that Safaricom knows no payment of this name. `final`: the word of Transaction Status.
    """

    code: str
    proposes: PayoutState | None = None
    paid: Paid | None = None
    originator: str | None = None
    conversation_id: str | None = None
    utility_cents: int | None = None
    charges_cents: int | None = None
    reason: str | None = None
    words: str = ""
    refused: str | None = None
    no_such: bool = False
    final: bool = False


def read_result(body: bytes) -> Fact:
    """The result of a payment request. A success without receipt or amount is unreadable: nothing is booked from it."""
    try:
        result = schemas.PAYOUT_ENVELOPE.load(loads(body))["Result"]
        code = result["ResultCode"]
        ids = {"originator": result["OriginatorConversationID"], "conversation_id": result["ConversationID"]}
        if code != "0":
            return _not_paid(code, ids)
        if result["ResultParameters"] is None:
            raise Unreadable("paid, without ResultParameters")
        found = schemas.chosen(result["ResultParameters"]["ResultParameter"], schemas.PAYOUT_PAID)
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    phone, name = _person(found["ReceiverPartyPublicName"])
    paid = Paid(
        found["TransactionReceipt"], found["TransactionAmount"], found["TransactionCompletedDateTime"], phone, name
    )
    return Fact(
        code,
        PayoutState.PAID,
        paid,
        utility_cents=found["B2CUtilityAccountAvailableFunds"],
        charges_cents=found["B2CChargesPaidAccountAvailableFunds"],
        **ids,
    )


def read_transfer(body: bytes) -> Fact:
    """The result of a transfer to a bank. Its receipt is TransactionID, which is generic at times: then it is
    unreadable, and nothing is booked from it.
    """
    try:
        result = schemas.PAYOUT_ENVELOPE.load(loads(body))["Result"]
        code = result["ResultCode"]
        ids = {"originator": result["OriginatorConversationID"], "conversation_id": result["ConversationID"]}
        if code != "0":
            return _not_paid(code, ids, payout_codes.B2B)
        if result["ResultParameters"] is None:
            raise Unreadable("paid, without ResultParameters")
        found = schemas.chosen(result["ResultParameters"]["ResultParameter"], schemas.TRANSFER_PAID)
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    receipt = result["TransactionID"] or ""
    if not is_receipt(receipt) or receipt.endswith(GENERIC):
        raise Unreadable("paid, without a receipt")
    number, name = _business(found["ReceiverPartyPublicName"])
    charge_cents = _charge(found["DebitPartyCharges"])
    paid = Paid(receipt, found["Amount"], found["TransCompletedTime"], number, name, charge_cents)
    return Fact(code, PayoutState.PAID, paid, **ids)


def _not_paid(code: str, ids: Mapping[str, Any], api: str = payout_codes.B2C) -> Fact:
    known = payout_codes.look_up(code, api)
    return Fact(
        code,
        PayoutState.FAILED_PROVEN if known.failed else PayoutState.UNKNOWN,
        reason=known.meaning,
        words=known.words,
        refused=code if known.stops else None,
        **ids,
    )


def read_timeout(_body: bytes) -> Fact:
    """A queue time-out, in whatever shape it comes: our own request again, or a Result. It proves nothing."""
    return Fact("", PayoutState.UNKNOWN, reason="queue time-out: it may have been paid")


def read_status_of_transfer(body: bytes) -> Fact:
    """The answer to a question about a transfer to a bank."""
    return read_status(body, to_bank=True)


def read_status(body: bytes, *, to_bank: bool = False) -> Fact:
    """The answer to a question about a payout."""
    try:
        result = schemas.PAYOUT_ENVELOPE.load(loads(body))["Result"]
        code = result["ResultCode"]
        if codes.refuses_initiator(code):
            return Fact(code, reason=f"refused: {codes.look_up(codes.STATUS, code).meaning}", refused=code)
        if code != "0" or result["ResultParameters"] is None:
            return Fact(code, reason="nothing was found", no_such=code == NO_SUCH)
        items = result["ResultParameters"]["ResultParameter"]
        found = schemas.chosen(items, schemas.PAYOUT_FOUND)
        return _found(code, found, _business(found["CreditPartyName"]) if to_bank else _receiver(items))
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None


def _found(code: str, found: Mapping[str, Any], receiver: tuple[str | None, str | None]) -> Fact:
    state = found["TransactionStatus"].strip().lower()
    ids = {"originator": found["OriginatorConversationID"], "conversation_id": found["ConversationID"]}
    if state in OVER:
        return Fact(code, PayoutState.FAILED_PROVEN, reason=f"Safaricom says: {state}", final=True, **ids)
    if state != "completed":
        return Fact(code, reason="Safaricom has not finished it", **ids)
    told = found["ReceiptNo"], found["Amount"], found["FinalisedTime"]
    if None in told:
        raise Unreadable("completed, without receipt, amount or time")
    phone, name = receiver
    paid = Paid(*told, phone, name, _charge(found["DebitPartyCharges"]))
    return Fact(code, PayoutState.PAID, paid, final=True, **ids)


def _receiver(items: Mapping[str, tuple[Any, ...]]) -> tuple[str | None, str | None]:
    """DebitPartyName stands there twice, ours and the receiver's (as documented); only his is a phone number."""
    for value in (*items.get("CreditPartyName", ()), *items.get("DebitPartyName", ())):
        phone, name = _person(value)
        if phone is not None:
            return phone, name
    return None, None


def _person(value: Any) -> tuple[str | None, str | None]:
    """Phone and name in "254708374149 - JOHN DOE"; None for what is hidden or missing."""
    number, _, name = str(value)[:200].partition(" - ")
    kept = "".join(letter for letter in name.strip()[:NAME_LETTERS] if letter.isprintable()) or None
    try:
        return normalise(number), kept
    except UnreadablePhone:
        return None, kept


def _business(value: Any) -> tuple[str | None, str | None]:
    """Number and name in "400200 - EQUITY PAYBILL"; None for what is hidden or missing."""
    found = re.match(r"\s*(\d{5,7})\b[\s\-\u2013]*(.*)", str(value)[:200])
    return (found[1], found[2].strip()[:NAME_LETTERS] or None) if found else (None, None)


def _charge(told: str) -> int | None:
    """Cents in "Fee For B2C Payment|KES|22.40"; None when it is not told."""
    _, _, amount = told.rpartition("|")
    whole, _, rest = amount.strip().partition(".")
    digits = (rest + "00")[:2]
    readable = whole.isdecimal() and digits.isdecimal() and len(rest) <= 2 and len(whole) <= 6
    return int(whole) * 100 + int(digits) if readable else None
