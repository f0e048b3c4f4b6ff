"""The doctor's looks that need no server: each says OK for what is right and what to do about what is wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import cli, premises
from gateway.premises import Advice
from gateway.settings import Settings
from tests.instruments import settings_for

KEY = "atsk_" + "5f1d7c3be09a4862" * 4
SANDBOX = "https://api.sandbox.africastalking.com/version1"


def chosen(tmp_path: Path, **changes: Any) -> Settings:
    return settings_for("postgresql://db.example/chama", "redis://cache.example", tmp_path, **changes)


def fixes(looked: Iterator[Advice]) -> str:
    """What is to be done, in one text."""
    return "\n".join(advice.fix for advice in looked if advice.fix)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"AT_USERNAME": "chama", "AT_API_KEY": KEY}, ""),
        ({"AT_USERNAME": "sandbox", "AT_API_KEY": KEY, "AT_BASE_URL": SANDBOX}, ""),
        ({"AT_USERNAME": "sandbox", "AT_API_KEY": KEY}, f"AT_BASE_URL={SANDBOX}"),
        ({"AT_USERNAME": "chama", "AT_API_KEY": KEY, "AT_BASE_URL": SANDBOX}, "AT_USERNAME=sandbox"),
        ({"AT_USERNAME": "chama", "AT_API_KEY": KEY[:20]}, "copy AT_API_KEY again"),
    ],
)
def test_credentials_of_africas_talking(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    fix = fixes(premises.texting(chosen(tmp_path, **changes)))
    assert said in fix
    assert bool(fix) == bool(said)
    assert KEY[:20] not in fix


def test_a_checkpoint_file_that_cannot_be_written(tmp_path: Path) -> None:
    assert fixes(premises.checkpoints(chosen(tmp_path))) == ""
    (tmp_path / "file").write_text("")
    fix = fixes(premises.checkpoints(chosen(tmp_path, CHECKPOINT_FILE=str(tmp_path / "file" / "checkpoints"))))
    assert "chown $(whoami)" in fix
    assert "CHECKPOINT_FILE" in fix


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, ""),
        ({"HOST": "0.0.0.0", "PORT": "80", "WEB_CONCURRENCY": "2"}, ""),  # noqa: S104
        ({"PORT": "web"}, "PORT=8000"),
        ({"HOST": "203.0.113.7"}, "HOST=0.0.0.0"),
        ({"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY=2"),
        ({"WEB_CONCURRENCY": "40"}, "at most 10"),
    ],
)
def test_where_the_web_process_listens(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    fix = fixes(premises.listening(chosen(tmp_path), environ))
    assert said in fix
    assert bool(fix) == bool(said)


@pytest.mark.parametrize(("name", "value"), [("PORT", "web"), ("PORT", "70000"), ("WEB_CONCURRENCY", "0")])
def test_serve_names_a_wrong_word(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve"])
    assert ended.value.code == 2
    assert f"{name} is a number" in capsys.readouterr().err
