"""The first admin of a real installation, and a new password for one who forgot it."""

import io
from typing import Any

import pytest
from psycopg import Connection

from gateway import cli
from gateway.commands import admin, environment
from gateway.desk import sessions, sign_in
from gateway.settings import Settings
from gateway.wiring import Wiring
from tests.instruments import HandClock, SeededChance

EMAIL = "asha@chama.example"
PASSWORD = "a password of her own"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, settings: Settings, clock: HandClock) -> None:
    """Commands build a wiring of their own; here each builds it on this test's servers."""
    monkeypatch.setattr(environment, "wiring", lambda process: Wiring(settings, process, clock, SeededChance()))


def typed(monkeypatch: pytest.MonkeyPatch, *arguments: str, text: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return cli.main(["admin", *arguments])


def enters(wiring: Wiring, password: str) -> bool:
    tried = sign_in.enter(wiring, EMAIL, password, person_key=b"person", caller_key=b"caller")
    return isinstance(tried, sign_in.Entered)


def test_a_generated_password_is_shown_once_and_opens_the_desk(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wiring: Wiring, conn: Connection[Any]
) -> None:
    assert typed(monkeypatch, " Asha@Chama.Example ", "--name", "Asha") == 0
    password = capsys.readouterr().out.splitlines()[-1]
    assert len(password) == 20
    assert enters(wiring, password)
    [row] = conn.execute("SELECT email, first_name, platform_role, password_hash FROM users").fetchall()
    assert row[:3] == (EMAIL, "Asha", "admin")
    assert password not in row[3]


def test_a_piped_password_is_taken_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wiring: Wiring
) -> None:
    assert typed(monkeypatch, EMAIL, "--stdin", text=f"{PASSWORD}\n") == 0
    shown = capsys.readouterr()
    assert PASSWORD not in shown.out + shown.err
    assert enters(wiring, PASSWORD)


def test_a_new_password_signs_out_whoever_had_the_old_one(
    monkeypatch: pytest.MonkeyPatch, wiring: Wiring, conn: Connection[Any]
) -> None:
    typed(monkeypatch, EMAIL, "--stdin", text="the password she forgot\n")
    [(user_id,)] = conn.execute("SELECT id FROM users").fetchall()
    with wiring.transaction() as own:
        cookie = sessions.begin(own, user_id, at=wiring.now(), chance=wiring.chance)
    assert typed(monkeypatch, EMAIL, "--stdin", text=PASSWORD) == 0
    with wiring.transaction() as own:
        assert sessions.visitor(own, cookie, at=wiring.now()) is None
    assert not enters(wiring, "the password she forgot")
    assert enters(wiring, PASSWORD)
    assert conn.execute("SELECT count(*) FROM users").fetchall() == [(1,)]


@pytest.mark.parametrize("text", ["", "short\n", "x" * 201])
def test_an_unfit_password_changes_nothing(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], conn: Connection[Any]
) -> None:
    assert typed(monkeypatch, EMAIL, "--stdin", text=text) == 2
    assert "12 to 200 characters" in capsys.readouterr().err
    assert conn.execute("SELECT count(*) FROM users").fetchall() == [(0,)]


def test_two_different_passwords_change_nothing(monkeypatch: pytest.MonkeyPatch, conn: Connection[Any]) -> None:
    answers = iter([PASSWORD, f"{PASSWORD}!"])
    monkeypatch.setattr(admin.getpass, "getpass", lambda _prompt: next(answers))
    assert typed(monkeypatch, EMAIL, "--ask") == 2
    assert conn.execute("SELECT count(*) FROM users").fetchall() == [(0,)]


def test_a_password_is_no_argument(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ((EMAIL, PASSWORD), (EMAIL, "--password", PASSWORD), ("asha",)):
        with pytest.raises(SystemExit) as ended:
            typed(monkeypatch, *arguments)
        assert ended.value.code == 2


def test_a_token_is_issued_for_whoever_was_seated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, EMAIL, "--stdin", text=PASSWORD)
    assert cli.main(["token", "reports", "--email", EMAIL.upper()]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("pesachama_")
