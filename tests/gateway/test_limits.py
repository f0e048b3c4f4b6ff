"""What stops a turn: no statement and no row of statements holds a member longer than the limits on connections."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection

from gateway.limits import TRANSACTION_TIMEOUT_SINCE
from gateway.wiring import Wiring


def test_a_statement_that_waits_is_ended(web_wiring: Wiring, conn: Connection[Any]) -> None:
    with conn.transaction():
        conn.execute("LOCK TABLE users")
        with pytest.raises(psycopg.errors.QueryCanceled), web_wiring.acting_as(None) as reading:
            reading.execute("SELECT id FROM users")
    with web_wiring.acting_as(None) as reading:
        assert reading.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_many_short_waits_are_ended_together(web_wiring: Wiring, conn: Connection[Any]) -> None:
    if conn.info.server_version < TRANSACTION_TIMEOUT_SINCE:
        pytest.skip("PostgreSQL 15 and 16 limit single statements only")
    with pytest.raises(psycopg.errors.TransactionTimeout), web_wiring.acting_as(None) as reading:
        for _ in range(100):
            reading.execute("SELECT pg_sleep(0.1)")
    with web_wiring.acting_as(None) as reading:
        assert reading.execute("SELECT 1").fetchone() == (1,)
