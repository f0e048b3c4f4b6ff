"""The two loops that speak to the chain. What they speak with takes as long to import as all the rest of the worker.

So it is imported by their first turn, in their own threads, while the others send, read and book already. Who has no
chain never imports it. The settings were looked at before (gateway/soundness.py).
"""

from functools import cached_property
from typing import TYPE_CHECKING

from gateway.wiring import Wiring

if TYPE_CHECKING:
    from web3 import Web3

    from ledger.chain import Anchor


class OnChain:
    """Commits what is sealed, and reads back what the contract says."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring

    def commit(self) -> int:
        """Sends what is due; returns how many batches it took in hand."""
        return self._anchor.commit_due(self.wiring)

    def read(self) -> int:
        """Reads on from the cursor; returns how many events it read."""
        from ledger import sync  # noqa: PLC0415

        return sync.read(self.wiring, self._web3)

    @cached_property
    def _anchor(self) -> "Anchor":
        from ledger import chain  # noqa: PLC0415

        return chain.Anchor(self.wiring.settings.chain_rpc_url, self.wiring.settings.chain_operator_key)

    @cached_property
    def _web3(self) -> "Web3":
        from ledger import chain  # noqa: PLC0415

        return chain.connect(self.wiring.settings.chain_rpc_url)
