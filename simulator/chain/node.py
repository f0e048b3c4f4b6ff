"""The chain as one machine: a chain of blocks, a pool, and the moves that change them.

Theory of operation. Whatever can be mined is mined at once (`submit`), one block each time. Two things keep a
transaction waiting: a stall, in which nothing is mined, and a reorganisation, which returns the transactions of the
blocks that it dropped to the pool. They are mined with the next block: the next transaction, `evm_mine`, the end of the
stall, or the heartbeat, which looks every few seconds whether something waits.

Every move is one change of the storage, so a restart finds the same blocks with the same hashes, and the same pool.
One lock makes each move and each look whole: py-evm and the storage know no threads.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth_utils import ValidationError

from simulator.chain.evm import GAS_LIMIT, Evm
from simulator.chain.pool import Pool, Underpriced, Waiting
from simulator.chain.storage import Storage


class Refused(ValueError):
    """The node does not take a transaction; the message is worded as the public networks' nodes word it."""


class Node:
    """A chain with its pool. Hold `lock` around every use."""

    def __init__(self, storage: Storage, chain_id: int) -> None:
        """Opens the chain that the storage holds."""
        self.lock = threading.RLock()
        self.chain_id = chain_id
        self.storage = storage
        self.evm = Evm(storage, chain_id)
        self.pool = Pool()
        self.pool.put_back([self.evm.read(raw) for raw in storage.waiting()])
        self.stalled = False
        self.fail_next = 0
        self.snapshots: list[tuple[BlockHeaderAPI, Waiting]] = []

    def submit(self, raw: bytes) -> bytes:
        """Takes a signed transaction and mines it unless stalled; gives its hash. Raises `Refused`."""
        if self.fail_next > 0:
            self.fail_next -= 1
            raise Refused("the node was told to refuse this transaction")
        transaction = self._acceptable(raw)
        with self._move():
            try:
                self.pool.add(transaction)
            except Underpriced:
                raise Refused("replacement transaction underpriced") from None
            if not self.stalled:
                self._mine_ready()
        return transaction.hash

    def mine(self, blocks: int = 1) -> None:
        """Makes this many blocks, empty ones too, even when stalled."""
        for _ in range(blocks):
            with self._move():
                self._mine()

    def beat(self) -> None:
        """Mines what waits, if anything can be mined; the heartbeat's move."""
        if not self.stalled and self.pool.waiting:
            with self._move():
                self._mine_ready()

    def reorganise(self, depth: int) -> list[bytes]:
        """Replaces the newest `depth` blocks by empty ones; gives the hashes of the transactions that wait again."""
        depth = min(depth, self.evm.head.block_number)
        with self._move():
            ancestor = self.evm.head.block_number - depth
            replaced = [self.evm.header(ancestor + step).hash for step in range(1, depth + 1)]
            returned = self.evm.drop_to(ancestor)
            self.pool.put_back(returned)
            for block_hash in replaced:
                self.evm.mine([], at=now(), mark=block_hash)
        return [transaction.hash for transaction in returned]

    def stall(self) -> None:
        """Stops mining until `resume`."""
        self.stalled = True

    def resume(self) -> None:
        """Mines again, at once what waits."""
        self.stalled = False
        self.beat()

    def snapshot(self) -> int:
        """Notes the present state; gives its number, for `revert`."""
        self.snapshots.append((self.evm.head, dict(self.pool.waiting)))
        return len(self.snapshots)

    def revert(self, number: int) -> bool:
        """Goes back to a noted state and forgets all that came later; False when there is no such note."""
        if not 1 <= number <= len(self.snapshots):
            return False
        header, waiting = self.snapshots[number - 1]
        del self.snapshots[number - 1 :]
        if header.block_number > self.evm.head.block_number or self.evm.header(header.block_number) != header:
            return False
        with self._move():
            self.evm.drop_to(header.block_number)
            self.pool.waiting = waiting
        return True

    def _acceptable(self, raw: bytes) -> SignedTransactionAPI:
        try:
            transaction = self.evm.read(raw)
        except ValidationError as problem:
            raise Refused(str(problem)) from None
        if transaction.chain_id not in (None, self.chain_id):
            raise Refused(f"invalid chain id: this chain is {self.chain_id}")
        if self.pool.find(transaction.hash) or self.evm.find(transaction.hash):
            raise Refused("already known")
        if transaction.gas > GAS_LIMIT:
            raise Refused("exceeds block gas limit")
        if transaction.gas < transaction.intrinsic_gas:
            raise Refused("intrinsic gas too low")
        state = self.evm.state(self.evm.head)
        if transaction.nonce < state.get_nonce(transaction.sender):
            raise Refused("nonce too low")
        if state.get_balance(transaction.sender) < transaction.gas * transaction.max_fee_per_gas + transaction.value:
            raise Refused("insufficient funds for gas * price + value")
        return transaction

    def _ready(self) -> list[SignedTransactionAPI]:
        state = self.evm.state(self.evm.head)
        return self.pool.ready(state.get_nonce, self.evm.next_base_fee(), GAS_LIMIT)

    def _mine_ready(self) -> None:
        while self._ready():
            self._mine()

    def _mine(self) -> None:
        _, refused = self.evm.mine(self._ready(), at=now())
        for transaction in refused:
            del self.pool.waiting[transaction.sender, transaction.nonce]
        state = self.evm.state(self.evm.head)
        self.pool.forget(state.get_nonce)

    @contextmanager
    def _move(self) -> Iterator[None]:
        """Blocks and pool change together, on disk and here, or neither does."""
        before = self.pool.waiting
        self.pool.waiting = dict(before)
        try:
            with self.storage.change():
                yield
                self.storage.keep_waiting([one.encode() for one in self.pool.waiting.values()])
        except BaseException:
            self.pool.waiting = before
            raise


def now() -> int:
    """The present in seconds since 1970; a block's time."""
    return int(time.time())
