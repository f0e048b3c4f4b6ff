"""Each invariant of sealing is found broken when somebody broke it, and only then."""

from typing import Any

import pytest
from psycopg import Connection, sql

from gateway.wiring import Wiring
from ledger.chain import Anchor
from ledger.verify_seals import verify_seals
from tests.ledger.anchoring import Group, settle


def broken(conn: Connection[Any]) -> dict[str, str]:
    with conn.transaction():
        return {found.name: found.detail for found in verify_seals(conn) if not found.ok}


@pytest.fixture
def books(conn: Connection[Any], wiring: Wiring, anchor: Anchor) -> Connection[Any]:
    """Two completed batches and an entry that waits."""
    group = Group(conn)
    for _ in range(2):
        group.contribute(2)
        settle(wiring, anchor)
    group.contribute()
    assert broken(conn) == {}
    return conn


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
    for table in ("entries", "entries_20262"):
        books.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    books.execute(harm.encode())
    assert set(broken(books)) == names
