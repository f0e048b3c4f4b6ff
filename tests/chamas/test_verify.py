"""What is paid becomes confirmed when it is sealed; and verify sees every tampering it is there for."""

from typing import Any

import pytest
from psycopg import Connection

from chamas.dues import contributions
from chamas.verify import verify
from gateway.wiring import Wiring
from tests.chamas.conftest import Till, Village
from tests.instruments import START


def seal(conn: Connection[Any], number: int, book_id: int, seq: int, state: str) -> None:
    """A batch of one entry in `state`."""
    conn.execute(
        "INSERT INTO batches (number, root, previous_root, leaf_count, sealed_at, witness, state) "
        "VALUES (%s, %s, %s, 1, %s, 'checkpoint', %s)",
        [number, bytes(32), bytes(32), START, state],
    )
    conn.execute(
        "INSERT INTO batch_leaves (batch, position, book_id, season, seq, salt, leaf) "
        "VALUES (%s, 0, %s, 20262, %s, %s, %s)",
        [number, book_id, seq, bytes(16), bytes(32)],
    )


def states(conn: Connection[Any]) -> list[str]:
    return [row[0] for row in conn.execute("SELECT state FROM contributions ORDER BY member_id")]


def test_a_contribution_is_confirmed_when_its_last_entry_is_sealed(
    conn: Connection[Any], wiring: Wiring, village: Village, till: Till
) -> None:
    first = till.arrive("TKK7RT61SV", 300, village.member_ids[0]).posted
    second = till.arrive("TKK7RT61SW", 200, village.member_ids[0]).posted
    assert contributions.confirm_sealed(wiring) == 0
    seal(conn, 1, first.book_id, first.seq, "completed")
    seal(conn, 2, second.book_id, second.seq, "pending")
    assert contributions.confirm_sealed(wiring) == 0
    assert states(conn) == ["paid", "pending", "pending"]
    conn.execute("UPDATE batches SET state = 'completed' WHERE number = 2")
    assert contributions.confirm_sealed(wiring) == 1
    assert states(conn) == ["confirmed", "pending", "pending"]
    assert contributions.confirm_sealed(wiring) == 0


def test_all_is_well_after_money_of_every_kind(conn: Connection[Any], village: Village, till: Till) -> None:
    for number, shillings in enumerate([100, 500, 1_300]):
        till.arrive(f"WELL{number:06}", shillings, village.member_ids[number])
    findings = verify(conn)
    assert [(finding.ok, finding.detail) for finding in findings] == [(True, "")] * 17
    assert [finding.count for finding in findings] == [3, 3, 3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("tampering", "seen_by"),
    [
        ("UPDATE allocations SET amount_cents = amount_cents - 1", {0, 1, 2}),
        ("UPDATE accounts SET floor_cents = -1 WHERE code LIKE 'member:%'", {12}),
        ("UPDATE contributions SET paid_cents = paid_cents - 1, state = 'pending' WHERE paid_cents > 0", {1}),
        ("UPDATE contributions SET state = 'pending' WHERE paid_cents = due_cents", {1}),
        ("UPDATE contributions SET state = 'confirmed' WHERE paid_cents < due_cents", {1}),
        ("DELETE FROM allocations", {1, 2}),
        ("UPDATE allocations SET seq = seq + 100", {0}),
        ("UPDATE rounds SET set_off_cents = 150001", {10}),
        (
            "INSERT INTO penalties (chama_id, member_id, round_id, contribution_id, due_cents, paid_cents, state, "
            "late_at, assessed_at) SELECT r.chama_id, k.member_id, r.id, k.id, 100, 100, 'paid', closes_at, closes_at "
            "FROM contributions k JOIN rounds r ON r.id = k.round_id",
            {11},
        ),
        ("UPDATE rule_sets SET in_force_from = in_force_from + interval '90 days'", {3}),
    ],
)
def test_verify_sees_what_was_tampered_with(
    conn: Connection[Any], village: Village, till: Till, tampering: str, seen_by: set[int]
) -> None:
    till.arrive("TKK7RT61SV", 500, village.member_ids[0])
    conn.execute(tampering)
    assert {number for number, finding in enumerate(verify(conn)) if not finding.ok} == seen_by
