"""The books against a child's model of them, for a hundred random steps and for ten thousand."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg import Connection

from ledger.verify import verify
from tests.ledger.machine import Machine, writers

STEPS = 50


def play(conn: Connection[Any], url: str, examples: int) -> int:
    """So many books of STEPS steps each; returns how many steps were compared."""
    before = Machine.steps
    rules = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with writers(url) as hands:
        run_state_machine_as_test(lambda: Machine(conn, hands), settings=rules)
    with conn.transaction():
        assert [finding for finding in verify(conn) if not finding.ok] == []
    return Machine.steps - before


def test_a_hundred_steps_leave_the_books_as_the_child_has_them(conn: Connection[Any], database_url: str) -> None:
    assert play(conn, database_url, 3) >= 100


@pytest.mark.full
def test_ten_thousand_steps_leave_the_books_as_the_child_has_them(conn: Connection[Any], database_url: str) -> None:
    assert play(conn, database_url, 260) >= 10_000
