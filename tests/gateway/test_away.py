"""Commands that cannot do what they are told say so in one sentence, and in JSON where JSON was asked for."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from embedded.ports import free_port
from gateway import cli, limits
from gateway.commands import environment, export
from gateway.wiring import Wiring
from tests.instruments import HandClock, settings_for

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's settings with a PostgreSQL that is not there."""
    url = f"postgresql://keeper:a-password@127.0.0.1:{free_port()}/none"
    chosen = settings_for(url, "redis://127.0.0.1:1/0", tmp_path)
    monkeypatch.setitem(limits.POOL_WAIT_SECONDS, "worker", 0.1)
    monkeypatch.setattr(environment, "wiring", lambda process: Wiring(chosen, process, HandClock()))


def test_without_postgresql_a_command_answers_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["verify"], ["verify", "--json"], ["export", "--chama", "1"], ["positions"]):
        assert cli.main(command) == 1
        told = capsys.readouterr()
        assert told.err.count("\n") == 1
        assert told.err.startswith("PostgreSQL cannot be asked: ")
        assert "a-password" not in told.err
        if "--json" in command:
            answer = json.loads(told.out)
            assert (answer["ok"], answer["error"]) == (False, told.err.strip())
        else:
            assert told.out == ""


def test_an_archive_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(export, "made", lambda *_, **__: b"an archive")
    out = tmp_path / "nowhere" / "a.zip"
    assert cli.main(["export", "--chama", "1", "--out", str(out)]) == 1
    assert capsys.readouterr() == ("", f"{out} cannot be written: No such file or directory\n")


@pytest.mark.parametrize("target", ["verify", "doctor"])
def test_without_a_demo_make_says_so(tmp_path: Path, target: str) -> None:
    told = subprocess.run(
        [shutil.which("make") or "make", "-f", ROOT / "Makefile", "-o", ".venv/.product", target],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.splitlines()[0] == "no demo is running here: start one with make demo"
    assert "Traceback" not in told.stderr
