"""A chain for the contract's own tests."""

from collections.abc import Iterator

import pytest

import embedded.chain
from tests.ledger.anchoring import Chain


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A real EVM over HTTP that mines when a transaction comes."""
    home = tmp_path_factory.mktemp("chain")
    with embedded.chain.start(home, heartbeat=0, durable=False) as server:
        yield Chain(server.url, embedded.chain.funded_account(home)[1])
