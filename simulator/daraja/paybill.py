"""Money that a customer sends straight to the shortcode: validation, the book, the SMS, the confirmation.

Two doors lead here, the sandbox's `/simulate` and the hand of `/control/paybill`.
"""

from dataclasses import dataclass
from typing import Any

from simulator.daraja.confirmations import REJECTIONS
from simulator.inbox import MPESA
from simulator.world import World

OUTCOMES = ("pays", "pays_silently", "pays_late", "callback_twice")
ACCOUNT_LENGTH = 20  # what fits into BillRefNumber


@dataclass(frozen=True)
class Sent:
    """`version` v1 or v2 overrides the registered one when it is not empty; a till has no account number.

    `shortcode` is empty for the one of the settings.
    """

    phone: str
    amount_cents: int
    account: str
    version: str = ""
    validate: bool = False
    till: bool = False
    shortcode: str = ""


async def pay_in(world: World, sent: Sent) -> dict[str, Any]:
    """What became of it. Raises NotNow when the phone has too little; then nothing has happened."""
    name, now = world.phones.of(sent.phone).name, world.clock.now()
    kind, account = ("till", "") if sent.till else ("paybill", sent.account[:ACCOUNT_LENGTH])
    draft = world.truth.draft(
        sent.phone, sent.amount_cents, kind=kind, reference=account, at=now, shortcode=sent.shortcode
    )
    third_party = ""
    if sent.validate or world.paybill.validates:
        verdict = await world.paybill.validate(draft, name, sent.version)
        if not verdict.accepted:
            _tell_refusal(world, sent, draft.receipt, verdict.code)
            return {"receipt": None, "state": "rejected", "confirmation": "none", "code": verdict.code}
        third_party = verdict.third_party
    receipt = world.truth.book(draft, third_party)
    world.notices.paid(receipt)
    outcome = world.outcomes.take("c2b", sent.phone, among=OUTCOMES)
    will = outcome != "pays_silently" and world.notices.confirm(
        receipt, sent.version, twice=outcome == "callback_twice", late=outcome == "pays_late"
    )
    return {"receipt": receipt.receipt, "state": "completed", "confirmation": "sent" if will else "none", "code": "0"}


def _tell_refusal(world: World, sent: Sent, receipt: str, code: str) -> None:
    reason, name = REJECTIONS[code], world.merchants.named(sent.shortcode).name
    text = f"{receipt} Failed. Your payment to {name} was not made: {reason}."
    world.inbox.receive("MPESA_" + receipt, MPESA, sent.phone, text, world.clock.now())
