"""The embedded servers keep their data, their password and their port, whatever ended them."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

import embedded.postgres
import embedded.redis
from embedded.ports import accepts, free_port
from embedded.server import Server, StartError, remembered_port


def keep_a_row(server: Server) -> None:
    with psycopg.connect(server.url) as conn:
        conn.execute("CREATE TABLE kept (word text)")
        conn.execute("INSERT INTO kept VALUES ('Umoja')")


def kept_row(server: Server) -> object:
    with psycopg.connect(server.url) as conn:
        return conn.execute("SELECT word FROM kept").fetchone()


def keep_a_key(server: Server) -> None:
    redis.Redis.from_url(server.url).set("kept", "Umoja")


def kept_key(server: Server) -> object:
    return redis.Redis.from_url(server.url).get("kept")


@pytest.mark.parametrize(
    ("start", "keep", "kept"),
    [
        pytest.param(embedded.postgres.start, keep_a_row, kept_row, id="postgres"),
        pytest.param(embedded.redis.start, keep_a_key, kept_key, id="redis"),
    ],
)
def test_data_password_and_port_outlive_a_kill_a_restart_and_a_new_start(
    tmp_path: Path, start: Callable[..., Server], keep: Callable[[Server], None], kept: Callable[[Server], object]
) -> None:
    with start(tmp_path, durable=False) as server:
        keep(server)
        first_url, word = server.url, kept(server)
        assert word
        server.kill()
        assert not server.alive
        assert not accepts(server.port)
        server.restart()
        assert kept(server) == word
        server.restart()
        assert kept(server) == word
    assert not accepts(server.port)
    with start(tmp_path, durable=False) as server:
        assert server.url == first_url
        assert kept(server) == word


def test_a_port_that_somebody_took_is_not_waited_for(tmp_path: Path) -> None:
    with embedded.redis.start(tmp_path / "one", durable=False) as taken:
        (tmp_path / "two").mkdir()
        (tmp_path / "two" / "port").write_text(f"{taken.port}\n")
        assert remembered_port(tmp_path / "two") != taken.port
        with pytest.raises(StartError):
            embedded.redis.start(tmp_path / "two", port=taken.port)


def test_postgres_starts_beside_a_note_that_names_a_living_process(tmp_path: Path) -> None:
    """After a container's restart the number in postmaster.pid is often another program's."""
    with embedded.postgres.start(tmp_path, durable=False) as server:
        note = tmp_path / "cluster" / "postmaster.pid"
        lines = note.read_text().splitlines()
        server.kill()
        with subprocess.Popen(["sleep", "60"], user=note.stat().st_uid) as other:  # noqa: S607
            note.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
            server.restart()
            other.kill()
        with psycopg.connect(server.url) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_postgres_leaves_no_process_behind(tmp_path: Path) -> None:
    with embedded.postgres.start(tmp_path, durable=False) as server, psycopg.connect(server.url) as conn:
        session = conn.info.backend_pid
        server.kill()
        with pytest.raises(ProcessLookupError):
            os.kill(session, 0)
        conn.close()


def test_strangers_stay_out(tmp_path: Path) -> None:
    with (
        embedded.postgres.start(tmp_path / "postgres", durable=False) as postgres,
        embedded.redis.start(tmp_path / "redis", durable=False) as store,
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://pesachama@127.0.0.1:{postgres.port}/pesachama", password="guess")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=store.port, retry=Retry(NoBackoff(), 0)).get("kept")
    for home in (tmp_path / "postgres", tmp_path / "redis"):
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600


def test_postgres_never_runs_as_root_and_reads_utc_and_utf8(tmp_path: Path) -> None:
    with embedded.postgres.start(tmp_path, durable=False) as server, psycopg.connect(server.url) as conn:
        if sys.platform == "linux":
            status = Path(f"/proc/{server.pid}/status").read_text()
            user = status.split("Uid:", 1)[1].split()[1]
            assert user == str((tmp_path / "cluster").stat().st_uid)
        shown = conn.execute(
            "SELECT current_setting('timezone'), current_setting('server_encoding'), datcollate, datlocale "
            "FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert shown == ("UTC", "UTF8", "C", "C.UTF-8")


PARENT = """
import sys, time
from pathlib import Path
import embedded.{kind}
server = embedded.{kind}.start(Path(sys.argv[1]), durable=False)
print(server.pid, server._watch.pid, server.port, flush=True)
{then}
time.sleep(60)
"""


def start_in_a_parent(kind: str, home: Path, then: str = "") -> tuple[subprocess.Popen[str], int, int, int]:
    """A process of its own that starts a server: the process, the server's id, its watch's id, the port."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(kind=kind, then=then), str(home)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    pid, watch, port = map(int, parent.stdout.readline().split())
    return parent, pid, watch, port


