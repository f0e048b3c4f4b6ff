"""Connections that lay in the worker's pool while PostgreSQL was restarted."""

from typing import Any

from psycopg import Connection

from gateway.wiring import Wiring


def test_a_worker_goes_on_over_connections_that_were_cut(wiring: Wiring, conn: Connection[Any]) -> None:
    """They are found out by the message that begins, on which nothing hangs yet, and by no question before it."""
    with wiring.transaction(), wiring.transaction(), wiring.transaction():
        pass
    cut = conn.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename = SESSION_USER AND pid <> pg_backend_pid()"
    ).fetchall()
    assert len(cut) >= 3
    with wiring.transaction() as anew:
        assert anew.execute("SELECT 1").fetchone() == (1,)
