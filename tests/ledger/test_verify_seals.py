"""Each invariant of sealing is found broken when somebody broke it, and only then."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from gateway.wiring import Wiring
from ledger.chain import Anchor
from ledger.verify_seals import verify_seals
from tests.conftest import a_database, as_owner
from tests.instruments import HandClock, SeededChance, settings_for
from tests.ledger.anchoring import Chain, Group, settle

WITNESSED = {"completed batches have the root that the chain showed"}


def broken(conn: Connection[Any]) -> dict[str, str]:
    with conn.transaction():
        return {found.name: found.detail for found in verify_seals(conn) if not found.ok}


@pytest.fixture(scope="module")
def books(
    postgres_url: str, template: str, chain_server: Chain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection[Any]]:
    """Two completed batches and an entry that waits; whoever does harm takes it back."""
    with a_database(postgres_url, template) as name:
        url, folder = as_owner(postgres_url, name), tmp_path_factory.mktemp("seals")
        settings = settings_for(url, "redis://127.0.0.1:1/0", folder)
        wiring, anchor = (
            Wiring(settings, "worker", HandClock(), SeededChance()),
            Anchor(chain_server.url, chain_server.key),
        )
        with psycopg.connect(url, autocommit=True) as conn:
            group = Group(conn)
            for _ in range(2):
                group.contribute(2)
                settle(wiring, anchor)
            group.contribute()
            wiring.close()
            assert broken(conn) == {}
            yield conn


@pytest.mark.parametrize(
    ("harm", "names"),
    [
        ("DELETE FROM sealing_queue", {"every entry is sealed or waits to be"}),
        (
            "INSERT INTO sealing_queue SELECT book_id, season, seq FROM batch_leaves LIMIT 1",
            {"no entry is sealed and waits too"},
        ),
        (
            "UPDATE batch_leaves SET seq = 99 WHERE seq = 1",
            {"every entry is sealed or waits to be", "every sealed leaf has its entry"},
        ),
        (
            "UPDATE entries SET hash = sha256('x') WHERE seq = 3",
            {"every leaf is computed again from its entry"},
        ),
        (
            "UPDATE batch_leaves SET leaf = sha256('x') WHERE seq = 3",
            {"every leaf is computed again from its entry", "every root is computed again from its leaves"},
        ),
        (
            "UPDATE batches SET root = sha256('x') WHERE number = 2",
            {"every root is computed again from its leaves", "completed batches have the root that the chain showed"},
        ),
        (
            "UPDATE batches SET previous_root = sha256('x') WHERE number = 2",
            {"every batch names the root before it", "completed batches have the root that the chain showed"},
        ),
        (
            "UPDATE batch_leaves SET position = position + 1 "
            "WHERE (batch, position) = (1, (SELECT max(position) FROM batch_leaves WHERE batch = 1))",
            {"the leaves of a batch are numbered from 0"},
        ),
        ("UPDATE batches SET tx_hash = sha256('x') WHERE number = 1", WITNESSED),
        ("UPDATE batches SET block_number = block_number + 1 WHERE number = 1", WITNESSED),
        ("UPDATE batches SET block_hash = sha256('x') WHERE number = 1", WITNESSED),
        (
            "UPDATE chain_logs SET canonical = FALSE WHERE batch = 1",
            {"completed batches have the root that the chain showed"},
        ),
        (
            "INSERT INTO batches SELECT 4, root, root, 1, sealed_at, witness, 'pending' FROM batches WHERE number = 2",
            {"batches are numbered without a gap", "every root is computed again from its leaves"},
        ),
    ],
)
def test_harm_is_found(books: Connection[Any], harm: str, names: set[str]) -> None:
    with books.transaction(force_rollback=True):
        for table in ("entries", "entries_20262"):
            books.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        assert books.execute(harm.encode()).rowcount
        assert set(broken(books)) == names
    assert broken(books) == {}
