"""Connections that lay in a pool while PostgreSQL was restarted."""

from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from gateway import limits
from gateway.lending import is_cut
from gateway.wiring import Process, Wiring


@pytest.mark.parametrize("process", ["web", "worker"])
def test_nobody_gets_a_connection_that_was_cut(
    wiring: Wiring, web_wiring: Wiring, conn: Connection[Any], process: Process
) -> None:
    """Also where one statement is a transaction by itself: nothing was said yet, so that nothing can be done twice."""
    own = web_wiring if process == "web" else wiring
    with ExitStack() as all_at_once:
        for _ in range(limits.POOL_SIZE[process]):
            all_at_once.enter_context(own.transaction())
    cut = conn.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename = SESSION_USER AND pid <> pg_backend_pid()"
    ).fetchall()
    assert len(cut) >= limits.POOL_SIZE[process]
    with own.transaction() as anew, own.at_once() as alone:
        assert anew.execute("SELECT 1").fetchone() == alone.execute("SELECT 1").fetchone() == (1,)


def test_what_a_server_tells_an_idle_connection_is_not_its_end(conn: Connection[Any], database_url: str) -> None:
    """It may tell of a setting or of a notice; what it says last is that it ends."""
    with psycopg.connect(database_url, autocommit=True) as own:
        own.execute("LISTEN anything")
        conn.execute("NOTIFY anything")
        assert not is_cut(own)
        assert own.execute("SELECT 1").fetchone() == (1,)
        conn.execute("SELECT pg_terminate_backend(%s, 5000)", [own.info.backend_pid])
        assert is_cut(own)
