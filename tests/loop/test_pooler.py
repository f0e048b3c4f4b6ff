"""The loop through PgBouncer in transaction mode, where no two transactions of a process need share a connection."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from embedded.ports import LOOPBACK
from embedded.server import Recipe, Server, private_directory
from migrations import runner
from tests.conftest import OWNER, OWNER_PASSWORD
from tests.instruments import START
from tests.whole import Seeded, Whole, running

pytestmark = pytest.mark.full

PROGRAM = Path("/usr/sbin/pgbouncer")
# Fewer than the processes would open by themselves, so that they take turns on every one.
SERVER_CONNECTIONS = 3


def answers(port: int) -> bool:
    try:
        psycopg.connect(f"postgresql://{OWNER}@{LOOPBACK}:{port}/pgbouncer", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def started(folder: Path, behind: str) -> Server:
    """PgBouncer in front of the server at the URL `behind`; it signs in to every database as the owner."""
    server = conninfo_to_dict(behind)
    home = private_directory(folder)
    users, settings = home / "users.txt", home / "pgbouncer.ini"
    users.write_text(f'"{OWNER}" "{OWNER_PASSWORD}"\n')

    def command(port: int) -> list[str]:
        settings.write_text(
            f"[databases]\n* = host={server['host']} port={server['port']}\n"
            f"[pgbouncer]\nlisten_addr = {LOOPBACK}\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = trust\nauth_file = {users}\nadmin_users = {OWNER}\n"
            f"pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\nmax_client_conn = 200\n"
        )
        return [str(PROGRAM), str(settings)]

    return Server(
        Recipe(
            name="pgbouncer",
            home=home,
            command=command,
            url=lambda port: f"postgresql://{OWNER}:{OWNER_PASSWORD}@{LOOPBACK}:{port}",
            ready=answers,
            unprivileged=home,
        )
    )


@pytest.fixture(scope="module")
def pooler(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its URL, without a database."""
    assert shutil.which(str(PROGRAM)), "install the package pgbouncer"
    with started(tmp_path_factory.mktemp("pooler"), postgres_url) as server:
        yield server.url


@pytest.fixture
def pooled(pooler: str, village_url: str, redis_url: str, tmp_path: Path, seeded: Seeded) -> Iterator[Whole]:
    """Everything running, web and worker behind the pooler."""
    through = f"{pooler}/{conninfo_to_dict(village_url)['dbname']}"
    with running(through, redis_url, tmp_path, seeded.people, DIRECT_DATABASE_URL=village_url) as house:
        yield house


def test_a_contribution_goes_through_a_pooler_in_transaction_mode(pooled: Whole) -> None:
    pooled.contribute("Wanjiku", 500)
    pooled.contribute("Amina", 300)
    pooled.dial("Wanjiku")
    assert [row["amount_cents"] for row in pooled.truth()] == [50_000, 30_000]
    assert pooled.equals_truth()
    assert len(pooled.codes("Wanjiku")) == 1
    assert pooled.value("SELECT count(*) FROM incidents") == 0


def test_nothing_of_a_transaction_is_left_for_the_next_one_on_its_connection(pooled: Whole) -> None:
    pids = set()
    with ThreadPoolExecutor(6) as threads:
        seen = list(threads.map(lambda number: each_in_turn(pooled, number), range(120)))
    for pid, before, user, role in seen:
        pids.add(pid)
        assert before in (("none", None, None), ("none", "", ""))
        assert (user, role) in ((str(pid_user), "pesachama_web") for pid_user in range(120))
    assert len(pids) <= SERVER_CONNECTIONS


def each_in_turn(house: Whole, number: int) -> tuple[int, tuple[str, str, str], str, str]:
    """What a bare transaction finds on a connection of the pooler, and what the web's own says."""
    # Prepared over one connection, and asked for over the next one of the pooler: it prepares nothing.
    with psycopg.connect(house.settings.database_url, autocommit=True, prepare_threshold=None) as bare:
        left = bare.execute(
            "SELECT current_setting('role'), current_setting('app.user_id', true), current_setting('app.acting', true)"
        ).fetchall()[0]
    with house.web.acting_as(number) as conn:
        own = conn.execute("SELECT pg_backend_pid(), current_setting('app.user_id'), current_user").fetchall()[0]
    return own[0], left, own[1], own[2]


def test_migrations_that_start_twice_at_once_are_applied_once_through_the_pooler(
    pooler: str, empty_database_url: str
) -> None:
    url = f"{pooler}/{conninfo_to_dict(empty_database_url)['dbname']}"
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: runner.migrate(url, START), range(3)))
    assert sorted(name for names in done for name in names) == [migration.name for migration in runner.known()]
