"""BatchAnchor on a real EVM: who may do what, and in which order."""

from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import ContractCustomError, ContractLogicError
from web3.types import TxReceipt

from contracts import artifact
from tests.ledger.anchoring import Chain

A, B, C = (bytes([number]) * 32 for number in (1, 2, 3))
NONE = bytes(32)


def selector(error: str) -> str:
    return Web3.keccak(text=error)[:4].to_0x_hex()


class Hand:
    """One account's hand on the contract: transactions that are mined, calls that may be refused."""

    def __init__(self, chain: Chain, key: LocalAccount) -> None:
        self.eth = chain.web3.eth
        self.key = key

    def send(self, call: Any) -> TxReceipt:
        nonce = self.eth.get_transaction_count(self.key.address)
        built = call.build_transaction({"from": self.key.address, "nonce": nonce})
        signed = self.key.sign_transaction(built)
        return self.eth.get_transaction_receipt(self.eth.send_raw_transaction(signed.raw_transaction))

    def refused(self, call: Any) -> str:
        """The first four bytes of the error with which the contract refuses."""
        with pytest.raises((ContractCustomError, ContractLogicError)) as refusal:
            call.call({"from": self.key.address})
        return str(refusal.value.data)[:10]


@pytest.fixture
def operator(chain: Chain) -> Hand:
    return Hand(chain, Account.from_key(chain.key))


@pytest.fixture
def guardian(chain: Chain, operator: Hand) -> Hand:
    """Another account, with a little money."""
    key = Account.create()
    nonce = operator.eth.get_transaction_count(operator.key.address)
    gift = {"to": key.address, "value": 10**18, "gas": 21_000, "nonce": nonce, "chainId": operator.eth.chain_id}
    signed = operator.key.sign_transaction({**gift, "maxFeePerGas": 4 * 10**9, "maxPriorityFeePerGas": 10**9})
    operator.eth.send_raw_transaction(signed.raw_transaction)
    return Hand(chain, key)


@pytest.fixture
def anchor(operator: Hand, guardian: Hand) -> Contract:
    compiled = artifact("BatchAnchor")
    bare = operator.eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"])
    address = operator.send(bare.constructor(guardian.key.address))["contractAddress"]
    assert address
    return operator.eth.contract(address, abi=compiled["abi"])


def test_batches_follow_each_other_and_are_told_in_events(anchor: Contract, operator: Hand) -> None:
    do = anchor.functions
    receipts = [operator.send(do.commit(1, A, NONE, 3)), operator.send(do.commit(2, B, A, 10_000))]
    assert (do.lastBatch().call(), do.lastRoot().call()) == (2, B)
    told = [anchor.events.Anchored().process_receipt(receipt)[0]["args"] for receipt in receipts]
    assert [(one["batch"], one["root"], one["previousRoot"], one["count"]) for one in told] == [
        (1, A, NONE, 3),
        (2, B, A, 10_000),
    ]
    assert max(receipt["gasUsed"] for receipt in receipts) <= 60_000


def test_what_is_out_of_order_is_refused(anchor: Contract, operator: Hand) -> None:
    do = anchor.functions
    operator.send(do.commit(1, A, NONE, 1))
    assert operator.refused(do.commit(1, B, A, 1)) == selector("OutOfOrder(uint64)")
    assert operator.refused(do.commit(3, B, A, 1)) == selector("OutOfOrder(uint64)")
    assert operator.refused(do.commit(2, NONE, A, 1)) == selector("EmptyRoot()")
    assert operator.refused(do.commit(2, C, B, 1)) == selector("WrongPreviousRoot(bytes32)")


def test_only_the_operator_anchors_and_only_the_guardian_stops(
    anchor: Contract, operator: Hand, guardian: Hand
) -> None:
    do = anchor.functions
    assert guardian.refused(do.commit(1, A, NONE, 1)) == selector("NotOperator()")
    assert operator.refused(do.setPaused(True)) == selector("NotGuardian()")
    guardian.send(do.setPaused(True))
    assert operator.refused(do.commit(1, A, NONE, 1)) == selector("IsPaused()")
    guardian.send(do.setPaused(False))
    operator.send(do.commit(1, A, NONE, 1))
    assert do.lastBatch().call() == 1
