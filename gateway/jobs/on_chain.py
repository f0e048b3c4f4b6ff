"""The two loops that speak to the chain. What they speak with takes as long to import as all the rest of the worker.

So it is imported by their first turn, in their own threads, while the others send, read and book already. Who has no
chain never imports it. The settings were looked at before (gateway/soundness.py).
"""

from collections.abc import Callable
from functools import cached_property, partial

from gateway.wiring import Wiring


class OnChain:
    """Commits what is sealed, and reads back what the contract says."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring

    def commit(self) -> int:
        """Sends what is due; returns how many transactions moved."""
        return self._committing()

    def read(self) -> int:
        """Reads on from the cursor; returns how many events came or went."""
        return self._reading()

    @cached_property
    def _committing(self) -> Callable[[], int]:
        from ledger import chain  # noqa: PLC0415

        anchor = chain.Anchor(self.wiring.settings.chain_rpc_url, self.wiring.settings.chain_operator_key)
        return partial(anchor.commit_due, self.wiring)

    @cached_property
    def _reading(self) -> Callable[[], int]:
        from ledger import chain, sync  # noqa: PLC0415

        return partial(sync.read, self.wiring, chain.connect(self.wiring.settings.chain_rpc_url))
