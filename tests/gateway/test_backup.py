"""A backup brought back elsewhere is the same database; a file that is not whole, or not ours, brings back nothing."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway import cli
from gateway.backup import layout, paper
from gateway.commands import environment
from gateway.jobs import tables
from gateway.settings import Settings
from gateway.wiring import Wiring
from ledger import archive, seasons
from migrations import picture
from tests.instruments import START, HandClock, SeededChance, settings_for

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def here(village_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """The demo's people, a season that is put away with nothing in it, and the tables of the calendar's jobs."""
    tables.apply(village_url)
    with psycopg.connect(village_url, autocommit=True) as conn:
        seasons.open_one(conn, 20221)
        archive.archive(conn, 20221, at=START)
    return settings_for(village_url, redis_url, tmp_path)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clock: HandClock) -> Typed:
    """Types a command under these settings; returns its exit status and what it said."""

    def run(settings: Settings, *words: object) -> tuple[int, str]:
        built = Wiring(settings, "worker", clock, SeededChance())
        monkeypatch.setattr(environment, "wiring", lambda _process: built)
        status = cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def content(url: str) -> dict[str, Any]:
    """Every row of every table in no order, and where sequences stand."""
    with psycopg.connect(url) as conn:
        rows: dict[str, Any] = {}
        for table in layout.tables(conn):
            with conn.cursor().copy(table.out()) as lines:
                rows[table.member] = sorted(b"".join(lines).splitlines())
        return rows | {"sequences": layout.sequences(conn)}


def test_what_was_taken_comes_back_whole_elsewhere(
    here: Settings, empty_database_url: str, tmp_path: Path, typed: Typed, postgres_url: str
) -> None:
    out = tmp_path / "one.backup"
    status, said = typed(here, "backup", "--out", out)
    assert status == 0 and "PIN_PEPPER" in said, said
    assert out.stat().st_mode & 0o777 == 0o600 and sorted(tmp_path.glob(".one*")) == []
    there = replace(here, database_url=empty_database_url)
    status, said = typed(there, "restore", out)
    assert status == 0 and "FAIL" not in said and "ok   I5 hashes" in said, said
    before, after = content(here.database_url), content(empty_database_url)
    assert len(before["rows/public.entries_20262.copy"]) > 3
    changed = {name for name in before if before[name] != after[name]}
    # the gates that are closed now, and that this was written into the log of changes
    assert after["rows/public.payout_gates.copy"] and changed <= {
        *("rows/public.payout_gates.copy", "rows/public.heads.copy", "sequences"),
        *(name for name in before if name.startswith("rows/public.audit")),
    }, changed
    assert picture.draw(empty_database_url) == picture.draw(here.database_url)
    with psycopg.connect(empty_database_url) as conn:
        assert [one.attached for one in archive.all_seasons(conn) if one.number == 20221] == [False]
        assert conn.execute("SELECT DISTINCT stop_code FROM payout_gates").fetchall() == [("restored",)]
    status, said = typed(there, "restore", out)
    assert status == 1 and "not empty" in said


def test_a_file_that_is_not_whole_or_not_ours_leaves_the_database_empty(
    here: Settings, empty_database_url: str, tmp_path: Path, typed: Typed
) -> None:
    out, bad = tmp_path / "one.backup", tmp_path / "bad.backup"
    typed(here, "backup", "--out", out)
    there, whole = replace(here, database_url=empty_database_url), out.read_bytes()
    middle = len(whole) // 2
    for wrong in (whole[:-1], whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], whole + b" ", b""):
        bad.write_bytes(wrong)
        status, said = typed(there, "restore", bad)
        assert status == 1 and "is torn or was changed" in said
    for old, new, words in (
        ("0001_books.sql", "0001_other.sql", "another version"),
        ('"rows/public.users.copy": ', '"rows/public.users.copy": 9', "the manifest says"),
    ):
        with paper.written(bad) as remade, zipfile.ZipFile(io.BytesIO(whole)) as given:
            for name in given.namelist():
                body = given.read(name)
                remade.writestr(name, body.replace(old.encode(), new.encode()) if name == paper.MANIFEST else body)
        status, said = typed(there, "restore", bad)
        assert status == 1 and words in said and "Nothing was restored" in said
    status, said = typed(replace(there, pin_pepper="another pepper, which is long enough too"), "restore", out)
    assert status == 1 and "PIN_PEPPER" in said and "--other-secrets" in said
    with psycopg.connect(empty_database_url) as conn:
        assert layout.relations(conn) == []
    unwritable = tmp_path / "no" / "such.backup"
    assert typed(here, "backup", "--out", unwritable)[0] == 1
