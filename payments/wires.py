"""What the loops of this room need from the wiring: the ledger's wires, Daraja, and where Safaricom may call us."""

from contextlib import AbstractContextManager
from typing import Literal, Protocol

import ledger.wires
from ledger.wires import Connection
from payments.daraja.client import Daraja


class Wires(ledger.wires.Wires, Protocol):
    @property
    def daraja(self) -> Daraja: ...

    def at_the_door(self, kind: Literal["token"], shown: str) -> AbstractContextManager[Connection]:
        """A transaction for a callback by the SHA-256 of its token (hex), in a process that knows nobody yet too."""
        ...

    @property
    def public_url(self) -> str:
        """Without a slash at the end; https in production."""
        ...