def ends(pid: int) -> bool:
    """Whether this process, no child of ours, ends within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("kind", ["postgres", "redis", "chain"])
def test_a_server_stops_when_its_parent_is_killed(tmp_path: Path, kind: str) -> None:
    parent, pid, watch, port = start_in_a_parent(kind, tmp_path)
    parent.kill()
    parent.communicate()
    assert ends(pid)
    assert ends(watch)
    assert not accepts(port)


STUBBORN = """
import signal, subprocess, sys, time
from pathlib import Path
from embedded.server import Recipe, Server
program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
home = Path(sys.argv[1])
recipe = Recipe("stubborn", home, lambda _: [sys.executable, "-c", program], lambda _: "",
                lambda _: "up" in (home / "stubborn.log").read_text())
server = Server(recipe, 1)
print(server.pid, server._watch.pid, server.port, flush=True)
time.sleep(60)
"""


def test_a_server_that_will_not_stop_ends_soon_after_its_parent(tmp_path: Path) -> None:
    """Sooner than one whose parent waits for an orderly stop, which has twenty seconds."""
    parent = subprocess.Popen([sys.executable, "-c", STUBBORN, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid, watch, _port = map(int, parent.stdout.readline().split())
    parent.kill()
    parent.communicate()
    assert ends(pid)
    assert ends(watch)


def test_a_server_stops_although_a_fork_of_its_parent_lives_on(tmp_path: Path) -> None:
    """A fork keeps the pipe to the watch open, as a pre-forking web server would."""
    forked = "import os\nif os.fork() == 0:\n    time.sleep(3)\n    os._exit(0)"
    parent, pid, watch, _port = start_in_a_parent("redis", tmp_path, forked)
    time.sleep(0.2)
    begun = time.monotonic()
    parent.kill()
    assert ends(pid)
    assert ends(watch)
    assert time.monotonic() - begun < 2.5
    parent.communicate()


def test_a_server_stops_when_its_watch_is_killed(tmp_path: Path) -> None:
    parent, pid, watch, _port = start_in_a_parent("postgres", tmp_path)
    os.kill(watch, 9)
    with embedded.postgres.start(tmp_path, durable=False) as successor:
        assert ends(pid)
        assert successor.pid != pid
    parent.kill()
    parent.communicate()


def test_a_successor_waits_for_the_server_of_a_killed_parent(tmp_path: Path) -> None:
    parent, pid, _watch, _port = start_in_a_parent("postgres", tmp_path)
    parent.kill()
    with embedded.postgres.start(tmp_path, durable=False) as server:
        assert server.pid != pid
        assert accepts(server.port)
    parent.communicate()


def test_an_initdb_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "cluster.new").mkdir()
    (tmp_path / "cluster.new" / "PG_VERSION").write_text("18\n")
    with embedded.postgres.start(tmp_path, durable=False) as server:
        assert accepts(server.port)


def test_the_log_of_a_failed_start_is_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartError, match="did not start"):
        embedded.postgres.start(tmp_path, port=free_port())
