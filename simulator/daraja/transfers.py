"""Transfers to other businesses that the core has come to, by the ids that their acknowledgement had."""

from dataclasses import dataclass
from datetime import datetime

from simulator.ground import Ground
from simulator.store import Shelf


@dataclass(frozen=True)
class Transfer:
    """One request that the core has come to. `originator` is Daraja's own id of it; no receipt unless `code` is 0."""

    originator: str
    conversation_id: str
    to: str
    account: str
    amount_cents: int
    code: str
    receipt: str
    asked_at: datetime


class Transfers:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "transfers", Transfer)
        self._by_conversation = {each.conversation_id: each.originator for each in self._shelf}

    def find(self, known: str) -> Transfer | None:
        """By either of the ids of the acknowledgement."""
        return self._shelf.get(self._by_conversation.get(known, known))

    def keep(self, transfer: Transfer) -> None:
        self._shelf.put(transfer.originator, transfer)
        self._by_conversation[transfer.conversation_id] = transfer.originator

    def clear(self) -> None:
        self._shelf.clear()
        self._by_conversation.clear()
