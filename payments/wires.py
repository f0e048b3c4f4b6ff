"""What the loops of this room need from the wiring: the ledger's wires, Daraja, and where Safaricom may call us."""

from typing import Protocol

import ledger.wires
from payments.daraja.client import Daraja


class Wires(ledger.wires.Wires, Protocol):
    @property
    def daraja(self) -> Daraja: ...

    @property
    def public_url(self) -> str:
        """Without a slash at the end; https in production."""
        ...
