"""What the loops of this room need from the wiring: the ledger's wires, Daraja, and where Safaricom may call us."""

from contextlib import AbstractContextManager
from typing import Protocol

import ledger.wires
from ledger.wires import Connection
from payments.charges import Bands
from payments.daraja.client import Daraja
from payments.payers import Payers
from payments.strongbox import Strongbox


class Wires(ledger.wires.Wires, Protocol):
    @property
    def daraja(self) -> Daraja: ...

    @property
    def strongbox(self) -> Strongbox:
        """Opens the credentials of further shortcodes; without a key it opens none."""
        ...

    def at_once(self) -> AbstractContextManager[Connection]:
        """For one statement that is a transaction by itself; it calls a function that asks for no context."""
        ...

    @property
    def paybill_secret(self) -> str:
        """What stands in the path of a paybill's notices, which we registered: it proves them Safaricom's."""
        ...

    @property
    def payers(self) -> Payers:
        """Knows payers again without their numbers."""
        ...

    @property
    def payout_bands(self) -> Bands:
        """What a payout costs: (up to and including so many shillings, cents)."""
        ...

    @property
    def banking_bands(self) -> Bands | None:
        """What a transfer to a bank costs; None where the operator offers none."""
        ...

    @property
    def public_url(self) -> str:
        """Without a slash at the end; https in production."""
        ...
