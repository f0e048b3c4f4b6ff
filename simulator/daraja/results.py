"""The Result that a transaction status query posts.

It keeps the oddities of the documented one: DebitPartyName twice, items without a Value, amounts as text, a generic
TransactionID. Finding an STK push by its MerchantRequestID is not verified against production.
"""

import json
from typing import Any

from simulator.clock import daraja_digits
from simulator.daraja import ids
from simulator.daraja.callbacks import shillings
from simulator.daraja.confirmations import JSON
from simulator.ground import Ground
from simulator.phones import Phones
from simulator.timetable import Event
from simulator.truth import Receipt, Truth


class Results:
    """Posts the Results when they are due, from what is true at that moment."""

    def __init__(self, ground: Ground, truth: Truth, phones: Phones) -> None:
        self._courier, self._chance, self._settings = ground.courier, ground.chance, ground.settings
        self._truth, self._phones = truth, phones
        ground.timetable.on("status.answers", self._answer)

    def _answer(self, event: Event) -> None:
        facts = event.facts
        found = self._truth.find(facts["receipt"], facts["conversation"])
        if facts["initiator"] != self._settings.initiator:
            result = {"ResultCode": 2001, "ResultDesc": "The initiator information is invalid."}
        elif found is None:
            result = {"ResultCode": 2032, "ResultDesc": "The transaction does not exist."}
        else:
            result = self._found(found, facts)
        occasion = {"Key": "Occasion"} | ({"Value": facts["occasion"]} if facts["occasion"] else {})
        body = {
            "ConversationID": facts["conversation_id"],
            "OriginatorConversationID": facts["originator"],
            "ReferenceData": {"ReferenceItem": occasion},
            **result,
            "ResultType": 0,
            "TransactionID": ids.receipt_day(event.due) + "0000000",
        }
        for _ in range(2 if facts["outcome"] == "callback_twice" else 1):
            self._courier.send("status", facts["url"], json.dumps({"Result": body}), JSON)

    def _found(self, receipt: Receipt, facts: dict[str, str]) -> dict[str, Any]:
        name = self._phones.of(receipt.phone).name.upper()
        cents = receipt.amount_cents
        moment = daraja_digits(receipt.at)
        items: list[tuple[str, str | None]] = [
            ("DebitPartyName", f"{receipt.phone.lstrip('+')} - {name}"),
            ("DebitPartyName", f"{self._settings.shortcode} - {self._settings.business_name}"),
            ("OriginatorConversationID", receipt.conversation or facts["originator"]),
            ("InitiatedTime", moment),
            ("DebitAccountType", "MMF Account For Customer"),
            ("DebitPartyCharges", None),
            ("TransactionReason", None),
            ("ReasonType", "Pay Bill Online"),
            ("TransactionStatus", "Completed"),
            ("FinalisedTime", moment),
            ("Amount", str(cents // 100) if cents % 100 == 0 else shillings(cents)),
            ("ConversationID", ids.conversation_id(self._chance, receipt.at)),
            ("ReceiptNo", receipt.receipt),
        ]
        listed = [{"Key": key} | ({} if value is None else {"Value": value}) for key, value in items]
        return {
            "ResultCode": 0,
            "ResultDesc": "The service request is processed successfully.",
            "ResultParameters": {"ResultParameter": listed},
        }
