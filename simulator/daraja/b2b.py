"""B2B: `/mpesa/b2b/v1/paymentrequest`, money from this shortcode to another paybill or till.

Really a business payment leaves the working account. This shortcode has all of its money in the utility account, so it
leaves that one. A failure brings one parameter as an object, as Safaricom's sample does.

There is no id of the merchant's in the request, so nothing here knows a second one: it pays again.
"""

import re
from datetime import datetime

from simulator.clock import daraja_digits
from simulator.daraja.callbacks import shillings
from simulator.daraja.commands import opens
from simulator.daraja.refusals import invalid, word
from simulator.daraja.results import QUEUE_URL, Answer
from simulator.daraja.transfers import Transfer
from simulator.world import World

COMMANDS = ("BusinessPayBill", "BusinessBuyGoods", "BusinessPayToBulk")
# What a wish for a failure says.
WISHED = {"insufficient": "1", "no_such_bank": "12", "wrong_pin": "2001", "no_role": "21"}


def read(_: World, body: dict[str, object]) -> dict[str, str]:
    for field in ("SenderIdentifierType", "RecieverIdentifierType"):
        if word(body, field) not in ("2", "4"):
            invalid(field)
    if not re.fullmatch(r"[1-9]\d{0,8}", word(body, "Amount")):
        invalid("Amount")
    if not re.fullmatch(r"\d{5,7}", word(body, "PartyB")):
        invalid("PartyB")
    account = word(body, "AccountReference", limit=13, optional=word(body, "CommandID") != "BusinessPayBill")
    about = {"amount": word(body, "Amount"), "from": word(body, "PartyA"), "to": word(body, "PartyB")}
    return about | {"account": account}


def answer(world: World, facts: dict[str, str], at: datetime) -> Answer:
    cents = int(facts["amount"]) * 100
    reference = (("BillReferenceNumber", facts["account"]), ("QueueTimeoutURL", QUEUE_URL.format("b2b")))
    code = "11" if facts["from"] != world.settings.shortcode else "1" if cents > world.truth.utility_cents else "0"
    code = WISHED.get(facts["outcome"], code)
    if code != "0":
        world.transfers.keep(_transfer(facts, at, code, ""))
        return Answer(code, (("BOCompletedTime", int(daraja_digits(at))),), reference=reference, alone=True)
    spent = world.truth.spend("transfer", facts["to"], cents, reference=facts["account"], at=at)
    world.transfers.keep(_transfer(facts, at, code, spent.receipt))
    return Answer(
        "0",
        (
            ("DebitAccountBalance", money(spent.utility_after_cents)),
            ("Amount", shillings(cents)),
            ("DebitPartyAffectedAccountBalance", f"Utility Account|KES|{shillings(spent.utility_after_cents)}"),
            ("TransCompletedTime", daraja_digits(at)),
            ("DebitPartyCharges", None),
            ("ReceiverPartyPublicName", f"{spent.to} - PAYBILL {spent.to}"),
            ("Currency", "KES"),
            ("InitiatorAccountCurrentBalance", money(spent.utility_after_cents)),
        ),
        transaction=spent.receipt,
        reference=reference,
    )


def _transfer(facts: dict[str, str], at: datetime, code: str, receipt: str) -> Transfer:
    named = (facts["originator"], facts["conversation_id"], facts["to"], facts["account"])
    return Transfer(*named, int(facts["amount"]) * 100, code, receipt, at)


def money(cents: int) -> str:
    """`{Amount={CurrencyCode=KES, MinimumAmount=618683, BasicAmount=6186.83}}`"""
    return f"{{Amount={{CurrencyCode=KES, MinimumAmount={cents}, BasicAmount={shillings(cents)}}}}}"


request = opens("b2b", COMMANDS, read)
