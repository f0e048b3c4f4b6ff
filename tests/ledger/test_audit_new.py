"""The log of changes is derived again from where the last sound run ended: what is found so, and what is not seen."""

from typing import Any

import pytest
from psycopg import Connection, sql

from gateway import checks
from gateway.wiring import Wiring
from ledger import audit
from ledger.books import open_book
from tests.instruments import START

ANOTHER_ACTOR = "UPDATE audit_logs SET actor_id = 7 WHERE id = (SELECT audit_id FROM audit_chain WHERE position = %s)"


@pytest.fixture
def seen(conn: Connection[Any], wiring: Wiring) -> int:
    """How many changes were found sound; two came after them."""
    open_book(conn, kind="chama", name="Umoja", at=START)
    audit.chain_all(wiring)
    checks.all_findings(wiring)
    place = audit.newest(conn)
    for name in ("Tumaini", "Upendo"):
        open_book(conn, kind="chama", name=name, at=START)
    audit.chain_all(wiring)
    return place


def found(conn: Connection[Any], harm: str, place: int | None = None, *, new_only: bool = True) -> list[str]:
    """What is found after a change behind the guards, at this place of the chain perhaps, which is then undone."""
    with conn.transaction(force_rollback=True):
        for table in ("audit_logs", "audit_chain"):
            conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        conn.execute(harm.encode(), None if place is None else [place])
        return [finding.detail for finding in audit.verify(conn, new_only=new_only) if not finding.ok]


def test_only_new_changes_are_derived_again(conn: Connection[Any], seen: int) -> None:
    assert audit.unseen(conn) == seen > 0
    assert [finding.count for finding in audit.verify(conn, new_only=True)] == [2, 2, seen + 2]
    assert [finding.count for finding in audit.verify(conn)] == [seen + 2] * 3


def test_a_change_of_a_new_row_and_a_broken_link_of_an_old_one_are_found(conn: Connection[Any], seen: int) -> None:
    another_hash = "UPDATE audit_chain SET hash = sha256('x') WHERE position = %s"
    another_link = "UPDATE audit_chain SET prev_hash = sha256('x') WHERE position = %s"
    for harm, at, named in (
        (ANOTHER_ACTOR, seen + 2, seen + 2),
        (another_link, seen + 1, seen + 1),
        (another_hash, seen, seen + 1),
        (another_link, 2, 2),
        (another_hash, 1, 2),
        ("DELETE FROM audit_chain WHERE position = %s", 1, 2),
    ):
        assert any(f"at place {named}, 1 in all" in line for line in found(conn, harm, at)), harm


def test_what_an_earlier_run_saw_is_found_by_the_whole_run_only(conn: Connection[Any], seen: int) -> None:
    assert found(conn, ANOTHER_ACTOR, 1) == []
    assert "at place 1, 1 in all" in found(conn, ANOTHER_ACTOR, 1, new_only=False)[0]


def test_a_run_that_found_something_is_not_noted_and_none_goes_back(
    conn: Connection[Any], wiring: Wiring, seen: int
) -> None:
    conn.execute("ALTER TABLE audit_logs DISABLE TRIGGER USER")
    conn.execute("UPDATE audit_logs SET actor_id = 7 WHERE id = (SELECT max(id) FROM audit_logs)")
    checks.all_findings(wiring, new_only=True)
    assert audit.unseen(conn) == seen
    for place in (seen - 1, seen + 99):
        audit.note_sound(conn, place)
        assert audit.unseen(conn) == seen
