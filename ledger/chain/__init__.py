"""Anchors sealed batches on a chain: the operator's hand (`Anchor`) and the node it talks to."""

from ledger.chain.anchor import RETRY_FAILED, Anchor
from ledger.chain.node import NAME, ChainLost, ChainTrouble, check_chain, connect, talking

__all__ = ["NAME", "RETRY_FAILED", "Anchor", "ChainLost", "ChainTrouble", "check_chain", "connect", "talking"]
