"""The end of the log of changes leaves the house with every batch: who cuts it off afterwards is found out."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, sql

from gateway.wiring import Wiring
from ledger import audit, batches, books, checkpoints
from ledger.verify_seals import verify_seals
from tests.instruments import HandClock, SeededChance
from tests.ledger.umoja import Umoja, open_umoja

CUT = "the log of changes reaches as far as it was sealed"


def leaves(conn: Connection[Any]) -> list[tuple[int, int, int]]:
    return conn.execute("SELECT batch, book_id, seq FROM batch_leaves ORDER BY batch, book_id, seq").fetchall()


def broken(conn: Connection[Any]) -> dict[str, str]:
    with conn.transaction():
        found = [*audit.verify(conn), *verify_seals(conn)]
    return {one.name: one.detail for one in found if not one.ok}


@pytest.fixture
def sealed(conn: Connection[Any], wiring: Wiring, umoja: Umoja, chance: SeededChance) -> int:
    """The place at which the log ended when the first batch was sealed."""
    audit.chain_all(wiring)
    books.post(conn, umoja.contribution("1", 500), at=wiring.now(), chance=chance)
    assert batches.seal_due(wiring, witness="checkpoint") == 2
    return audit.newest(conn)


def unguard(conn: Connection[Any]) -> None:
    for table in ("audit_logs", "audit_chain"):
        conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))


def cut_off(conn: Connection[Any], last: int) -> None:
    """Log, queue and chain end before the place `last`, and what is left is whole."""
    conn.execute("DELETE FROM audit_logs WHERE id IN (SELECT audit_id FROM audit_chain WHERE position >= %s)", [last])
    conn.execute("DELETE FROM audit_chain WHERE position >= %s", [last])
    assert [finding.ok for finding in audit.verify(conn)] == [True, True, True]


def test_each_batch_takes_up_the_newest_end_once(
    conn: Connection[Any], wiring: Wiring, umoja: Umoja, chance: SeededChance, sealed: int
) -> None:
    assert leaves(conn) == [(1, 0, sealed), (1, umoja.book_id, 1)]
    own = wiring.settings
    write = {"path": Path(own.checkpoint_file), "operator_key": own.chain_operator_key}
    assert checkpoints.write_due(wiring, **write) == 1
    books.post(conn, umoja.contribution("2", 500), at=wiring.now(), chance=chance)
    assert batches.seal_due(wiring, witness="checkpoint") == 1
    open_umoja(conn, "Tumaini")
    audit.chain_all(wiring)
    books.post(conn, umoja.contribution("3", 500), at=wiring.now(), chance=chance)
    assert checkpoints.write_due(wiring, **write) == 1
    assert batches.seal_due(wiring, witness="checkpoint") == 2
    assert [leaf for leaf in leaves(conn) if leaf[1] == 0] == [(1, 0, sealed), (3, 0, sealed + 1)]
    assert broken(conn) == {}
    assert all(one.ok for one in checkpoints.verify(conn, **write))


def test_a_tail_that_was_cut_off_is_named(conn: Connection[Any], sealed: int) -> None:
    unguard(conn)
    cut_off(conn, sealed)
    assert broken(conn) == {CUT: f"change {sealed} in batch 1"}


def test_whoever_writes_another_tail_has_another_hash(conn: Connection[Any], wiring: Wiring, sealed: int) -> None:
    unguard(conn)
    cut_off(conn, sealed)
    open_umoja(conn, "Another")
    audit.chain_all(wiring)
    assert audit.newest(conn) == sealed
    assert broken(conn) == {"every leaf is computed again from its entry": "batch 1"}


def test_whoever_takes_the_leaf_away_as_well_has_another_root(conn: Connection[Any], sealed: int) -> None:
    unguard(conn)
    cut_off(conn, sealed)
    conn.execute("DELETE FROM batch_leaves WHERE book_id = 0")
    assert broken(conn) == {
        "every root is computed again from its leaves": "batch 1",
        "the leaves of a batch are numbered from 0": "batch 1",
    }


def test_in_a_quiet_house_the_end_is_sealed_alone_after_a_day(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, sealed: int
) -> None:
    own = wiring.settings
    checkpoints.write_due(wiring, path=Path(own.checkpoint_file), operator_key=own.chain_operator_key)
    open_umoja(conn, "Tumaini")
    audit.chain_all(wiring)
    clock.advance((batches.LOG_ALONE_AFTER - timedelta(seconds=1)).total_seconds())
    assert batches.seal_due(wiring, witness="checkpoint") == 0
    clock.advance(1)
    assert batches.seal_due(wiring, witness="checkpoint") == 1
    assert leaves(conn)[-1] == (2, 0, sealed + 1)
    clock.advance(batches.LOG_ALONE_AFTER.total_seconds())
    assert batches.seal_due(wiring, witness="checkpoint") == 0
    assert broken(conn) == {}
