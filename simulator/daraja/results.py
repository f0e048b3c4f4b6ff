"""`{"Result": ...}`: how B2C, status, balance, reversal and B2B tell how it ended, and who posts it when.

The oddities are Daraja's: a TransactionID on failures too (a generic one or one that looks real), ReferenceItem as an
object or a list, numbers with two decimals, codes that are words.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.chance import CAPITALS_AND_DIGITS
from simulator.daraja import ids
from simulator.daraja.callbacks import shillings
from simulator.daraja.confirmations import JSON
from simulator.ground import Ground
from simulator.timetable import Event

SAYS = {
    "0": "The service request is processed successfully.",
    "1": "The balance is insufficient for the transaction.",
    "2": "Declined due to limit rule: less than the minimum transaction amount.",
    "3": "Declined due to limit rule: greater than the maximum transaction amount.",
    "8": "Declined due to limit rule: would exceed the maximum balance.",
    "11": "The DebitParty is in an invalid state.",
    "12": "The CreditParty is in an invalid state.",
    "21": "The initiator is not allowed to initiate this request.",
    "2001": "The initiator information is invalid.",
    "2032": "The transaction does not exist.",
    "2040": "Credit Party customer type (Unregistered or Registered Customer) can't be supported by the service.",
    "8006": "The security credential is locked.",
    "R000001": "The transaction has already been reversed.",
    "R000002": "The OriginalTransactionID is invalid.",
    "SFC_IC0003": "The operator does not exist.",
}
QUEUE_URL = "https://internalsandbox.safaricom.co.ke/mpesa/{}results/v1/submit"
# json cannot print 500.00 as a number, and real bodies do: marked texts are unwrapped after printing.
_MARK = "\x00"
_MARKED = re.compile(r'"\\u0000([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """`code` 0 is success. An empty `transaction` is made up; `parameters` in the order of the wire, doubles too.

    `alone` sends a single parameter as an object instead of a list.
    """

    code: str
    parameters: tuple[tuple[str, Any], ...] = ()
    transaction: str = ""
    reference: tuple[tuple[str, str | None], ...] = ()
    code_as_text: bool = False
    alone: bool = False


Answerer = Callable[[dict[str, str], datetime], Answer]


def number(cents: int) -> str:
    """A value that is printed as the number 500.00."""
    return _MARK + shillings(cents)


def printed(body: Any) -> str:
    return _MARKED.sub(r"\1", json.dumps(body, separators=(",", ":")))


def items(pairs: tuple[tuple[str, Any], ...]) -> list[dict[str, Any]]:
    """`Key` and `Value`; a value of None leaves the item without one."""
    return [{"Key": key} | ({} if value is None else {"Value": value}) for key, value in pairs]


class Results:
    """Posts answers when they are due, from what is true at that moment."""

    def __init__(self, ground: Ground) -> None:
        self._courier, self._chance = ground.courier, ground.chance
        self._answerers: dict[str, Answerer] = {}
        ground.timetable.on("command.answers", self._answer)
        ground.timetable.on("command.echo", self._echo)

    def on(self, api: str, answerer: Answerer) -> None:
        self._answerers[api] = answerer

    def post(self, api: str, facts: dict[str, str], answer: Answer, at: datetime, *, lane: str | None = None) -> None:
        """`facts` has url, originator, conversation_id and outcome."""
        text = printed({"Result": self._result(facts, answer, at)})
        twice = facts.get("outcome") == "callback_twice"
        for _ in range(2 if twice else 1):
            self._courier.send(api, facts["url"], text, JSON, lane=None if twice else lane)

    def _answer(self, event: Event) -> None:
        facts = event.facts
        refused = facts["verdict"]
        answer = Answer(refused) if refused != "0" else self._answerers[facts["api"]](facts, event.due)
        if facts["outcome"] not in ("pays_silently", "vanishes"):
            self.post(facts["api"], facts, answer, event.due)

    def _echo(self, event: Event) -> None:
        """The request as it was sent, flat, its SecurityCredential in it."""
        self._courier.send(event.facts["api"], event.facts["url"], event.facts["body"], JSON)

    def _result(self, facts: dict[str, str], answer: Answer, at: datetime) -> dict[str, Any]:
        code: object = int(answer.code) if answer.code.isdigit() and not answer.code_as_text else answer.code
        kind: object = "0" if answer.code_as_text else 0
        listed: Any = items(answer.parameters)[0] if answer.alone else items(answer.parameters)
        parameters = {"ResultParameters": {"ResultParameter": listed}} if listed else {}
        reference: Any = items(answer.reference)
        if len(reference) == 1 and self._chance.of("reference item").random() < 0.75:
            reference = reference[0]
        return {
            "ResultType": kind,
            "ResultCode": code,
            "ResultDesc": SAYS[answer.code],
            "OriginatorConversationID": facts["originator"],
            "ConversationID": facts["conversation_id"],
            "TransactionID": answer.transaction or self._made_up(at),
            **parameters,
            **({"ReferenceData": {"ReferenceItem": reference}} if reference else {}),
        }

    def _made_up(self, at: datetime) -> str:
        """Neither unique nor a receipt."""
        source = self._chance.of("no transaction")
        looks_real = source.random() < 0.5
        return ids.receipt_day(at) + ("".join(source.choices(CAPITALS_AND_DIGITS, k=7)) if looks_real else "0" * 7)
