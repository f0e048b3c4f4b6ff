"""A group's archive, checked as an auditor checks it: the one file alone, under a Python that has nothing of ours."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, sql

from gateway import cli
from gateway.commands import environment, export
from gateway.wiring import Wiring
from ledger import archive, batches, checkpoints, seasons
from tests.chamas.conftest import Till, Village
from tests.instruments import START

Check = Callable[..., tuple[int, str]]
Row = dict[str, str]


@pytest.fixture
def packed(conn: Connection[Any], wiring: Wiring, village: Village, till: Till) -> bytes:
    """Umoja's archive: four receipts, the first three sealed and witnessed, the last one waiting."""
    for number, shillings in enumerate((100, 500, 1_300)):
        till.arrive(f"QKA{number:06}X", shillings, village.member_ids[number])
    assert batches.seal_due(wiring, witness="checkpoint") == 3
    own = wiring.settings
    checkpoints.write_due(wiring, path=Path(own.checkpoint_file), operator_key=own.chain_operator_key)
    till.arrive("QKA000003X", 200, village.member_ids[0])
    return made(wiring, village)


def made(wiring: Wiring, village: Village, **how: Any) -> bytes:
    body = export.made(wiring, village.chama_id, **how)
    assert body is not None
    return body


@pytest.fixture
def check(packed: bytes, tmp_path: Path) -> Check:
    """Runs the honest archive's program on one, in Python's isolated mode and outside this checkout."""
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        (tmp_path / "verify_export.py").write_bytes(files.read("verify_export.py"))

    def run(body: bytes, *options: object) -> tuple[int, str]:
        (tmp_path / "group.zip").write_bytes(body)
        command = [sys.executable, "-I", "-S", "verify_export.py", "group.zip", *map(str, options)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stderr == "", done.stderr
        return done.returncode, done.stdout

    return run


def resealed(body: bytes, name: str, change: Callable[[list[Row]], list[Row] | None]) -> bytes:
    """The archive with another CSV file in it and a manifest that fits: what a careful forger sends."""
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        parts = {one: files.read(one) for one in files.namelist()}
    rows = list(csv.DictReader(io.StringIO(parts[name].decode())))
    header = list(rows[0])
    rows = change(rows) or rows
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    parts[name] = text.getvalue().encode()
    manifest = json.loads(parts["manifest.json"])
    manifest["files"][name] = hashlib.sha256(parts[name]).hexdigest()
    parts["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as files:
        for one, part in parts.items():
            files.writestr(one, part)
    return out.getvalue()


def rows_of(body: bytes, name: str) -> list[Row]:
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        return list(csv.DictReader(io.StringIO(files.read(name).decode())))


def test_an_honest_archive_holds_and_is_the_same_twice(
    packed: bytes, wiring: Wiring, village: Village, check: Check
) -> None:
    status, told = check(packed)
    assert (status, "Umoja: 4 pages" in told, "; 0 wrong" in told) == (0, True, True)
    assert made(wiring, village) == packed
    assert export.made(wiring, 99) is None
    status, _ = check(made(wiring, village, with_notes=False))
    assert status == 0


def test_a_damaged_archive_is_named_wrong_and_its_reader_does_not_fall_over(packed: bytes, check: Check) -> None:
    flipped = bytearray(packed)
    flipped[packed.index(b"seq,season,") + 5] ^= 1
    for damaged, named in ((bytes(flipped), ".csv"), (packed[:-100], "zip"), (b"", "zip"), (b"not one", "zip")):
        status, told = check(damaged)
        assert (status, told.startswith("WRONG group.zip cannot be read"), named in told) == (1, True, True), told


def test_nothing_personal_is_in_it(packed: bytes) -> None:
    for personal in (b"+2547", b"Amina", b"Baraka", b"Wanjiku"):
        assert personal not in packed


def test_a_root_and_checkpoints_from_elsewhere_are_compared(
    packed: bytes, wiring: Wiring, check: Check, tmp_path: Path
) -> None:
    [batch] = rows_of(packed, "batches.csv")
    assert check(packed, "--root", f"0x{batch['root']}")[0] == 0
    status, told = check(packed, "--root", "0x" + "12" * 32)
    assert (status, "no batch has the root 0x1212" in told) == (1, True)
    copy = Path(wiring.settings.checkpoint_file)
    status, told = check(packed, "--checkpoints", copy)
    assert (status, f"signed with {copy.read_text().split()[1]}" in told) == (0, True)
    other = tmp_path / "other-checkpoints"
    other.write_text(copy.read_text().replace(batch["root"], "34" * 32))
    status, told = check(packed, "--checkpoints", other)
    assert (status, "batch 1 has another root than its checkpoint" in told) == (1, True)
    assert "the checkpoint of batch 1 is not signed with the key of its file" in told
    other.write_text("torn")
    assert check(packed, "--checkpoints", other)[0] == 1


def test_a_gateway_whose_chain_is_on_names_no_checkpoint_file(packed: bytes, wiring: Wiring, village: Village) -> None:
    on = replace(wiring, settings=replace(wiring.settings, chain="on", checkpoint_file=""))
    body = made(on, village)
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        assert files.read("checkpoints.txt") == b""
    assert rows_of(body, "batches.csv") == rows_of(packed, "batches.csv")


STATEMENT = """\
Organization:,PESACHAMA
Short Code:,600123
Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info
{rows}"""


def line(receipt: str, shillings: str, seconds: int = 0, status: str = "Completed") -> str:
    at = f"{START + timedelta(hours=3, seconds=seconds):%d-%m-%Y %H:%M:%S}"
    return f'{receipt},{at},{at},Pay Bill from 2547******11,{status},"{shillings}",,"9,999.00",x\n'


def test_mpesas_own_statement_is_compared_by_receipt_amount_and_time(
    packed: bytes, check: Check, tmp_path: Path
) -> None:
    portal = tmp_path / "portal.csv"
    right = [line("QKA000000X", "100.00"), line("QKA000001X", "500.00", 3), line("QKA000002X", "1,300.00")]
    right += [line("QKA000003X", "200.00"), line("QZZ000009X", "9.00", 60, "Failed")]

    def told(*rows: str, only: bool = False) -> tuple[int, str]:
        portal.write_text(STATEMENT.format(rows="".join(rows)), encoding="utf-8-sig")
        return check(packed, "--statement", portal, *(["--only"] if only else []))

    assert told(*right, only=True)[0] == 0
    status, text = told(*right[1:])
    assert (status, "receipt QKA000000X (entry 1 of book 1) is not in M-PESA's statement" in text) == (1, True)
    status, text = told(line("QKA000000X", "1,000.00"), *right[1:])
    assert (status, "QKA000000X (entry 1 of book 1): M-PESA's statement has another amount" in text) == (1, True)
    status, text = told(line("QKA000000X", "100.00", 3_600), *right[1:])
    assert (status, "QKA000000X (entry 1 of book 1): M-PESA's statement has another time" in text) == (1, True)
    stranger = line("QQQ000001X", "70.00")
    status, text = told(*right, stranger)
    assert (status, "1 payments (7000 cents) are not in this book" in text) == (0, True)
    status, text = told(*right, stranger, only=True)
    assert (status, "not in the book, but on the statement: QQQ000001X" in text) == (1, True)
    # A statement of other days says nothing about these receipts.
    status, text = told(line("QQQ000001X", "70.00", 86_400))
    assert (status, "4 receipts of other days" in text) == (0, True)


# What follows from nothing else in the archive: name, kind, owner and bounds of an account, where a payment came in.
FREE = {"owner_member_id", "closed_at", "code", "id", "shortcode", "position", "floor_cents", "ceiling_cents"}
FREE |= {"kind of receipts.csv", "kind of accounts.csv"}
FILES = ("entries.csv", "postings.csv", "notes.csv", "leaves.csv", "receipts.csv", "positions.csv", "accounts.csv")


@pytest.mark.parametrize("name", FILES)
def test_every_changed_field_of_a_resealed_archive_is_found_and_its_page_named(
    packed: bytes, check: Check, name: str
) -> None:
    first = rows_of(packed, name)[0]
    for column in [one for one in first if not {one, f"{one} of {name}"} & FREE]:
        bent = flipped(first[column])

        def bend(rows: list[Row], column: str = column, bent: str = bent) -> None:
            rows[0][column] = bent

        status, told = check(resealed(packed, name, bend))
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


def test_a_page_taken_out_or_put_in_is_found(packed: bytes, check: Check) -> None:
    status, told = check(resealed(packed, "entries.csv", lambda rows: rows[:1] + rows[2:]))
    assert (status, "entry 2 of book 1 is missing" in told) == (1, True)
    status, told = check(resealed(packed, "postings.csv", lambda rows: rows[2:]))
    assert (status, "entry 1 of book 1 lacks its postings" in told) == (1, True)
    status, told = check(resealed(packed, "postings.csv", lambda rows: [*rows, rows[-1]]))
    assert (status, "entry 4 of book 1 was changed" in told) == (1, True)


def test_a_file_changed_without_its_manifest_is_named(packed: bytes, check: Check, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        files.extractall(tmp_path / "folder")
    (tmp_path / "folder" / "README.txt").write_text("trust us")
    assert check(packed)[0] == 0
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
