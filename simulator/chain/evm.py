"""Blocks, execution and state: py-evm's Prague rules on our storage.

Which block is the head is py-evm's own note in the storage. To drop blocks it is enough to point that note at an
earlier block: the next block made there scores higher than it and takes its place in the canonical chain.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

from eth.abc import BlockAPI, BlockHeaderAPI, ComputationAPI, ReceiptAPI, SignedTransactionAPI, StateAPI
from eth.chains.base import Chain
from eth.constants import CREATE_CONTRACT_ADDRESS, POST_MERGE_DIFFICULTY, POST_MERGE_MIX_HASH, POST_MERGE_NONCE
from eth.db.atomic import AtomicDB
from eth.db.schema import SchemaV1
from eth.estimators.gas import binary_gas_search_1000_tolerance
from eth.exceptions import CanonicalHeadNotFound, TransactionNotFound
from eth.typing import AccountDetails, AccountState, HeaderParams
from eth.vm.forks.prague import PragueVM
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address, BlockNumber, Hash32
from eth_utils import ValidationError, to_canonical_address

from simulator.chain.accounts import BALANCE_WEI, accounts
from simulator.chain.storage import Storage

GENESIS_TIME = 1_767_225_600  # 2026-01-01T00:00:00Z; fixed, so that the genesis block has the same hash everywhere
GAS_LIMIT = 30_000_000  # what the public networks had when batch sizes were measured

CHAIN_ID_KEY = b"pesachama:chain-id"


class WrongChain(RuntimeError):
    """The file holds a chain with another chain id."""


class Evm:
    """The chain of blocks and the state after each."""

    def __init__(self, storage: Storage, chain_id: int) -> None:
        """Opens the chain in the storage; an empty storage gets the genesis block. Raises `WrongChain`."""
        self.storage = storage
        kind = Chain.configure(
            "PesaChamaChain",
            chain_id=chain_id,
            vm_configuration=((0, PragueVM),),
            gas_estimator=staticmethod(binary_gas_search_1000_tolerance),
        )
        database = AtomicDB(storage)
        self.chain = kind(database)
        try:
            self.chain.get_canonical_head()
        except CanonicalHeadNotFound:
            with storage.change():
                kind.from_genesis(database, genesis_parameters(), genesis_state())
                storage[CHAIN_ID_KEY] = str(chain_id).encode()
        if storage[CHAIN_ID_KEY] != str(chain_id).encode():
            raise WrongChain(f"this data directory holds the chain {storage[CHAIN_ID_KEY].decode()}, not {chain_id}")

    @property
    def head(self) -> BlockHeaderAPI:
        """The header of the newest block."""
        return self.chain.get_canonical_head()

    def header(self, number: int) -> BlockHeaderAPI:
        """The header of the canonical block at this height, which must not be above the head."""
        return self.chain.get_canonical_block_header_by_number(BlockNumber(number))

    def block(self, header: BlockHeaderAPI) -> BlockAPI:
        """The whole block of this header."""
        return self.chain.get_block_by_header(header)

    def receipts(self, header: BlockHeaderAPI) -> tuple[ReceiptAPI, ...]:
        """What came of the block's transactions, in their order."""
        return self.chain.chaindb.get_receipts(header, PragueVM.get_receipt_builder())

    def find(self, transaction_hash: bytes) -> tuple[BlockHeaderAPI, int] | None:
        """Where a transaction was mined: the block's header and the place in it; None when it is in no block."""
        try:
            number, place = self.chain.get_canonical_transaction_index(Hash32(transaction_hash))
        except TransactionNotFound:
            return None
        return self.header(number), place

    def read(self, raw: bytes) -> SignedTransactionAPI:
        """A signed transaction from its bytes, its signature checked. Raises ValidationError."""
        try:
            transaction = PragueVM.get_transaction_builder().decode(raw)
        except Exception as problem:  # the decoders of its parts raise whatever they like
            raise ValidationError(f"not a transaction: {problem}") from problem
        transaction.validate()
        return transaction

    def state(self, header: BlockHeaderAPI) -> StateAPI:
        """The accounts as this block left them."""
        return self.chain.get_vm(header).state

    def next_base_fee(self) -> int:
        """The base fee of the block after the head, in wei."""
        return self.chain.create_header_from_parent(self.head, gas_limit=GAS_LIMIT).base_fee_per_gas or 0

    def mine(
        self, transactions: Iterable[SignedTransactionAPI], *, at: int, mark: bytes = b""
    ) -> tuple[BlockHeaderAPI, list[SignedTransactionAPI]]:
        """Makes one block of these transactions on top of the head; the block's time is `at` or later.

        Gives the new head and the transactions that could not be executed, which are in no block. `mark` stands in the
        block's extra data, so that two blocks with the same content still have different hashes.
        """
        parent = self.head
        time = max(at, parent.timestamp + 1)
        header = self.chain.create_header_from_parent(parent, timestamp=time, gas_limit=GAS_LIMIT, extra_data=mark)
        vm = self.chain.get_vm(header)
        mined, receipts, refused = [], [], []
        for transaction in transactions:
            try:
                receipt, _ = vm.apply_transaction(header, transaction)
            except ValidationError:
                refused.append(transaction)
                continue
            header = vm.add_receipt_to_header(header, receipt)
            mined.append(transaction)
            receipts.append(receipt)
        draft = vm.set_block_transactions_and_withdrawals(vm.get_block(), header, mined, receipts)
        block = vm.mine_block(draft).block
        self.chain.persist_block(block)
        return block.header, refused

    def drop_to(self, number: int) -> list[SignedTransactionAPI]:
        """Makes the block at this height the head again; gives the transactions of the dropped blocks."""
        dropped: list[SignedTransactionAPI] = []
        for height in range(number + 1, self.head.block_number + 1):
            dropped += self.block(self.header(height)).transactions
        for transaction in dropped:
            self.storage.delete(SchemaV1.make_transaction_hash_to_block_lookup_key(transaction.hash))
        self.storage[SchemaV1.make_canonical_head_hash_lookup_key()] = self.header(number).hash
        return dropped

    @contextmanager
    def trial(
        self, header: BlockHeaderAPI, *, sender: Address, to: Address | None, value: int, gas: int, data: bytes
    ) -> Iterator[tuple[StateAPI, SignedTransactionAPI]]:
        """A transaction that nobody signed, and a state to try it on that costs no fee and is forgotten afterwards."""
        vm = self.chain.get_vm(header)
        with vm.in_costless_state() as state:
            unsigned = vm.create_unsigned_transaction(
                nonce=state.get_nonce(sender),
                gas_price=0,
                gas=gas,
                to=CREATE_CONTRACT_ADDRESS if to is None else to,
                value=value,
                data=data,
            )
            yield state, cast(SignedTransactionAPI, SpoofTransaction(unsigned, from_=sender))

    def call(self, state: StateAPI, transaction: SignedTransactionAPI) -> ComputationAPI:
        """Executes a trial."""
        return state.apply_transaction(transaction)

    def estimate(self, state: StateAPI, transaction: SignedTransactionAPI) -> int:
        """The gas that a trial needs, to the next thousand. Raises VMError when it fails with any gas."""
        return self.chain.gas_estimator(state, transaction)


def genesis_parameters() -> dict[str, HeaderParams]:
    """The fields of the genesis block's header."""
    return {
        "difficulty": POST_MERGE_DIFFICULTY,
        "mix_hash": POST_MERGE_MIX_HASH,
        "nonce": POST_MERGE_NONCE,
        "gas_limit": GAS_LIMIT,
        "timestamp": GENESIS_TIME,
        "extra_data": b"PesaChama",
    }


def genesis_state() -> AccountState:
    """The funded accounts."""
    funded: AccountDetails = {"balance": BALANCE_WEI, "nonce": 0, "code": b"", "storage": {}}
    return {to_canonical_address(account.address): funded for account in accounts()}
