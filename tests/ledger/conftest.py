"""A chain for the whole run, and what the tests of the books, of sealing and of anchoring have in common."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

import embedded.chain
from gateway.wiring import Wiring
from ledger.chain import Anchor
from tests.instruments import SeededChance
from tests.ledger.anchoring import Chain
from tests.ledger.umoja import Umoja, open_umoja


@pytest.fixture(scope="session")
def chain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A real EVM over HTTP; it mines when a transaction comes, and what was returned to its pool when it is told to."""
    home: Path = tmp_path_factory.mktemp("chain")
    with embedded.chain.start(home, heartbeat=0, durable=False) as server:
        yield Chain(server.url, embedded.chain.funded_account(home)[1])


@pytest.fixture
def chain(chain_server: Chain) -> Iterator[Chain]:
    """That chain, mining again after the test; every test deploys its own contract, as its database is empty."""
    yield chain_server
    chain_server.ask("pesachama_resume")


@pytest.fixture
def anchor(chain: Chain, wiring: Wiring) -> Anchor:
    """An operator who has not deployed anything yet."""
    return Anchor(chain.url, chain.key)


@pytest.fixture
def umoja(conn: Connection[Any]) -> Umoja:
    """A book with two members and no entry."""
    return open_umoja(conn)


@pytest.fixture
def chance() -> SeededChance:
    """The same bytes on every run."""
    return SeededChance()
