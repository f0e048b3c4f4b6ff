"""Real servers for every test: one PostgreSQL and one Redis per run, one database per test.

`TEST_POSTGRES_URL` (a superuser's URL) replaces the embedded PostgreSQL, so that the same suite runs on other versions.
The owner of the tables is no superuser, because a superuser passes every guard and would hide what is missing.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg import Connection, sql

import embedded.postgres
import embedded.redis
from chamas.members import pins
from gateway.demo import cast
from gateway.desk import passwords
from gateway.settings import Settings
from gateway.wiring import Wiring
from ledger import seasons
from migrations import runner

# Nothing is garbage until all is imported and collected; see pytest_collection_finish.
gc.disable()

# Before they are imported: what they assert tells what it compared, as it does in a test.
pytest.register_assert_rewrite(
    *("tests.district", "tests.phones", "tests.whole"),
    *(
        "tests.drills",
        "tests.gateway",
        "tests.ledger",
        "tests.menus",
        "tests.payments",
        "tests.simulator",
        "tests.storm",
    ),
)

from tests import apps
from tests.databases import (
    OWNER,
    OWNER_PASSWORD,
    a_database,
    as_owner,
    create_database,
    drop_database,
    drop_lent,
    lent_database,
    superuser,
)
from tests.instruments import BEGINS, START, HandClock, SeededChance, fast_folder, settings_for
from tests.lines import lines_kept
from tests.rewriting import rewritten
from tests.whole import ADMIN_PASSWORD, Seeded, Whole, running

pytest_plugins = ["tests.browser"]

TEMPLATE = f"template_{os.getpid()}"
WITH_THE_DEMO = {
    f"tests/drills/test_{name}.py" for name in ("chain", "postgres", "procfile", "redis", "restart", "web", "worker")
}
# The house is read and parsed once.
TOGETHER = ("tests/house/",)
# By what they take together, and before all others the files that take longest: one process has a whole file.
LONGEST = (
    "tests/drills/test_loops.py",
    *sorted(WITH_THE_DEMO),
    *(f"tests/{name}.py" for name in ("menus/test_walk", "menus/test_talks", "loop/test_paybill", "loop/test_pull")),
    *(f"tests/{room}/" for room in ("drills", "ledger", "loop", "chamas", "menus", "storm", "gateway")),
)


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """PINs and passwords hashed for nothing: a thousand screens ask for one. test_hashes.py tells what is real."""
    with pytest.MonkeyPatch.context() as light:
        light.setattr(pins, "MEMORY_KIB", 8)
        light.setattr(pins, "PASSES", 1)
        light.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def apps_alike() -> Iterator[None]:
    """Hundreds of apps, of which each would look the menu over and compile its routes and templates for itself."""
    with apps.alike():
        yield


@pytest.fixture(scope="session", autouse=True)
def connections_kept() -> Iterator[None]:
    """Thousands of connections, of which each would learn the catalogue and the functions for itself."""
    with lines_kept():
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A superuser's URL of the server that this run uses."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with fast_folder() as folder, embedded.postgres.start(folder, durable=False) as server:
        # Nothing of ours grows old enough to be vacuumed, and what was analysed in the middle of a test differs by run.
        superuser(server.url).execute("ALTER SYSTEM SET autovacuum = off")
        superuser(server.url).execute("SELECT pg_reload_conf()")
        yield server.url
        superuser(server.url).close()


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("tx", None):  # whoever has hands, before they begin
        rewritten(config, Path(__file__).parent)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a fifth of the time a test waits, for a server or for a sleep."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """File by file; what shares something dear to make goes to one process together."""
    from xdist.scheduler.loadfile import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = super()._split_scope(nodeid)
            together = next((room for room in TOGETHER if path.startswith(room)), path)
            return "the demo" if path in WITH_THE_DEMO else together

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long begins first, so that at the end nobody waits for one process."""
    items.sort(key=lambda item: next((at for at, room in enumerate(LONGEST) if item.nodeid.startswith(room)), 99))


