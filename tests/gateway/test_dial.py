"""The phones of the terminal, against the app on a real port."""

import io
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from werkzeug.serving import make_server

from gateway import cli
from gateway.app import create_app
from gateway.wiring import Wiring
from tests.instruments import BEGINS, START, HandClock, SeededChance, settings_for
from tests.menus import village
from tests.whole import served

TALKS = Path(__file__).parents[1] / "talks"


@pytest.fixture
def gateway_url(web_wiring: Wiring, conn: Connection[Any]) -> Iterator[str]:
    village.settle(conn, START)
    server = make_server("127.0.0.1", 0, create_app(web_wiring), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def test_dial_shows_screens_and_takes_keys(
    gateway_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], conn: Connection[Any]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n500\n1\n"))
    assert cli.main(["dial", "*384*123#", "--phone", village.phone_of(4), "--gateway", gateway_url]) == 0
    shown = capsys.readouterr().out
    assert "    CON Umoja: paid 0 of 500, by Thu\n" in shown
    assert "    END Now M-PESA asks: 500 to PESACHAMA" in shown
    assert conn.execute("SELECT amount_cents FROM payment_attempts").fetchall() == [(500_00,)]


NOWHERE = "http://127.0.0.1:9"
DIAL = ["dial", "*384*123#", "--phone", village.phone_of(4)]
TALK = ["talk", str(TALKS / "balance.en.talk")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*DIAL, "--gateway", NOWHERE], f"No screen from {NOWHERE}: nobody answers. Is it running?"),
        ([*DIAL, "--simulator", NOWHERE], f"No screen from {NOWHERE}: nobody answers. Is it running?"),
        (DIAL, "no demo has been started here"),
        ([*TALK, "--gateway", NOWHERE], f"No screen from {NOWHERE}: nobody answers. Is it running?"),
        (TALK, "No demo has been started here"),
        (["talk", "/nope"], "/nope cannot be read: No such file or directory"),
        (["talk", "/"], "/ cannot be read: Is a directory"),
        (["talk", __file__], "is no talk: no line `phone: +254...` above the first step"),
        (["talk", sys.executable], "is no talk: not text"),
        ([*TALK, "--gateway", "8000"], "'8000' is no address"),
        ([*TALK, "--phone", "me"], "'me' is no phone number"),
        (["dial", "384", "--phone", village.phone_of(4)], "'384' is no code to dial"),
        (["dial", "*384*123#", "--phone", "+2547"], "'+2547' is no phone number"),
        (["dial", "*384*123#"], "required: --phone"),
        ([*DIAL, "--simulator", NOWHERE, "--gateway", NOWHERE], "not allowed with argument"),
        (["sing"], "invalid choice: 'sing'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def status_of(arguments: list[str]) -> object:
    """The exit status; argparse ends the process by itself."""
    try:
        return cli.main(arguments)
    except SystemExit as ended:
        return ended.code


def test_a_code_of_another_gateway_is_one_sentence(gateway_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dial", "*999#", "--phone", village.phone_of(4), "--gateway", f"{gateway_url}/nowhere"]) == 2
    assert f"No screen from {gateway_url}/nowhere: it answered 404" in capsys.readouterr().err


def test_without_a_command_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    shown = capsys.readouterr()
    assert all(name in shown.out for name in cli.COMMANDS)
    assert shown.err == ""


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_helps(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: pesachama {command}")
    assert command not in ("dial", "talk", "admin") or f"example: pesachama {command}" in shown


def test_a_talk_goes_as_written_or_shows_where_not(
    gateway_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = TALKS / "contribute.en.talk"
    assert cli.main(["talk", str(written), "--gateway", gateway_url]) == 0
    other = tmp_path / "other.talk"
    other.write_text(written.read_text().replace("Your turn: 26 Nov", "Your turn: 27 Nov"))
    assert cli.main(["talk", str(other), "--gateway", gateway_url]) == 1
    assert "-Your turn: 27 Nov" in capsys.readouterr().out


def test_the_example_holds_on_a_fresh_demo(
    village_url: str, redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["talk", "--help"])
    [example] = re.findall(r"^example: pesachama (talk .*)$", capsys.readouterr().out, re.M)
    web = Wiring(settings_for(village_url, redis_url, tmp_path), "web", HandClock(BEGINS), SeededChance())
    with served(web, 0, lambda app: app) as server:
        status = cli.main([*example.split(), "--gateway", f"http://127.0.0.1:{server.server_port}"])
    web.close()
    assert status == 0, capsys.readouterr().out
