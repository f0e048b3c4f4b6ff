"""A node of the chain over JSON-RPC: how we reach it, what its trouble is called, and whether it is still our chain."""

from collections.abc import Iterator
from contextlib import contextmanager

from web3 import HTTPProvider, Web3
from web3.exceptions import Web3Exception

from ledger.submissions import Contract

NAME = "BatchAnchor"


class ChainTrouble(Exception):
    """The chain cannot be used right now; the sentence is for people and holds no address of a node."""


class ChainLost(ChainTrouble):
    """The chain that answers is not the one that our contract was deployed on, or has lost it."""


def connect(rpc_url: str, *, timeout_seconds: float = 10) -> Web3:
    """A connection that tries every call once: trying again is the caller's next round."""
    provider = HTTPProvider(rpc_url, {"timeout": timeout_seconds}, exception_retry_configuration=None)
    return Web3(provider)


@contextmanager
def talking() -> Iterator[None]:
    """Turns whatever goes wrong with a node into ChainTrouble; the node's URL may hold a credential and stays out."""
    try:
        yield
    except OSError as error:
        raise ChainTrouble(f"the chain does not answer ({type(error).__name__})") from None
    except Web3Exception as error:
        raise ChainTrouble(f"the chain refused: {error}") from None


def check_chain(web3: Web3, chain_id: int, known: Contract) -> None:
    """Raises ChainLost when this cannot be the chain that `known` was deployed on."""
    what = described(chain_id, known)
    if bytes(web3.eth.get_block(0)["hash"]) != known.genesis_hash:
        raise ChainLost(f"another chain carries the same id, and it cannot hold {what}")
    head = web3.eth.block_number
    if head < known.deployed_block:
        raise ChainLost(f"the chain was started over or is still syncing: it ends at block {head}, before {what}")


def described(chain_id: int, known: Contract) -> str:
    """The contract for a sentence to people."""
    return f"{NAME} at {known.address}, deployed in block {known.deployed_block} of chain {chain_id}"