def pytest_collection_finish() -> None:
    """What was imported until now stays: Python's collector, a fifth of a test, need not look through it every time."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of this run's Redis."""
    with embedded.redis.start(tmp_path_factory.mktemp("redis"), durable=False) as server:
        yield server.url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis."""
    import redis

    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def template(postgres_url: str) -> Iterator[str]:
    """A migrated database with the seasons around START, from which every test's own is copied."""
    with a_template(postgres_url) as name:
        yield name


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """A database of this test's own: every migration, no rows."""
    with lent_database(postgres_url, template) as name:
        yield as_owner(postgres_url, name)


@pytest.fixture
def empty_database_url(postgres_url: str, template: str) -> Iterator[str]:
    """A database without any migration, for tests of the migrations themselves."""
    with a_database(postgres_url) as name:
        yield as_owner(postgres_url, name)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection[Any]]:
    """The owner's connection, autocommit."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def clock() -> HandClock:
    """Time that only the test moves."""
    return HandClock()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Complete settings of a demo kind, pointing at this test's servers."""
    return settings_for(database_url, redis_url, tmp_path)


@pytest.fixture
def wiring(settings: Settings, clock: HandClock) -> Iterator[Wiring]:
    """The worker's wiring."""
    built = Wiring(settings, "worker", clock, SeededChance())
    yield built
    built.close()


@pytest.fixture
def web_wiring(wiring: Wiring) -> Iterator[Wiring]:
    """The web's wiring on the same servers and the same clock."""
    built = replace(wiring, process="web")
    yield built
    built.close()


@pytest.fixture(scope="session")
def seeded(postgres_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """A database with the demo's cast in it, seeded once per run, to be copied."""
    with a_database(postgres_url, template) as name:
        folder = tmp_path_factory.mktemp("seeding")
        settings = settings_for(as_owner(postgres_url, name), "redis://127.0.0.1:1/0", folder)
        wiring = Wiring(settings, "worker", HandClock(BEGINS), SeededChance())
        with psycopg.connect(settings.database_url) as conn:
            seasons.open_ahead(conn, wiring.now())
        people = cast.seed(wiring, admin_password=ADMIN_PASSWORD)
        wiring.close()
        yield Seeded(name, people)


@pytest.fixture
def village_url(postgres_url: str, seeded: Seeded) -> Iterator[str]:
    """A database of this test's own, with the cast."""
    with lent_database(postgres_url, seeded.database) as name:
        yield as_owner(postgres_url, name)


@pytest.fixture
def whole(village_url: str, redis_url: str, tmp_path: Path, seeded: Seeded) -> Iterator[Whole]:
    """Everything running: simulator, app and loops, with the cast of the demo and the chain off."""
    with running(village_url, redis_url, tmp_path, seeded.people) as house:
        yield house


@contextmanager
def a_template(postgres_url: str) -> Iterator[str]:
    """A migrated database with the seasons around START, to be copied; for the length of a block."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        # Roles belong to the whole server: of several runs on one server, one at a time makes and grants them.
        conn.execute("SELECT pg_advisory_lock(15)")
        if not conn.execute("SELECT TRUE FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            # Of the work that makes a stolen password hash useless, thousands of connections need none (PostgreSQL 16).
            conn.execute("SELECT set_config(name, '1', FALSE) FROM pg_settings WHERE name = 'scram_iterations'")
            conn.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(sql.Identifier(OWNER), OWNER_PASSWORD)
            )
        for role in ("pesachama_web", "pesachama_worker", "pesachama_gatekeeper"):
            # Left by a run of another owner on the same server, which could then not take them on.
            if conn.execute("SELECT TRUE FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                conn.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(OWNER)))
        create_database(conn, TEMPLATE)
        owner_url = as_owner(postgres_url, TEMPLATE)
        runner.migrate(owner_url, START)
        with psycopg.connect(owner_url) as owner:
            seasons.open_ahead(owner, START)
    yield TEMPLATE
    drop_lent(postgres_url)
    drop_database(postgres_url, TEMPLATE)
