"""Transaction status: `/mpesa/transactionstatus/v1/query`, by receipt or by the conversation that a request began.

Its Result keeps the oddities of the documented one: DebitPartyName twice, items without a Value, amounts as text, a
generic TransactionID. Finding an STK push by its MerchantRequestID is not verified against production, nor are the
words for a payout that was refused (Declined) or that the core never came to (Expired).
"""

from datetime import datetime
from typing import Any

from simulator.clock import daraja_digits
from simulator.daraja import ids
from simulator.daraja.callbacks import shillings
from simulator.daraja.commands import opens
from simulator.daraja.payout import Payout, State
from simulator.daraja.refusals import invalid, word
from simulator.daraja.results import Answer
from simulator.daraja.transfers import Transfer
from simulator.truth import Receipt, Spent
from simulator.world import World

UNKNOWN = "2032"
STATES = {
    State.ACCEPTED: "Authorized",
    State.PAID: "Completed",
    State.FAILED: "Declined",
    State.EXPIRED: "Expired",
}
SPENT_REASONS = {"reversal": "Reversal of a payment", "transfer": "Business Pay Bill"}


def read(world: World, body: dict[str, object]) -> dict[str, str]:
    """One of TransactionID and OriginalConversationID is enough."""
    for field in ("PartyA", "IdentifierType"):
        word(body, field)
    receipt = word(body, "TransactionID", optional=True).upper()
    conversation = word(body, "OriginalConversationID", optional=True)
    if not (receipt or conversation):
        invalid("TransactionID")
    paid = world.truth.find(receipt, conversation)
    payout = world.payouts.find(receipt or conversation)
    known = paid or payout
    about = {"receipt": receipt, "conversation": conversation}
    return about | ({"phone": known.phone} if known else {})


def answer(world: World, facts: dict[str, str], at: datetime) -> Answer:
    receipt, conversation = facts["receipt"], facts["conversation"]
    occasion = (("Occasion", facts["occasion"] or None),)
    generic = ids.receipt_day(at) + "0000000"
    paid = world.truth.find(receipt, conversation)
    payout = world.payouts.find(receipt or conversation)
    transfer = world.transfers.find(conversation)
    spent = world.truth.find_spent(receipt)
    if facts.get("asking", "") != (paid.shortcode if paid else ""):
        return Answer(UNKNOWN, transaction=generic, reference=occasion)
    if paid:
        parameters = _payment(world, paid, facts)
    elif payout:
        parameters = _payout(world, payout)
    elif transfer:
        parameters = _transfer(world, transfer)
    elif spent:
        parameters = _spent(world, spent, facts)
    else:
        return Answer(UNKNOWN, transaction=generic, reference=occasion)
    return Answer("0", parameters, transaction=generic, reference=occasion)


def _payment(world: World, receipt: Receipt, facts: dict[str, str]) -> tuple[tuple[str, Any], ...]:
    moment = daraja_digits(receipt.at)
    return (
        ("DebitPartyName", _person(world, receipt.phone)),
        ("DebitPartyName", _business(world, receipt.shortcode)),
        ("OriginatorConversationID", receipt.conversation or facts["originator"]),
        ("InitiatedTime", moment),
        ("DebitAccountType", "MMF Account For Customer"),
        ("DebitPartyCharges", None),
        ("TransactionReason", None),
        ("ReasonType", "Pay Bill Online"),
        ("TransactionStatus", "Completed"),
        ("FinalisedTime", moment),
        ("Amount", _amount(receipt.amount_cents)),
        ("ConversationID", ids.conversation_id(world.chance, receipt.at)),
        ("ReceiptNo", receipt.receipt),
    )


def _payout(world: World, payout: Payout) -> tuple[tuple[str, Any], ...]:
    """A payout that moved no money has no receipt, and says why if it was refused."""
    spent = world.truth.find_spent(payout.receipt or "")
    charge = f"Fee For B2C Payment|KES|{shillings(spent.charge_cents)}" if spent else None
    return (
        ("DebitPartyName", _business(world)),
        ("DebitPartyName", _person(world, payout.phone)),
        ("OriginatorConversationID", payout.originator),
        ("InitiatedTime", daraja_digits(payout.asked_at)),
        ("DebitAccountType", "Utility Account"),
        ("DebitPartyCharges", charge),
        ("TransactionReason", None),
        ("ReasonType", "Business Payment to Customer via API"),
        ("TransactionStatus", STATES[payout.state]),
        ("FinalisedTime", daraja_digits(spent.at) if spent else None),
        ("Amount", _amount(spent.amount_cents if spent else payout.amount_cents)),
        ("ConversationID", payout.conversation_id),
        ("ReceiptNo", payout.receipt),
    )


def _transfer(world: World, transfer: Transfer) -> tuple[tuple[str, Any], ...]:
    """By one of the ids of its acknowledgement."""
    spent = world.truth.find_spent(transfer.receipt)
    return (
        ("DebitPartyName", _business(world)),
        ("CreditPartyName", f"{transfer.to} - PAYBILL {transfer.to}"),
        ("OriginatorConversationID", transfer.originator),
        ("InitiatedTime", daraja_digits(transfer.asked_at)),
        ("DebitAccountType", "Utility Account"),
        ("DebitPartyCharges", None),
        ("TransactionReason", None),
        ("ReasonType", SPENT_REASONS["transfer"]),
        ("TransactionStatus", "Completed" if spent else "Declined"),
        ("FinalisedTime", daraja_digits(spent.at) if spent else None),
        ("Amount", _amount(transfer.amount_cents)),
        ("ConversationID", transfer.conversation_id),
        ("ReceiptNo", spent.receipt if spent else None),
    )


def _spent(world: World, spent: Spent, facts: dict[str, str]) -> tuple[tuple[str, Any], ...]:
    """A reversal or a transfer, by its receipt."""
    moment = daraja_digits(spent.at)
    to = _person(world, spent.to) if spent.kind == "reversal" else f"{spent.to} - PAYBILL {spent.to}"
    return (
        ("DebitPartyName", _business(world)),
        ("DebitPartyName" if spent.kind == "reversal" else "CreditPartyName", to),
        ("OriginatorConversationID", facts["originator"]),
        ("InitiatedTime", moment),
        ("DebitAccountType", "Utility Account"),
        ("DebitPartyCharges", None),
        ("TransactionReason", None),
        ("ReasonType", SPENT_REASONS[spent.kind]),
        ("TransactionStatus", "Completed"),
        ("FinalisedTime", moment),
        ("Amount", _amount(spent.amount_cents)),
        ("ConversationID", ids.conversation_id(world.chance, spent.at)),
        ("ReceiptNo", spent.receipt),
    )


def _person(world: World, phone: str) -> str:
    return f"{phone.lstrip('+')} - {world.phones.of(phone).name.upper()}"


def _business(world: World, shortcode: str = "") -> str:
    merchant = world.merchants.named(shortcode)
    return f"{merchant.shortcode} - {merchant.name}"


def _amount(cents: int) -> str:
    return str(cents // 100) if cents % 100 == 0 else shillings(cents)


query = opens("status", ("TransactionStatusQuery",), read)
