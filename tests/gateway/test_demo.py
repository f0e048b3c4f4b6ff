"""`pesachama demo` as typed: one demo in a folder, nothing deleted by mistake, one sentence when it cannot start."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

import embedded.redis
from embedded.ports import LOOPBACK
from embedded.server import Server, StartError
from gateway import cli
from gateway.commands import demo
from gateway.demo import folder, stack, upkeep
from gateway.demo.stack import a_free_pair
from tests.payments.door import soon

ROOT = Path(__file__).parents[2]


def typed(where: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """One demo that ends by itself, in the folder `where`, as a shell would start it."""
    plain = {name: value for name, value in os.environ.items() if name not in ("PORT", "CHAIN", "FRESH")}
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", "demo", *arguments],
        cwd=where,
        env={**plain, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def typed_here(*arguments: str) -> int:
    """The same in this process, for what ends before anything is started; the exit status."""
    try:
        return cli.main(["demo", *arguments])
    except SystemExit as ended:
        assert isinstance(ended.code, int)
        return ended.code


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Something that a demo has left in its folder."""
    row = tmp_path / ".demo" / "postgres" / "row"
    row.parent.mkdir(parents=True)
    row.write_text("Umoja")
    return row


def test_a_second_demo_in_a_folder_is_told_so(tmp_path: Path, kept: Path) -> None:
    with folder.held(tmp_path / ".demo"):
        done = typed(tmp_path, FRESH="1", PORT=str(a_free_pair()))
    assert done.returncode == 1
    assert done.stderr.startswith("a demo is running here already: ")
    assert done.stderr.count("\n") == 1
    assert kept.exists()


def test_a_taken_port_deletes_nothing(tmp_path: Path, kept: Path) -> None:
    port = a_free_pair()
    with socket.create_server((LOOPBACK, port + 1)):
        done = typed(tmp_path, FRESH="1", PORT=str(port))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"port {port + 1} is in use" in done.stderr
    assert kept.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "web"), ("PORT", "65535"), ("PORT", "0"), ("CHAIN", "maybe"), ("FRESH", "yes"), ("FRESH", "false")],
)
def test_a_wrong_word_is_named_and_deletes_nothing(
    tmp_path: Path,
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    name: str,
    value: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for given in ({name: value}, {}):
        monkeypatch.delenv(name, raising=False)
        for variable, said in given.items():
            monkeypatch.setenv(variable, said)
        assert typed_here(*([] if given else [f"--{name.lower()}", value])) == 2
        told = capsys.readouterr().err
        assert name in told
        assert repr(value) in told or "65534" in told
        assert kept.exists()


def test_a_wrong_word_in_a_shell_is_one_sentence(tmp_path: Path, kept: Path) -> None:
    done = typed(tmp_path, FRESH="yes")
    assert (done.returncode, "Traceback" in done.stderr, "'yes'" in done.stderr) == (2, False, True)
    assert kept.exists()


def test_who_holds_the_folder_may_empty_it_and_holds_it_still(tmp_path: Path, kept: Path) -> None:
    home = tmp_path / ".demo"
    with folder.held(home):
        folder.empty(home)
        assert list(home.iterdir()) == []
        with pytest.raises(folder.FolderTaken, match="running here already"), folder.held(home):
            pass
    with folder.held(home):
        pass


def test_the_servers_of_a_killed_demo_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LEFTOVER_SECONDS", 0.2)
    home = tmp_path / ".demo"
    with (
        embedded.redis.start(home / "redis", durable=False),
        pytest.raises(folder.FolderTaken, match="redis of an earlier demo still runs"),
        folder.held(home),
    ):
        pass
    with folder.held(home):
        pass


def test_where_a_demo_can_be_reached_is_told_while_it_is_up_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / ".demo"
    seen: list[tuple[str, bool]] = []

    class Falling:
        @property
        def alive(self) -> bool:
            seen.append(("up", (home / "demo.json").exists() and (home / "environment").exists()))
            return False

    def look(when: str) -> None:
        seen.append((when, any((home / name).exists() for name in folder.NOTES)))

    def start(house: stack.Stack, _told: object) -> None:
        look("starts")
        house.servers["web"] = cast(Server, Falling())

    monkeypatch.setattr(stack.Stack, "start", start)
    monkeypatch.setattr(stack.Stack, "stop", lambda _demo: look("stops"))
    monkeypatch.setattr(stack.Stack, "description", lambda _demo: {})
    monkeypatch.setattr(demo.signal, "signal", lambda *_: None)
    monkeypatch.setattr(demo, "BANNER", "")
    monkeypatch.setattr(upkeep, "MOST_STARTS", 0)
    monkeypatch.chdir(tmp_path)
    home.mkdir()
    for name in folder.NOTES:
        (home / name).write_text("of a demo that was killed")
    assert typed_here("--port", str(a_free_pair())) == 1
    assert seen == [("starts", False), ("up", True), ("stops", False)]


def test_a_part_that_is_killed_is_up_again_and_one_that_keeps_ending_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MOST_STARTS", 2)
    with embedded.redis.start(tmp_path / "redis", durable=False) as server:
        keeper = upkeep.Upkeep({"Redis": server})
        assert keeper.look() == []
        before = server.url
        for _ in range(2):
            server.kill()
            [line] = keeper.look()
            assert line.startswith("Redis ended by itself; it is up again after ")
            assert server.alive and server.url == before
        server.kill()
        with pytest.raises(StartError, match="Redis ended by itself 2 times"):
            keeper.look()


def test_a_demo_that_is_killed_is_told_of_no_longer(tmp_path: Path) -> None:
    lives = "import pathlib; from gateway.demo import folder\n"
    lives += "with folder.withdrawn_after_us(pathlib.Path('.')): print('up', flush=True); input()"
    note = tmp_path / "demo.json"
    note.write_text("{}")
    with subprocess.Popen(
        [sys.executable, "-c", lives],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"up\n"
        assert note.exists()
        holder.kill()
    soon(lambda: not note.exists())


def test_a_folder_that_is_not_ours_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".demo").write_text("a file")
    done = typed(tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert ".demo cannot be used" in done.stderr


def test_the_folder_of_another_version_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "secrets.json").write_text('{"another": "version"}')
    done = typed(tmp_path, PORT=str(a_free_pair()), CHAIN="off")
    assert done.returncode == 1
    assert done.stderr == "This demo was made by another version: `make demo FRESH=1` starts over.\n"


def test_a_server_that_does_not_start_is_one_sentence(tmp_path: Path) -> None:
    cluster = tmp_path / ".demo" / "postgres" / "cluster"
    cluster.mkdir(parents=True, mode=0o700)
    (cluster / "PG_VERSION").write_text("9\n")
    done = typed(tmp_path, PORT=str(a_free_pair()), CHAIN="off")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("postgres did not start: ")
    assert "FRESH=1" in done.stderr


@pytest.mark.parametrize("trouble", ["ChangedMigration", "NewerDatabase"])
def test_a_database_of_another_version_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    from migrations import runner

    def start(*_: object) -> None:
        raise getattr(runner, trouble)("0001_books.sql changed after it was applied")

    monkeypatch.setattr(stack.Stack, "start", start)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["demo", "--port", str(a_free_pair())]) == 1
    assert capsys.readouterr().err == "This demo was made by another version: `make demo FRESH=1` starts over.\n"
