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
from simulator.truth import Receipt

JSON = {"Content-Type": "application/json;charset=UTF-8"}


@dataclass(frozen=True)
class Registration:
    """`version` v1 tells payers by a hash, v2 by a masked number."""

    version: str
    response_type: str
    confirmation_url: str
    validation_url: str


class Paybill:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "registrations", Registration)
        self._courier, self._shortcode = ground.courier, ground.settings.shortcode

    def register(self, registration: Registration) -> None:
        """The newest wins, as in the sandbox; production takes one registration and no other."""
        self._shelf.put(self._shortcode, registration)

    @property
    def registration(self) -> Registration | None:
        return self._shelf.get(self._shortcode)

    def confirm(self, receipt: Receipt, name: str, version: str = "", *, twice: bool = False) -> bool:
        """False when no URL is registered. An empty `version` takes the registered one."""
        registered = self.registration
        if registered is None:
            return False
        after = shillings(receipt.utility_after_cents)
        facts = _facts(receipt, self._shortcode, name, version or registered.version) | {"OrgAccountBalance": after}
        for _ in range(2 if twice else 1):
            self._courier.send("c2b", registered.confirmation_url, json.dumps(facts), JSON)
        return True

    async def validate(self, receipt: Receipt, name: str, version: str) -> bool:
        """Asks before the money moves; silence or nonsense leaves it to the registered ResponseType."""
        registered = self.registration
        if registered is None:
            return True
        facts = _facts(receipt, self._shortcode, name, version or registered.version)
        reply = await self._courier.send("c2b", registered.validation_url, json.dumps(facts), JSON)
        code = _result_code(reply)
        return registered.response_type == "Completed" if code is None else code == "0"


def _facts(receipt: Receipt, shortcode: str, name: str, version: str) -> dict[str, Any]:
    digits = receipt.phone.lstrip("+")
    hashed = hashlib.sha256(digits.encode()).hexdigest()
    return {
        "TransactionType": "Pay Bill",
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


def _result_code(reply: Reply) -> str | None:
    try:
        return str(json.loads(reply.text)["ResultCode"]) if reply.status == 200 else None
    except (ValueError, KeyError, TypeError):
        return None
