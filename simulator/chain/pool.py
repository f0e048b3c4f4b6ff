"""Transactions that wait to be mined: at most one per sender and nonce, the better paid one replaces the other."""

from collections.abc import Callable

from eth.abc import SignedTransactionAPI
from eth_typing import Address

# A replacement must pay a tenth more in both fees, the rule of the public networks' nodes.
REPLACEMENT_PERCENT = 110


Waiting = dict[tuple[Address, int], SignedTransactionAPI]


class Underpriced(ValueError):
    """A transaction with this sender and nonce waits already, and the new one does not pay enough more."""


class Pool:
    """The waiting transactions in the order in which they came."""

    def __init__(self) -> None:
        """An empty pool."""
        self.waiting: Waiting = {}

    def add(self, transaction: SignedTransactionAPI) -> None:
        """Puts one in, maybe instead of another. Raises `Underpriced`."""
        key = (transaction.sender, transaction.nonce)
        other = self.waiting.get(key)
        if other and not pays_enough_more(transaction, other):
            raise Underpriced
        self.waiting[key] = transaction

    def put_back(self, transactions: list[SignedTransactionAPI]) -> None:
        """Puts those of dropped blocks in front; what waits under the same nonce gives way."""
        returned = {(transaction.sender, transaction.nonce): transaction for transaction in transactions}
        self.waiting = returned | {key: other for key, other in self.waiting.items() if key not in returned}

    def find(self, transaction_hash: bytes) -> SignedTransactionAPI | None:
        """The waiting transaction with this hash."""
        return next((one for one in self.waiting.values() if one.hash == transaction_hash), None)

    def next_nonce(self, sender: Address, mined: int) -> int:
        """The sender's next free nonce, given how many of theirs are mined: up to the first gap."""
        nonce = mined
        while (sender, nonce) in self.waiting:
            nonce += 1
        return nonce

    def ready(self, nonce_of: Callable[[Address], int], base_fee: int, gas_limit: int) -> list[SignedTransactionAPI]:
        """Those that the next block can hold: no gap before them, fee high enough, in order of arrival per sender."""
        ready: list[SignedTransactionAPI] = []
        gas = 0
        for sender in dict.fromkeys(sender for sender, _ in self.waiting):
            nonce = nonce_of(sender)
            while one := self.waiting.get((sender, nonce)):
                if one.max_fee_per_gas < base_fee or gas + one.gas > gas_limit:
                    break
                ready.append(one)
                gas += one.gas
                nonce += 1
        return ready

    def forget(self, nonce_of: Callable[[Address], int]) -> None:
        """Drops those whose nonce is used up."""
        self.waiting = {key: one for key, one in self.waiting.items() if key[1] >= nonce_of(key[0])}


def pays_enough_more(new: SignedTransactionAPI, old: SignedTransactionAPI) -> bool:
    """Whether the new one may replace the old one."""
    return all(
        getattr(new, fee) * 100 >= getattr(old, fee) * REPLACEMENT_PERCENT
        for fee in ("max_fee_per_gas", "max_priority_fee_per_gas")
    )
