"""Reversal: `/mpesa/reversal/v1/request`, of customers' payments only (C2B and STK), whole, and once.

That another amount than the payment's is refused with R000002 is not verified.
"""

import re
from datetime import datetime

from simulator.clock import daraja_digits
from simulator.daraja.callbacks import shillings
from simulator.daraja.commands import opens
from simulator.daraja.refusals import invalid, word
from simulator.daraja.results import QUEUE_URL, Answer, number
from simulator.world import World

ALREADY, NO_ORIGINAL, TOO_LITTLE, DEBIT_PARTY = "R000001", "R000002", "1", "11"


def read(world: World, body: dict[str, object]) -> dict[str, str]:
    """`RecieverIdentifierType` is spelt as Safaricom spells it."""
    if word(body, "RecieverIdentifierType") != "11":
        invalid("RecieverIdentifierType")
    if not re.fullmatch(r"[1-9]\d{0,8}", word(body, "Amount")):
        invalid("Amount")
    receipt = word(body, "TransactionID").upper()
    paid = world.truth.find(receipt)
    about = {"receipt": receipt, "amount": word(body, "Amount"), "party": word(body, "ReceiverParty")}
    return about | ({"phone": paid.phone} if paid else {})


def answer(world: World, facts: dict[str, str], at: datetime) -> Answer:
    original, cents = world.truth.find(facts["receipt"]), int(facts["amount"]) * 100
    reference = (("QueueTimeoutURL", QUEUE_URL.format("reversal")),)
    rules = {
        DEBIT_PARTY: facts["party"] != world.settings.shortcode,
        NO_ORIGINAL: original is None or original.amount_cents != cents,
        ALREADY: world.truth.is_reversed(facts["receipt"]),
        TOO_LITTLE: cents > world.truth.utility_cents,
    }
    broken = next((code for code, is_broken in rules.items() if is_broken), "")
    if broken or original is None:
        return Answer(broken, reference=reference)
    spent = world.truth.spend("reversal", original.phone, cents, reference=original.receipt, at=at)
    world.notices.reversed(spent)
    left = shillings(spent.utility_after_cents)
    name = world.phones.of(original.phone).name.upper()
    return Answer(
        "0",
        (
            ("DebitAccountBalance", f"Utility Account|KES|{left}|{left}|0.00|0.00"),
            ("Amount", number(cents)),
            ("TransCompletedTime", int(daraja_digits(at))),
            ("OriginalTransactionID", original.receipt),
            ("Charge", 0),
            ("CreditPartyPublicName", f"{original.phone.lstrip('+')} - {name}"),
            ("DebitPartyPublicName", f"{world.settings.shortcode} - {world.settings.business_name}"),
        ),
        transaction=spent.receipt,
        reference=reference,
    )


request = opens("reversal", ("TransactionReversal",), read)
