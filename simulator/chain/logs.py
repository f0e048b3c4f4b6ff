"""Finding events: `eth_getLogs`."""

from collections.abc import Callable, Iterator
from typing import Any

from eth.abc import BlockHeaderAPI

from simulator.chain.evm import Evm
from simulator.chain.shapes import Json, log_shapes

FindHeader = Callable[[Any], BlockHeaderAPI | None]


def matching_logs(evm: Evm, wanted: Json, header_at: FindHeader) -> list[Json]:
    """The events that a filter wants, in the order of the chain.

    The filter names one block by `blockHash`, or `fromBlock` and `toBlock`, both included; `address` and each of
    `topics` may be one value, a list of alternatives, or missing.
    """
    addresses = {address.lower() for address in alternatives(wanted.get("address"))}
    topics = [{topic.lower() for topic in alternatives(choice)} for choice in wanted.get("topics") or []]
    return [
        log
        for header in headers(evm, wanted, header_at)
        for log in logs_of(evm, header)
        if (not addresses or log["address"].lower() in addresses) and topics_match(log["topics"], topics)
    ]


def alternatives(value: str | list[str] | None) -> list[str]:
    """One value, several or none, as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def topics_match(found: list[str], wanted: list[set[str]]) -> bool:
    """Whether each wanted position holds one of its alternatives; an empty set means any."""
    if len(wanted) > len(found):
        return False
    return all(not choice or topic in choice for topic, choice in zip(found, wanted, strict=False))


def headers(evm: Evm, wanted: Json, header_at: FindHeader) -> Iterator[BlockHeaderAPI]:
    """The blocks in question that hold any event at all."""
    if "blockHash" in wanted:
        header = header_at(wanted["blockHash"])
        if header is None:
            raise ValueError("unknown block")
        yield header
        return
    first, last = header_at(wanted.get("fromBlock")), header_at(wanted.get("toBlock")) or evm.head
    if first is None:
        return
    for height in range(first.block_number, last.block_number + 1):
        header = evm.header(height)
        if header.bloom:
            yield header


def logs_of(evm: Evm, header: BlockHeaderAPI) -> list[Json]:
    """All events of a block."""
    block, receipts = evm.block(header), evm.receipts(header)
    return [log for place in range(len(receipts)) for log in log_shapes(block, receipts, place)]
