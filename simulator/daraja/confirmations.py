"""C2B: the URLs that a shortcode registered, and the bodies that are posted to them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from simulator.clock import daraja_digits
from simulator.courier import Reply
from simulator.daraja.callbacks import shillings
from simulator.ground import Ground
from simulator.store import Shelf
from simulator.timetable import Event
from simulator.truth import Receipt

JSON = {"Content-Type": "application/json;charset=UTF-8"}
# What a validation may refuse with, and what the payer then reads about it.
REJECTIONS = {
    "C2B00011": "the phone number is not valid",
    "C2B00012": "the account number is not valid",
    "C2B00013": "the amount is not valid",
    "C2B00014": "the KYC details are not valid",
    "C2B00015": "the shortcode is not valid",
    "C2B00016": "the payment was not accepted",
}
LATE_SECONDS = 3600  # longer than any look at a single payment, shorter than Pull's 48 hours


@dataclass(frozen=True)
class Registration:
    """`version` v1 tells payers by a hash, v2 by a masked number."""

    version: str
    response_type: str
    confirmation_url: str
    validation_url: str


@dataclass(frozen=True)
class Verdict:
    """What becomes of a payment: `code` is the refusal's, `third_party` comes back in the confirmation."""

    accepted: bool
    code: str = "0"
    third_party: str = ""


@dataclass(frozen=True)
class Switch:
    on: bool


class Paybill:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "registrations", Registration)
        self._switch = Shelf(ground.store, "validation", Switch)
        self._courier, self._timetable, self._settings = ground.courier, ground.timetable, ground.settings
        self._shortcode = ground.settings.shortcode
        ground.timetable.on("c2b.late", self._late)

    def register(self, shortcode: str, registration: Registration) -> None:
        """The newest wins, as in the sandbox; who calls has asked `is_closed` before."""
        self._shelf.put(shortcode, registration)

    def is_closed(self, shortcode: str) -> bool:
        """Production takes one registration and no other until the portal has deleted it."""
        return self._settings.c2b_mode == "production" and shortcode in self._shelf

    def forget(self) -> None:
        """URL Management of the self-service portal: registered URLs are deleted, every shortcode's."""
        self._shelf.clear()

    @property
    def registration(self) -> Registration | None:
        return self._shelf.get(self._shortcode)

    @property
    def validates(self) -> bool:
        """Off until Safaricom has switched it on for a shortcode."""
        return (self._switch.get(self._shortcode) or Switch(False)).on

    def switch_validation(self, on: bool) -> None:
        self._switch.put(self._shortcode, Switch(on))

    def confirm(
        self, receipt: Receipt, name: str, version: str = "", *, twice: bool = False, late: bool = False
    ) -> bool:
        """False when no URL is registered. An empty `version` takes the registered one."""
        shortcode = receipt.shortcode or self._shortcode
        registered = self._shelf.get(shortcode)
        if registered is None:
            return False
        after = shillings(receipt.utility_after_cents)
        facts = _facts(receipt, shortcode, name, version or registered.version) | {"OrgAccountBalance": after}
        body = json.dumps(facts | {"ThirdPartyTransID": receipt.third_party})
        if late:
            self._timetable.after(LATE_SECONDS, "c2b.late", {"url": registered.confirmation_url, "body": body})
            return True
        for _ in range(2 if twice else 1):
            self._courier.send("c2b", registered.confirmation_url, body, JSON)
        return True

    async def validate(self, receipt: Receipt, name: str, version: str) -> Verdict:
        """Asks before the money moves; silence or nonsense leaves it to the registered ResponseType."""
        shortcode = receipt.shortcode or self._shortcode
        registered = self._shelf.get(shortcode)
        if registered is None:
            return Verdict(True)
        facts = json.dumps(_facts(receipt, shortcode, name, version or registered.version))
        patience = self._settings.validation_seconds
        reply = await self._courier.send("c2b", registered.validation_url, facts, JSON, seconds=patience)
        said = _answer(reply)
        code = str(said.get("ResultCode", ""))
        if code == "0":
            return Verdict(True, third_party=str(said.get("ThirdPartyTransID") or ""))
        if code in REJECTIONS:
            return Verdict(False, code)
        return Verdict(registered.response_type == "Completed", "C2B00016")

    def _late(self, event: Event) -> None:
        self._courier.send("c2b", event.facts["url"], event.facts["body"], JSON)


def _facts(receipt: Receipt, shortcode: str, name: str, version: str) -> dict[str, Any]:
    digits = receipt.phone.lstrip("+")
    hashed = hashlib.sha256(digits.encode()).hexdigest()
    return {
        "TransactionType": "Customer Merchant Payment" if receipt.kind == "till" else "Pay Bill",
        "TransID": receipt.receipt,
        "TransTime": daraja_digits(receipt.at),
        "TransAmount": shillings(receipt.amount_cents),
        "BusinessShortCode": shortcode,
        "BillRefNumber": receipt.reference,
        "InvoiceNumber": "",
        "OrgAccountBalance": "",
        "ThirdPartyTransID": "",
        "MSISDN": hashed if version == "v1" else f"{digits[:4]} ***** {digits[-3:]}",
        "FirstName": name.split(maxsplit=1)[0].upper(),
    }


def _answer(reply: Reply) -> dict[str, Any]:
    """Empty when the answer is no JSON object with HTTP 200."""
    try:
        found = json.loads(reply.text) if reply.status == 200 else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
