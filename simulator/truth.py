"""Safaricom's own book: which money really moved. What the gateway's books must equal.

The utility balance is at every moment the sum of the receipts less the sum of what was spent, charges apart: they grow
on an account of their own, below zero, until Safaricom collects them.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from simulator.chance import CAPITALS_AND_DIGITS
from simulator.daraja.ids import receipt_day
from simulator.ground import Ground
from simulator.objections import NotNow
from simulator.phones import Phones
from simulator.store import Shelf


@dataclass(frozen=True)
class Receipt:
    """`kind` is stk, paybill or till, `reference` the payer's account number, `conversation` finds an STK push.

    `utility_after_cents` is that of `shortcode`, which is empty for the one of the settings.
    """

    receipt: str
    phone: str
    amount_cents: int
    kind: str
    reference: str
    at: datetime
    conversation: str
    utility_after_cents: int
    third_party: str = ""
    shortcode: str = ""


@dataclass(frozen=True)
class Spent:
    """Money that left the shortcode of the settings. `kind` says what `to` and `reference` are:

    payout: a phone, the merchant's OriginatorConversationID; reversal: a phone, the receipt that was undone;
    transfer: another shortcode, its account number.
    """

    receipt: str
    kind: str
    to: str
    amount_cents: int
    reference: str
    at: datetime
    utility_after_cents: int
    charges_after_cents: int
    charge_cents: int = 0


class Truth:
    def __init__(self, ground: Ground, phones: Phones) -> None:
        self._shelf = Shelf(ground.store, "receipts", Receipt)
        self._spent = Shelf(ground.store, "spent", Spent)
        self._by_conversation = {each.conversation: each.receipt for each in self._shelf if each.conversation}
        self._reversed = {each.reference for each in self._spent if each.kind == "reversal"}
        self._chance, self._phones, self._shortcode = ground.chance, phones, ground.settings.shortcode
        self._utility: dict[str, int] = defaultdict(int)
        for each in self._shelf:
            self._utility[each.shortcode] += each.amount_cents
        self._utility[""] -= sum(each.amount_cents for each in self._spent)
        self._charges_cents = min((each.charges_after_cents for each in self._spent), default=0)
        self._charge_of = ground.settings.payout_charge_cents

    def __len__(self) -> int:
        """How many receipts there are, for money that came in."""
        return len(self._shelf)

    @property
    def utility_cents(self) -> int:
        """Of the shortcode of the settings."""
        return self._utility[""]

    def utility_of(self, shortcode: str) -> int:
        """What this shortcode has; money goes out of the one of the settings only."""
        return self._utility[self._own(shortcode)]

    def charges_of(self, shortcode: str) -> int:
        """Zero or below; zero where nothing is paid out."""
        return 0 if self._own(shortcode) else self._charges_cents

    @property
    def charges_cents(self) -> int:
        """Zero or below."""
        return self._charges_cents

    def draft(
        self,
        phone: str,
        amount_cents: int,
        *,
        kind: str,
        reference: str,
        at: datetime,
        conversation: str = "",
        shortcode: str = "",
    ) -> Receipt:
        """A payment with its code that has not happened yet: what a validation is asked about."""
        own = self._own(shortcode)
        after = self._utility[own] + amount_cents
        code = self.new_code(at)
        return Receipt(code, phone, amount_cents, kind, reference, at, conversation, after, shortcode=own)

    def book(self, draft: Receipt, third_party: str = "") -> Receipt:
        """The money moves. Raises NotNow, and nothing moves, when the phone has too little."""
        self._phones.move(draft.phone, -draft.amount_cents)
        self._utility[draft.shortcode] += draft.amount_cents
        booked = replace(draft, utility_after_cents=self._utility[draft.shortcode], third_party=third_party)
        if booked.conversation:
            self._by_conversation.setdefault(booked.conversation, booked.receipt)
        return self._shelf.put(draft.receipt, booked)

    def spend(self, kind: str, to: str, amount_cents: int, *, reference: str, at: datetime) -> Spent:
        """Money leaves the utility account. Raises NotNow, and nothing moves, when it does not cover the amount."""
        if amount_cents > self.utility_cents:
            raise NotNow("insufficient balance")
        self._utility[""] -= amount_cents
        charge_cents = self._charge_of(amount_cents) if kind == "payout" else 0
        self._charges_cents -= charge_cents
        if kind == "reversal":
            self._reversed.add(reference)
        if kind != "transfer":
            self._phones.move(to, amount_cents)
        after = {"utility_after_cents": self.utility_cents, "charges_after_cents": self._charges_cents}
        code = self.new_code(at)
        return self._spent.put(
            code, Spent(code, kind, to, amount_cents, reference, at, **after, charge_cents=charge_cents)
        )

    def find(self, receipt: str = "", conversation: str = "") -> Receipt | None:
        return self._shelf.get(receipt or self._by_conversation.get(conversation, ""))

    def find_spent(self, receipt: str) -> Spent | None:
        return self._spent.get(receipt)

    def is_reversed(self, receipt: str) -> bool:
        return receipt in self._reversed

    def receipts_between(self, start: datetime, end: datetime, shortcode: str = "") -> list[Receipt]:
        """Of this shortcode, or that of the settings, in the order in which they happened; both ends are in it."""
        own = self._own(shortcode)
        found = (each for each in self._shelf if start <= each.at <= end and each.shortcode == own)
        return sorted(found, key=lambda each: each.at)

    def moved_between(self, start: datetime, end: datetime, shortcode: str = "") -> list[Receipt | Spent]:
        """What came in to this shortcode, or that of the settings, and went out, in order; both ends are in it."""
        moved: list[Receipt | Spent] = [*self.receipts_between(start, end, shortcode)]
        if not self._own(shortcode):
            moved += (each for each in self._spent if start <= each.at <= end)
        return sorted(moved, key=lambda each: each.at)

    def as_json(self) -> dict[str, Any]:
        hidden = {"conversation", "utility_after_cents", "third_party"}
        receipts = [_shown(asdict(each), hidden | (set() if each.shortcode else {"shortcode"})) for each in self._shelf]
        paybill = {
            "shortcode": self._shortcode,
            "utility_cents": self.utility_cents,
            "charges_cents": self._charges_cents,
        }
        others = {number: cents for number, cents in self._utility.items() if number}
        return {
            "receipts": receipts,
            "payouts": self._listed("payout", to="phone", reference="originator_conversation_id"),
            "reversals": self._listed("reversal", to="phone", reference="original"),
            "transfers": self._listed("transfer", to="shortcode", reference="account"),
            "balances": {"paybill": paybill, "phones": self._phones.balances()}
            | ({"others": others} if others else {}),
        }

    def clear(self) -> None:
        self._shelf.clear()
        self._spent.clear()
        self._by_conversation.clear()
        self._reversed.clear()
        self._utility.clear()
        self._charges_cents = 0

    def new_code(self, at: datetime) -> str:
        """Ten characters, never given to money before."""
        code = receipt_day(at) + self._chance.text("receipt", 7, CAPITALS_AND_DIGITS)
        return self.new_code(at) if code in self._shelf or code in self._spent else code

    def _own(self, shortcode: str) -> str:
        """How the book calls it: the shortcode of the settings has no name there."""
        return "" if shortcode == self._shortcode else shortcode

    def _listed(self, kind: str, **names: str) -> list[dict[str, Any]]:
        hidden = {"kind", "utility_after_cents", "charges_after_cents", "charge_cents"}
        found = [_shown(asdict(each), hidden) for each in self._spent if each.kind == kind]
        return [{names.get(key, key): value for key, value in each.items()} for each in found]


def _shown(record: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in hidden} | {"at": record["at"].isoformat()}
