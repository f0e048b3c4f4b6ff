"""How blocks, transactions, receipts and logs look in JSON-RPC: quantities and data as 0x-prefixed hexadecimal."""

from typing import Any, cast

import rlp
from eth.abc import BlockAPI, BlockHeaderAPI, LogAPI, ReceiptAPI, SignedTransactionAPI
from eth_utils import keccak, to_checksum_address

Json = dict[str, Any]


def data(value: bytes | None) -> str:
    """Bytes, every digit kept."""
    return "0x" + (value or b"").hex()


def quantity(value: int | None) -> str:
    """A number without leading zeros."""
    return hex(value or 0)


def word(value: int) -> str:
    """A number as the 32 bytes in which the EVM holds it."""
    return data(value.to_bytes(32, "big"))


def block_shape(block: BlockAPI, *, whole: bool) -> Json:
    """A block, its transactions whole or as hashes."""
    header = block.header
    hashes = [data(transaction.hash) for transaction in block.transactions]
    shapes = (
        [transaction_shape(one, header, place) for place, one in enumerate(block.transactions)] if whole else hashes
    )
    return {
        "number": quantity(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "timestamp": quantity(header.timestamp),
        "transactions": shapes,
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "baseFeePerGas": quantity(header.base_fee_per_gas),
        "stateRoot": data(header.state_root),
        "transactionsRoot": data(header.transaction_root),
        "receiptsRoot": data(header.receipt_root),
        "logsBloom": bloom(header.bloom),
        "extraData": data(header.extra_data),
        "miner": to_checksum_address(header.coinbase),
        "mixHash": data(header.mix_hash),
        "nonce": data(header.nonce),
        "difficulty": quantity(header.difficulty),
        "sha3Uncles": data(header.uncles_hash),
        "uncles": [],
        "withdrawals": [],
        "withdrawalsRoot": data(header.withdrawals_root),
        "blobGasUsed": quantity(header.blob_gas_used),
        "excessBlobGas": quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root),
        "size": quantity(len(rlp.encode(block))),
    }


def transaction_shape(one: SignedTransactionAPI, header: BlockHeaderAPI | None, place: int | None) -> Json:
    """A transaction; `header` and `place` are None while it waits."""
    kind = kind_of(one)
    shape: Json = {
        "hash": data(one.hash),
        "type": quantity(kind),
        "nonce": quantity(one.nonce),
        "from": to_checksum_address(one.sender),
        "to": to_checksum_address(one.to) if one.to else None,
        "value": quantity(one.value),
        "gas": quantity(one.gas),
        "input": data(one.data),
        "gasPrice": quantity(price_paid(one, header)),
        "blockHash": data(header.hash) if header else None,
        "blockNumber": quantity(header.block_number) if header else None,
        "transactionIndex": quantity(place) if place is not None else None,
        "r": quantity(one.r),
        "s": quantity(one.s),
    }
    if kind == 0:
        return shape | {"v": quantity(cast(Any, one).v)}
    shape |= {
        "v": quantity(one.y_parity),
        "yParity": quantity(one.y_parity),
        "chainId": quantity(one.chain_id),
        "accessList": [],
    }
    if kind == 1:
        return shape
    fees = {
        "maxFeePerGas": quantity(one.max_fee_per_gas),
        "maxPriorityFeePerGas": quantity(one.max_priority_fee_per_gas),
    }
    return shape | fees


def receipt_shape(block: BlockAPI, receipts: tuple[ReceiptAPI, ...], place: int) -> Json:
    """What came of one transaction of a block."""
    one, receipt = block.transactions[place], receipts[place]
    gas_before = receipts[place - 1].gas_used if place else 0
    return {
        "transactionHash": data(one.hash),
        "transactionIndex": quantity(place),
        "blockHash": data(block.hash),
        "blockNumber": quantity(block.number),
        "from": to_checksum_address(one.sender),
        "to": to_checksum_address(one.to) if one.to else None,
        "contractAddress": None if one.to else created_address(one),
        "status": quantity(1 if receipt.state_root == b"\x01" else 0),
        "type": quantity(kind_of(one)),
        "gasUsed": quantity(receipt.gas_used - gas_before),
        "cumulativeGasUsed": quantity(receipt.gas_used),
        "effectiveGasPrice": quantity(price_paid(one, block.header)),
        "logsBloom": bloom(receipt.bloom),
        "logs": log_shapes(block, receipts, place),
    }


def log_shapes(block: BlockAPI, receipts: tuple[ReceiptAPI, ...], place: int) -> list[Json]:
    """The events of one transaction of a block."""
    before = sum(len(earlier.logs) for earlier in receipts[:place])
    return [log_shape(block, place, before + index, log) for index, log in enumerate(receipts[place].logs)]


def log_shape(block: BlockAPI, place: int, index: int, log: LogAPI) -> Json:
    """An event; `index` is its place among all events of the block."""
    return {
        "address": to_checksum_address(log.address),
        "topics": [word(topic) for topic in log.topics],
        "data": data(log.data),
        "blockHash": data(block.hash),
        "blockNumber": quantity(block.number),
        "blockTimestamp": quantity(block.header.timestamp),
        "transactionHash": data(block.transactions[place].hash),
        "transactionIndex": quantity(place),
        "logIndex": quantity(index),
        "removed": False,
    }


def bloom(value: int) -> str:
    """A bloom filter as its 256 bytes."""
    return data(value.to_bytes(256, "big"))


def kind_of(one: SignedTransactionAPI) -> int:
    """The number of the transaction's type; 0 for the oldest, which carries none."""
    return getattr(one, "type_id", None) or 0


def price_paid(one: SignedTransactionAPI, header: BlockHeaderAPI | None) -> int:
    """Wei per gas: what was paid in this block, or what is offered at most."""
    if header is None:
        return one.max_fee_per_gas
    base_fee = header.base_fee_per_gas or 0
    return base_fee + min(one.max_priority_fee_per_gas, one.max_fee_per_gas - base_fee)


def created_address(one: SignedTransactionAPI) -> str:
    """The address of the contract that a transaction made: decided by its sender and nonce."""
    return to_checksum_address(keccak(rlp.encode([one.sender, one.nonce]))[12:])
