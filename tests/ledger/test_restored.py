"""A database that comes back from a backup, and a contract that has gone on: with a real chain and a real restore."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from gateway.backup import paper, returning, taking
from gateway.jobs import tables
from gateway.wiring import Wiring
from ledger import batches, overview, sync
from ledger.chain import Anchor, ChainTrouble
from ledger.verify_seals import verify_seals
from tests.instruments import START
from tests.ledger.anchoring import Group, anchored, settle, states

# How a house comes back: its wiring on the restored database, and a connection to it.
Restored = tuple[Wiring, Connection[Any]]


@pytest.fixture
def comes_back(wiring: Wiring, empty_database_url: str, tmp_path: Path) -> Iterator[Callable[[Path], Restored]]:
    """Restores a backup elsewhere."""
    settings = replace(wiring.settings, database_url=empty_database_url)
    built = replace(wiring, settings=settings)
    with psycopg.connect(empty_database_url, autocommit=True) as conn:

        def restore(out: Path) -> Restored:
            with paper.opened(out) as (archive, manifest):
                returning.bring_back(settings, archive, manifest, at=START)
            return built, conn

        yield restore
    built.close()


@pytest.fixture
def lost(conn: Connection[Any], wiring: Wiring, anchor: Anchor, tmp_path: Path) -> Path:
    """A backup with a batch that waits; it was anchored, and another sealed and anchored, before the house was lost."""
    tables.apply(wiring.settings.database_url)
    group = Group(conn)
    group.contribute(2)
    settle(wiring, anchor)
    group.contribute(2)
    batches.seal_due(wiring, witness="chain")
    group.contribute()
    taking.take(wiring.settings, tmp_path / "one.backup", at=START)
    settle(wiring, anchor)
    assert states(conn) == [(1, "completed"), (2, "completed"), (3, "completed")]
    return tmp_path / "one.backup"


def broken(conn: Connection[Any], anchor: Anchor) -> list[str]:
    with conn.transaction():
        return [found.name for found in [*verify_seals(conn), sync.compare(conn, anchor.web3)] if not found.ok]


def test_what_the_chain_has_is_known_again_and_the_next_batch_follows_it(
    conn: Connection[Any], anchor: Anchor, lost: Path, comes_back: Callable[[Path], Restored]
) -> None:
    again, there = comes_back(lost)
    assert states(there) == [(1, "completed"), (2, "pending")]
    # An entry waits, and no number is taken that the contract may have: not even while no batch is on its way.
    there.execute("UPDATE batches SET state = 'completed' WHERE number = 2")
    assert batches.seal_due(again, witness="chain") == 0
    there.execute("UPDATE batches SET state = 'pending' WHERE number = 2")
    settle(again, anchor)
    assert states(there) == [(number, "completed") for number in (1, 2, 3, 4)]
    roots = "SELECT number, root FROM batches ORDER BY number"
    assert there.execute(roots).fetchall()[:3] == conn.execute(roots).fetchall()
    assert there.execute(roots).fetchall() == anchored(anchor, there)
    assert [batch.trouble for batch in overview.batches(there)] == [None, overview.TAKEN_OVER, None, None]
    assert overview.unsealed(there) == 0
    assert broken(there, anchor) == []


def test_another_batch_than_ours_is_said_and_nothing_is_sealed_over_it(
    anchor: Anchor, lost: Path, comes_back: Callable[[Path], Restored]
) -> None:
    """As a house would that went on sealing without having read the chain."""
    again, there = comes_back(lost)
    assert batches.seal_due(again, witness="checkpoint") > 0
    assert states(there)[2:] == [(3, "pending")]
    there.execute("UPDATE batches SET witness = 'chain'")
    for _ in range(2):
        with pytest.raises(ChainTrouble, match="batch 3 is not the one in this database"):
            sync.read(again, anchor.web3)
    [(state, message)] = there.execute("SELECT state, error_message FROM batches WHERE number = 3").fetchall()
    assert (state, message.startswith("the chain holds another root")) == ("failed", True)
    assert "completed batches stand on the chain" in broken(there, anchor)
