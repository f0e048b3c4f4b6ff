"""A group's archive, checked as an auditor checks it: the one file alone, under a Python that has nothing of ours."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, sql

from gateway import cli
from gateway.commands import environment, export
from gateway.wiring import Wiring
from ledger import archive, batches, seasons
from tests.chamas.archives import Check, Row, made, refilled, resealed, rows_of
from tests.chamas.conftest import Village


def test_an_honest_archive_holds_and_is_the_same_twice(
    packed: bytes, wiring: Wiring, village: Village, check: Check
) -> None:
    status, told = check(packed)
    assert (status, "Umoja: 4 pages" in told, "; 0 wrong" in told) == (0, True, True)
    assert made(wiring, village) == packed
    assert export.made(wiring, 99) is None
    status, _ = check(made(wiring, village, with_notes=False))
    assert status == 0


def test_a_damaged_archive_is_named_wrong_and_its_reader_does_not_fall_over(archive: bytes, check: Check) -> None:
    flipped = bytearray(archive)
    flipped[archive.index(b"seq,season,") + 5] ^= 1
    for damaged, named in ((bytes(flipped), ".csv"), (archive[:-100], "zip"), (b"", "zip"), (b"not one", "zip")):
        status, told = check(damaged)
        assert (status, told.startswith("WRONG group.zip cannot be read"), named in told) == (1, True, True), told


def test_nothing_personal_is_in_it(archive: bytes) -> None:
    for personal in (b"+2547", b"Amina", b"Baraka", b"Wanjiku"):
        assert personal not in archive


def test_a_gateway_whose_chain_is_on_names_no_checkpoint_file(packed: bytes, wiring: Wiring, village: Village) -> None:
    on = replace(wiring, settings=replace(wiring.settings, chain="on", checkpoint_file=""))
    body = made(on, village)
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        assert files.read("checkpoints.txt") == b""
    assert rows_of(body, "batches.csv") == rows_of(packed, "batches.csv")


BENT = (
    ("entries.csv", b"2026-11", b"2026\r11"),
    ("entries.csv", b"Z,", b"z,"),
    ("postings.csv", b",-", b",\r"),
    ("books.journal", b"-500.00", b"-900.00"),
)


@pytest.mark.parametrize(("name", "was", "becomes"), BENT)
def test_a_byte_that_makes_a_file_unreadable_or_another_is_named(
    archive: bytes, check: Check, name: str, was: bytes, becomes: bytes
) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        body = files.read(name)
    assert was in body
    status, told = check(refilled(archive, name, body.replace(was, becomes, 1)))
    assert (status, "cannot read the archive" in told or f"{name} says something else" in told) == (1, True), told


@pytest.mark.parametrize("manifest", [{"name": None}, {"pages": "many"}, {"files": []}])
def test_a_manifest_that_says_nothing_is_no_archive(archive: bytes, check: Check, manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        said = json.loads(files.read("manifest.json")) | manifest
    told = {key: value for key, value in said.items() if value is not None}
    status, words = check(refilled(archive, "manifest.json", json.dumps(told).encode()))
    assert (status, "cannot be read as an archive" in words) == (1, True)


# What follows from nothing else in the archive: name, kind, owner and bounds of an account, where a payment came in.
FREE = {"owner_member_id", "closed_at", "code", "id", "shortcode", "position", "floor_cents", "ceiling_cents"}
FREE |= {"kind of receipts.csv", "kind of accounts.csv"}
FILES = ("entries.csv", "postings.csv", "notes.csv", "leaves.csv", "receipts.csv", "positions.csv", "accounts.csv")


@pytest.mark.parametrize("name", FILES)
def test_every_changed_field_of_a_resealed_archive_is_found_and_its_page_named(
    archive: bytes, read: Check, name: str
) -> None:
    first = rows_of(archive, name)[0]
    for column in [one for one in first if not {one, f"{one} of {name}"} & FREE]:
        bent = flipped(first[column])

        def bend(rows: list[Row], column: str = column, bent: str = bent) -> None:
            rows[0][column] = bent

        status, told = read(resealed(archive, name, bend))
        culprits = {f"entry {seq} of book 1" for seq in (first.get("seq"), bent if column == "seq" else None)}
        culprits |= {f"account {first.get('code')} of book 1", f"account {first.get('account_id')} of book 1"}
        assert status == 1, (column, first[column], bent)
        assert any(culprit in told for culprit in culprits), (column, first[column], bent, told)


def flipped(value: str) -> str:
    """The same kind of value with one bit or digit changed; something where nothing stood."""
    if not value:
        return "7"
    if value[-1] == "Z":
        return value[:-2] + str((int(value[-2]) + 1) % 10) + "Z"
    if value.startswith("{"):
        return value.replace("QKA", "QKB")
    end = value[-1]
    if end.isdigit() and value.lstrip("-").isdigit():
        return str(int(value) ^ 1)
    return value[:-1] + ("0" if end != "0" else "1")


def test_a_page_taken_out_or_put_in_is_found(archive: bytes, check: Check) -> None:
    status, told = check(resealed(archive, "entries.csv", lambda rows: rows[:1] + rows[2:]))
    assert (status, "entry 2 of book 1 is missing" in told) == (1, True)
    status, told = check(resealed(archive, "postings.csv", lambda rows: rows[2:]))
    assert (status, "entry 1 of book 1 lacks its postings" in told) == (1, True)
    status, told = check(resealed(archive, "postings.csv", lambda rows: [*rows, rows[-1]]))
    assert (status, "entry 4 of book 1 was changed" in told) == (1, True)


def test_a_file_changed_without_its_manifest_is_named(archive: bytes, check: Check, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        files.extractall(tmp_path / "folder")
    (tmp_path / "folder" / "README.txt").write_text("trust us")
    assert check(archive)[0] == 0
    done = subprocess.run(
        [sys.executable, "-I", "verify_export.py", "folder"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "WRONG file README.txt was changed" in done.stdout) == (1, True)


def test_books_that_were_changed_in_the_database_are_named_by_the_one_file(
    packed: bytes, conn: Connection[Any], wiring: Wiring, village: Village, check: Check
) -> None:
    for table in ("entries", "entries_20262", "postings", "postings_20262"):
        conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    conn.execute("UPDATE entries SET actor_id = 9 WHERE (book_id, seq) = (1, 2)")
    status, told = check(made(wiring, village))
    assert (status, "entry 2 of book 1 was changed: it has another hash" in told) == (1, True)


def test_the_command_writes_the_file_and_says_its_hash(  # noqa: PLR0917 - fixtures
    packed: bytes,
    wiring: Wiring,
    village: Village,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(environment, "wiring", lambda process: replace(wiring, process=process))
    out = tmp_path / "umoja.zip"
    assert cli.main(["export", "--chama", str(village.chama_id), "--out", str(out)]) == 0
    assert out.read_bytes() == packed
    assert hashlib.sha256(packed).hexdigest() in capsys.readouterr().out
    text = tmp_path / "umoja.journal"
    assert cli.main(["export", "--chama", str(village.chama_id), "--format", "hledger", "--out", str(text)]) == 0
    assert "2026-11-20 what the book says" in text.read_text()
    assert cli.main(["export", "--chama", "99", "--out", str(tmp_path / "none")]) == 1
    assert not (tmp_path / "none").exists()


@pytest.mark.usefixtures("packed")
def test_a_book_of_which_a_season_is_put_away_is_refused_until_it_is_back(
    conn: Connection[Any], wiring: Wiring, village: Village, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Half a book proves nothing."""
    batches.seal_due(wiring, witness="checkpoint")
    whole, later = made(wiring, village), seasons.opens_at(20272)
    seasons.open_ahead(conn, later)
    archive.archive(conn, 20262, at=later)
    monkeypatch.setattr(environment, "wiring", lambda process: replace(wiring))
    for form in ("archive", "hledger"):
        words = ["export", "--chama", str(village.chama_id), "--format", form, "--out", str(tmp_path / "umoja")]
        assert cli.main(words) == 1
        assert not (tmp_path / "umoja").exists()
    with conn.transaction():
        archive.attach(conn, 20262)
    assert made(wiring, village) == whole
