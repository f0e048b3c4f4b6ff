"""What JSON-RPC offers, by name. Each method takes the node and the request's parameters and gives the result's shape.

Failures are `RpcError` with the codes and words of the public networks' nodes, as clients look for them.
"""

from collections.abc import Callable
from typing import Any

from eth.abc import BlockHeaderAPI, ComputationAPI
from eth.exceptions import HeaderNotFound, Revert, VMError
from eth_typing import Address, Hash32
from eth_utils import ValidationError, decode_hex, to_canonical_address

from simulator.chain.evm import GAS_LIMIT
from simulator.chain.logs import matching_logs
from simulator.chain.node import Node, Refused
from simulator.chain.shapes import Json, block_shape, data, quantity, receipt_shape, transaction_shape, word

TIP_WEI = 10**9  # what we suggest as priority fee; blocks are never full here, so any would do
# There is no other node to agree with, so nothing is more final than the newest block.
NEWEST = {None, "latest", "pending", "safe", "finalized"}

Method = Callable[..., Any]


class RpcError(Exception):
    """A failure that the client sees: `code`, the message, and maybe data."""

    def __init__(self, code: int, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.detail = code, message, detail


def answer(node: Node, method: str, parameters: list[Any]) -> Any:
    """Runs one request and gives its result. Raises `RpcError`."""
    found = METHODS.get(method)
    if found is None:
        raise RpcError(-32601, f"the method {method} does not exist")
    try:
        with node.lock:
            return found(node, *parameters)
    except Refused as refusal:
        raise RpcError(-32000, str(refusal)) from refusal
    except (TypeError, ValueError, KeyError) as problem:
        raise RpcError(-32602, f"invalid parameters: {problem}") from problem


def number(value: str | int) -> int:
    """A quantity as clients send it: hexadecimal, or a plain number."""
    return value if isinstance(value, int) else int(value, 16)


def header_at(node: Node, block: Any = None) -> BlockHeaderAPI | None:
    """The header that a block parameter means: a word, a number or a hash; None when there is no such block."""
    evm = node.evm
    if block in NEWEST:
        return evm.head
    if block == "earliest":
        return evm.header(0)
    if isinstance(block, str) and len(block) == 66:
        try:
            return evm.chain.get_block_header_by_hash(Hash32(decode_hex(block)))
        except HeaderNotFound:
            return None
    height = number(block)
    return evm.header(height) if height <= evm.head.block_number else None


def state_at(node: Node, block: Any = None) -> Any:
    """The accounts as a block left them. Raises `RpcError` when there is no such block."""
    header = header_at(node, block)
    if header is None:
        raise RpcError(-32000, "header not found")
    return node.evm.state(header)


def block_at(node: Node, block: Any, whole: bool = False) -> Json | None:
    """A block by word, number or hash."""
    header = header_at(node, block)
    return block_shape(node.evm.block(header), whole=whole) if header else None


def transaction(node: Node, transaction_hash: str) -> Json | None:
    """A transaction, mined or waiting."""
    wanted = decode_hex(transaction_hash)
    if place := node.evm.find(wanted):
        header, index = place
        return transaction_shape(node.evm.block(header).transactions[index], header, index)
    waits = node.pool.find(wanted)
    return transaction_shape(waits, None, None) if waits else None


def receipt(node: Node, transaction_hash: str) -> Json | None:
    """What came of a mined transaction."""
    place = node.evm.find(decode_hex(transaction_hash))
    if place is None:
        return None
    header, index = place
    return receipt_shape(node.evm.block(header), node.evm.receipts(header), index)


def transaction_count(node: Node, address: str, block: Any = None) -> str:
    """The next nonce of an address; with "pending" those that wait count too."""
    sender = to_canonical_address(address)
    mined = state_at(node, block).get_nonce(sender)
    return hex(node.pool.next_nonce(sender, mined) if block == "pending" else mined)


def trial_of(request: Json) -> dict[str, Any]:
    """The parts of an unsigned transaction as a client sends them."""
    to, payload = request.get("to"), request.get("input") or request.get("data") or "0x"
    return {
        "sender": Address(to_canonical_address(request.get("from") or "0x" + "00" * 20)),
        "to": Address(to_canonical_address(to)) if to else None,
        "value": number(request.get("value") or 0),
        "gas": min(number(request.get("gas") or GAS_LIMIT), GAS_LIMIT),
        "data": decode_hex(payload),
    }


def failure(error: Exception) -> RpcError:
    """An execution's failure in the words that clients know."""
    if isinstance(error, Revert):
        return RpcError(3, "execution reverted", data(error.args[0] if error.args else b""))
    return RpcError(-32000, f"{type(error).__name__}: {error}")


def call(node: Node, request: Json, block: Any = None, *_: Any) -> str:
    """Executes without a trace and gives what was returned."""
    header = header_at(node, block)
    if header is None:
        raise RpcError(-32000, "header not found")
    with node.evm.trial(header, **trial_of(request)) as (state, unsigned):
        computation: ComputationAPI = node.evm.call(state, unsigned)
        if computation.is_error:
            raise failure(computation.error)
        return data(computation.output)


def estimate(node: Node, request: Json, block: Any = None, *_: Any) -> str:
    """The gas that a transaction would need."""
    with node.evm.trial(header_at(node, block) or node.evm.head, **trial_of(request)) as (state, unsigned):
        try:
            return hex(node.evm.estimate(state, unsigned))
        except VMError as error:
            raise failure(error) from error
        except ValidationError as error:
            raise RpcError(-32000, str(error)) from error


def fee_history(node: Node, count: str | int, newest: Any, percentiles: list[float] | None = None) -> Json:
    """Base fees of past blocks and of the next one; the tips are what we suggest."""
    last = header_at(node, newest) or node.evm.head
    first = max(0, last.block_number - number(count) + 1)
    headers = [node.evm.header(height) for height in range(first, last.block_number + 1)]
    after = node.evm.next_base_fee()
    if last != node.evm.head:
        after = node.evm.header(last.block_number + 1).base_fee_per_gas or 0
    fees = [*(header.base_fee_per_gas for header in headers), after]
    history: Json = {
        "oldestBlock": hex(headers[0].block_number),
        "baseFeePerGas": [quantity(fee) for fee in fees],
        "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
    }
    if percentiles is not None:
        history["reward"] = [[hex(TIP_WEI)] * len(percentiles) for _ in headers]
    return history


def stored(node: Node, address: str, slot: str | int, block: Any = None) -> str:
    """One word of a contract's storage."""
    return word(state_at(node, block).get_storage(to_canonical_address(address), number(slot)))


def nothing(move: Callable[..., object]) -> Method:
    """A move whose own result no client wants: answers true."""

    def run(node: Node, *parameters: Any) -> bool:
        move(node, *parameters)
        return True

    return run


def fail_next(node: Node, times: str | int = 1) -> None:
    """The next transactions sent are refused."""
    node.fail_next = number(times)


METHODS: dict[str, Method] = {
    "web3_clientVersion": lambda _node: "PesaChama/chain/py-evm-prague",
    "net_version": lambda node: str(node.chain_id),
    "eth_chainId": lambda node: hex(node.chain_id),
    "eth_syncing": lambda _node: False,
    "eth_blockNumber": lambda node: hex(node.evm.head.block_number),
    "eth_getBlockByNumber": block_at,
    "eth_getBlockByHash": block_at,
    "eth_getTransactionByHash": transaction,
    "eth_getTransactionReceipt": receipt,
    "eth_getTransactionCount": transaction_count,
    "eth_getBalance": lambda node, who, at=None: hex(state_at(node, at).get_balance(to_canonical_address(who))),
    "eth_getCode": lambda node, who, at=None: data(state_at(node, at).get_code(to_canonical_address(who))),
    "eth_getStorageAt": stored,
    "eth_getLogs": lambda node, wanted: matching_logs(node.evm, wanted, lambda block: header_at(node, block)),
    "eth_call": call,
    "eth_estimateGas": estimate,
    "eth_gasPrice": lambda node: hex(node.evm.next_base_fee() + TIP_WEI),
    "eth_maxPriorityFeePerGas": lambda _node: hex(TIP_WEI),
    "eth_feeHistory": fee_history,
    "eth_sendRawTransaction": lambda node, raw: data(node.submit(decode_hex(raw))),
    "evm_mine": nothing(lambda node, *_: node.mine()),
    "evm_snapshot": lambda node: hex(node.snapshot()),
    "evm_revert": lambda node, snapshot: node.revert(number(snapshot)),
    "pesachama_reorg": lambda node, depth=1: [data(one) for one in node.reorganise(number(depth))],
    "pesachama_stall": nothing(Node.stall),
    "pesachama_resume": nothing(Node.resume),
    "pesachama_failNext": nothing(fail_next),
}
