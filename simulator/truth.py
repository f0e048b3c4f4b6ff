"""Safaricom's own book: which money really moved. What the gateway's books must equal."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from simulator.chance import CAPITALS_AND_DIGITS
from simulator.daraja.ids import receipt_day
from simulator.ground import Ground
from simulator.phones import Phones
from simulator.store import Shelf


@dataclass(frozen=True)
class Receipt:
    """`kind` is stk, paybill or till, `reference` the payer's account number, `conversation` finds an STK push."""

    receipt: str
    phone: str
    amount_cents: int
    kind: str
    reference: str
    at: datetime
    conversation: str
    utility_after_cents: int
    third_party: str = ""


class Truth:
    def __init__(self, ground: Ground, phones: Phones) -> None:
        self._shelf = Shelf(ground.store, "receipts", Receipt)
        self._chance, self._phones, self._shortcode = ground.chance, phones, ground.settings.shortcode
        self._utility_cents = sum(each.amount_cents for each in self._shelf)

    def draft(
        self, phone: str, amount_cents: int, *, kind: str, reference: str, at: datetime, conversation: str = ""
    ) -> Receipt:
        """A payment with its code that has not happened yet: what a validation is asked about."""
        after = self._utility_cents + amount_cents
        return Receipt(self._new_code(at), phone, amount_cents, kind, reference, at, conversation, after)

    def book(self, draft: Receipt, third_party: str = "") -> Receipt:
        """The money moves. Raises NotNow, and nothing moves, when the phone has too little."""
        self._phones.move(draft.phone, -draft.amount_cents)
        self._utility_cents += draft.amount_cents
        booked = replace(draft, utility_after_cents=self._utility_cents, third_party=third_party)
        return self._shelf.put(draft.receipt, booked)

    def find(self, receipt: str = "", conversation: str = "") -> Receipt | None:
        if receipt:
            return self._shelf.get(receipt)
        return next((each for each in self._shelf if conversation and each.conversation == conversation), None)

    def as_json(self) -> dict[str, Any]:
        hidden = {"conversation", "utility_after_cents", "third_party"}
        receipts = [
            {key: value for key, value in asdict(each).items() if key not in hidden} | {"at": each.at.isoformat()}
            for each in self._shelf
        ]
        paybill = {"shortcode": self._shortcode, "utility_cents": self._utility_cents}
        balances = {"paybill": paybill, "phones": self._phones.balances()}
        return {"receipts": receipts, "payouts": [], "balances": balances}

    def clear(self) -> None:
        self._shelf.clear()
        self._utility_cents = 0

    def _new_code(self, at: datetime) -> str:
        """Ten characters, never given before."""
        code = receipt_day(at) + self._chance.text("receipt", 7, CAPITALS_AND_DIGITS)
        return self._new_code(at) if code in self._shelf else code
