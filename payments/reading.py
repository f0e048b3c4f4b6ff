"""From a body to a fact: what Safaricom says, without asking yet whether to believe it. Pure.

A fact proposes a state for an attempt, and perhaps names money: receipt, amount, instant and payer. Whether the token
is ours, the amount the one that was asked for and the receipt new is judged elsewhere, against the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from payments.daraja import codes, schemas, values
from payments.daraja.errors import Meaning, meaning_of
from payments.daraja.parsing import Unparsable, loads, text_of
from payments.phones import UnreadablePhone, normalise
from payments.states import AttemptState


class Unreadable(ValueError):
    """The body is not what its source sends. The message names fields, never values."""


@dataclass(frozen=True)
class Money:
    """What a body says about money that moved. `phone` is E.164, None when the body hides it."""

    receipt: str
    amount_cents: int
    paid_at: datetime
    phone: str | None


@dataclass(frozen=True)
class Fact:
    """`code` is Safaricom's result code as text, `reason` says why a fact that found no incoming money did not.

    `refused` is the answer that we may not ask: it is about our initiator, not about any money.
    """

    proposes: AttemptState
    code: str
    money: Money | None = None
    checkout_request_id: str | None = None
    merchant_request_id: str | None = None
    reason: str | None = None
    refused: bool = False


@dataclass(frozen=True)
class Held:
    """What the accounts of a shortcode held at `at` (UTC), in cents; charges stand below zero. None: not named."""

    at: datetime
    utility_cents: int
    working_cents: int | None
    charges_cents: int | None


@dataclass(frozen=True)
class NotTold:
    """A balance result without balances; `refused`: we may not ask."""

    reason: str
    refused: bool


# On whose account the money was before, in a status result: these are the organisation's own, so the money went out.
OUR_ACCOUNTS = ("utility", "working", "organization", "organisation", "merchant", "charges paid")


def read_stk_callback(body: bytes) -> Fact:
    """The callback of a push. A success without receipt or amount is unreadable: nothing may be booked from it."""
    try:
        said = schemas.STK_ENVELOPE.load(loads(body))["Body"]["stkCallback"]
        code = said["ResultCode"]
        ids = said["CheckoutRequestID"], said["MerchantRequestID"]
        if code != "0":
            return Fact(codes.look_up(codes.STK, code).treat_as, code, None, *ids)
        if said["CallbackMetadata"] is None:
            raise Unreadable("paid, without CallbackMetadata")
        paid = schemas.chosen(said["CallbackMetadata"]["Item"], schemas.STK_PAID)
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    money = Money(paid["MpesaReceiptNumber"], paid["Amount"], paid["TransactionDate"], paid["PhoneNumber"])
    return Fact(AttemptState.PAID, code, money, *ids)


def read_stk_query(body: bytes) -> Fact:
    """The answer to a query: success is `proven` only, since it names neither receipt nor amount."""
    try:
        found = loads(body)
        if "errorCode" in found:
            return _read_query_error(text_of(found, "errorCode"), text_of(found, "errorMessage"))
        answer = schemas.QUERY_ANSWER.load(found)
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    if answer["ResponseCode"] != "0":
        raise Unreadable("the query itself was not answered")
    code = answer["ResultCode"]
    return Fact(
        codes.look_up(codes.STK, code).treat_as, code, None, answer["CheckoutRequestID"], answer["MerchantRequestID"]
    )


def _read_query_error(code: str, message: str) -> Fact:
    meaning = meaning_of(code, message)
    if meaning is Meaning.IN_FLIGHT:
        return Fact(AttemptState.PENDING, code, reason="still being processed")
    return Fact(AttemptState.UNCLEAR, code, reason=f"no answer about the prompt ({meaning})")


def read_status_result(body: bytes, shortcode: str) -> Fact:
    """The result of a Transaction Status: money only when it is Completed and came in to `shortcode`."""
    try:
        result = schemas.RESULT_ENVELOPE.load(loads(body))["Result"]
        code = result["ResultCode"]
        if codes.refuses_initiator(code):
            meaning = codes.look_up(codes.STATUS, code).meaning
            return Fact(AttemptState.UNCLEAR, code, reason=f"refused: {meaning}", refused=True)
        if code != "0" or result["ResultParameters"] is None:
            return Fact(AttemptState.UNCLEAR, code, reason="nothing was found")
        items = result["ResultParameters"]["ResultParameter"]
        found = schemas.chosen(items, schemas.STATUS_FOUND)
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    merchant_request_id = found["OriginatorConversationID"]
    if found["TransactionStatus"].strip().lower() != "completed":
        return Fact(AttemptState.UNCLEAR, code, None, None, merchant_request_id, "not completed")
    if not _came_in(items, shortcode):
        return Fact(AttemptState.UNCLEAR, code, None, None, merchant_request_id, "money that went out")
    money = Money(found["ReceiptNo"], found["Amount"], found["FinalisedTime"], _payer(items))
    return Fact(AttemptState.PAID, code, money, None, merchant_request_id)


def read_balance_result(body: bytes) -> Held | NotTold:
    """The result of an Account Balance. Raises Unreadable, also for one that does not name the utility account once."""
    try:
        result = schemas.RESULT_ENVELOPE.load(loads(body))["Result"]
        code = result["ResultCode"]
        if code != "0" or result["ResultParameters"] is None:
            return NotTold(f"code {code}", codes.refuses_initiator(code))
        found = schemas.chosen(result["ResultParameters"]["ResultParameter"], schemas.BALANCE_FOUND)
    except (Unparsable, ValidationError) as trouble:
        raise Unreadable(words_of(trouble)) from None
    accounts = read_accounts(found["AccountBalance"])
    if "utility account" not in accounts:
        raise Unreadable("not its shape: AccountBalance has no Utility Account")
    return Held(
        found["BOCompletedTime"],
        accounts["utility account"],
        accounts.get("working account"),
        accounts.get("charges paid account"),
    )


def read_accounts(text: str) -> dict[str, int]:
    """`Utility Account|KES|228037.00|228037.00|0.00|0.00&...` as cents by name in small letters: the current balance.

    Blanks around anything are dropped. Raises Unreadable for another currency, no amount, or an account named twice.
    """
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split("&"))):
        name, *told = (cell.strip() for cell in part.split("|"))
        name = " ".join(name.lower().split())
        cents = values.balance_if_said(told[1]) if len(told) > 1 and told[0].upper() == "KES" else None
        if cents is None or name in found:
            raise Unreadable("not its shape: AccountBalance")
        found[name] = cents
    return found


def _came_in(items: Mapping[str, tuple[Any, ...]], shortcode: str) -> bool:
    """A receipt of money that we paid out is Completed as well, and must never be credited."""
    account = str(next(iter(items.get("DebitAccountType", ())), "")).lower()
    if any(ours in account for ours in OUR_ACCOUNTS):
        return False
    credited = [_party(value) for value in items.get("CreditPartyName", ())]
    debited = [_party(value) for value in items.get("DebitPartyName", ())]
    if credited:
        return shortcode in credited
    return bool(debited) and debited[0] != shortcode


def _payer(items: Mapping[str, tuple[Any, ...]]) -> str | None:
    for value in items.get("DebitPartyName", ()):
        try:
            return normalise(_party(value))
        except UnreadablePhone:
            continue
    return None


def _party(value: Any) -> str:
    """The number before the name in "254708374149 - JOHN DOE"."""
    return str(value).partition(" - ")[0].strip()[:40]


def words_of(trouble: Unparsable | ValidationError) -> str:
    """What does not fit, by the names of our own fields and without a value."""
    if isinstance(trouble, Unparsable):
        return str(trouble)
    return f"not its shape: {_places(trouble.messages)}"


def _places(messages: Any, path: str = "") -> str:
    """Marshmallow's nested messages as "Body.stkCallback.ResultCode", our own field names only."""
    if isinstance(messages, dict):
        return ", ".join(_places(inner, f"{path}.{name}" if path else str(name)) for name, inner in messages.items())
    return path if path != "_schema" else "the whole body"
