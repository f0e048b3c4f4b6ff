"""The phones of the terminal, against the app on a real port."""

import io
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
from tests.instruments import START
from tests.menus import village

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


def test_dial_says_when_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["dial", "*384*123#", "--phone", village.phone_of(4), "--gateway", "http://127.0.0.1:9"]
    assert cli.main(arguments) == 1
    assert "No answer" in capsys.readouterr().err


def test_a_talk_goes_as_written_or_shows_where_not(
    gateway_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = TALKS / "contribute.en.talk"
    assert cli.main(["talk", str(written), "--gateway", gateway_url]) == 0
    other = tmp_path / "other.talk"
    other.write_text(written.read_text().replace("Your turn: 26 Nov", "Your turn: 27 Nov"))
    assert cli.main(["talk", str(other), "--gateway", gateway_url]) == 1
    assert "-Your turn: 27 Nov" in capsys.readouterr().out
