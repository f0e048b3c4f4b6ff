"""A database whose user may not make roles, as some hosts give it: all runs as the owner, and the doctor says so."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from gateway.commands import doctor
from gateway.demo import cast
from gateway.wiring import Wiring
from ledger import seasons
from migrations import runner
from tests.instruments import START, HandClock, SeededChance, a_free_name, settings_for


@pytest.fixture
def hosted(postgres_url: str, template: str, tmp_path: Path) -> Iterator[Wiring]:
    """The worker's wiring on a migrated database of somebody without any role of ours."""
    tenant, name = sql.Identifier(f"tenant_{os.getpid()}"), a_free_name()
    with psycopg.connect(postgres_url, autocommit=True) as above:
        above.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'of-a-test'").format(tenant))
        above.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), tenant))
    server = conninfo_to_dict(postgres_url)
    url = f"postgresql://tenant_{os.getpid()}:of-a-test@{server['host']}:{server['port']}/{name}"
    runner.migrate(url, START)
    with psycopg.connect(url) as conn:
        seasons.open_ahead(conn, START)
    wiring = Wiring(settings_for(url, "redis://127.0.0.1:1/0", tmp_path), "worker", HandClock(), SeededChance())
    yield wiring
    wiring.close()
    with psycopg.connect(postgres_url, autocommit=True) as above:
        above.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        above.execute(sql.SQL("DROP ROLE {}").format(tenant))


def test_everything_works_as_the_owner_and_the_doctor_says_what_is_missing(hosted: Wiring) -> None:
    cast.seed(hosted, admin_password="a password for tests")
    with hosted.holding("phone", "+254700000001") as conn:
        assert conn.execute("SELECT current_user = session_user").fetchone() == (True,)
        assert conn.execute("SELECT count(*) FROM chamas").fetchone() == (2,)
        advice = doctor.rows(hosted, conn)
    assert advice.fix.startswith("nothing but our own queries does")
    with hosted.transaction() as conn, pytest.raises(psycopg.errors.RestrictViolation):
        conn.execute("DELETE FROM postings")
