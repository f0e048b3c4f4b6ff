"""The SMS that phones have received, from the gateway's sender and from M-PESA itself."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from simulator.ground import Ground
from simulator.gsm import segments
from simulator.store import Shelf

MPESA = "MPESA"


@dataclass(frozen=True)
class Sms:
    id: str
    sender: str
    to: str
    text: str
    at: datetime
    segments: int


class Inbox:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "sms", Sms)
        self._chance, self._changes = ground.chance, ground.changes

    def __len__(self) -> int:
        return len(self._shelf)

    def new_id(self) -> str:
        return "ATXid_" + self._chance.text("sms", 32)

    def receive(self, sms_id: str, sender: str, to: str, text: str, at: datetime) -> Sms:
        sms = self._shelf.put(sms_id, Sms(sms_id, sender, to, text, at, segments(text)))
        self._changes.tell(to)
        return sms

    def of(self, phone: str | None) -> list[dict[str, Any]]:
        """Oldest first; everybody's when `phone` is None. `from` tells the gateway's from M-PESA's."""
        return [_as_json(sms) for sms in self._shelf if phone in (None, sms.to)]

    def clear(self) -> None:
        self._shelf.clear()


def _as_json(sms: Sms) -> dict[str, Any]:
    body = asdict(sms)
    return {"from": body.pop("sender")} | body | {"at": sms.at.isoformat()}
