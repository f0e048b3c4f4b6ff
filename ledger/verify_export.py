#!/usr/bin/env python3
# Copyright the PesaChama authors. Licensed under the Apache License, Version 2.0: apache.org/licenses/LICENSE-2.0
"""Checks an archive that `pesachama export` wrote, with nothing but Python (3.9 or newer) and this one file.

    python3 verify_export.py umoja.zip [--root 0x...] [--checkpoints FILE] [--statement portal.csv [--only]]

Everything is computed again from the rows: hashes and check words of all pages, sums, balances, the journal, the Merkle
root over every page. That proves the archive agrees with itself. That nobody rewrote the whole of it is proved by what
you did not get from us: a root that you read on the chain or in an official's copy of the checkpoint file, and M-PESA's
own statement of the paybill. Each proves the pages that it says, and none after them. Receipt codes, what members said
(confirmations.csv) and where on the chain a batch lies stand here as we tell them: ask the chain, and the members.
Exit status 0: all of it holds; 1: something is wrong, and named.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path

Row = dict[str, str]

EAT = timezone(timedelta(hours=3))  # the clock of M-PESA's statements
EPOCH = datetime(1970, 1, 1, tzinfo=timezone(timedelta(0)))
# M-PESA's notice and its statement may name instants a few seconds apart.
SAME_TIME = timedelta(minutes=2)
# Of the list of check words: with another list the same hash would have other words.
WORD_LIST = "f10f8f0ef14893152f0a63d5e67de837912f4ae904a7125efbf04369b603f060"
UNREADABLE = (csv.Error, ValueError, LookupError, TypeError, AttributeError, OverflowError, InvalidOperation)
DAMAGE = (*UNREADABLE, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
# An instant in the archive's one form; the accounts of hledger by their kind.
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
TOP = {"asset": "assets", "liability": "liabilities", "equity": "equity", "income": "revenues", "expense": "expenses"}
PERIOD = re.compile(r"\bfrom\b[:\s]*(\d[\d/: -]*\d)\W+to\b[:\s]*(\d[\d/: -]*\d)", re.IGNORECASE)
STATEMENT_TIMES = ("%d-%m-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M")
# Keccak's rotations, from its specification, and the width of a lane.
ROTATIONS = (0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14)
LANE = 2**64 - 1
# Ed25519 (RFC 8032): the field, the order of the base point, the curve's constant and a square root of -1.
FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, FIELD) % FIELD
ROOT_OF_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)
Point = tuple[int, int, int]  # x and y over z


def round_constants() -> list[int]:
    """Keccak's 24 constants: the bits 2^j - 1 of each come from a shift register of 8 bits."""
    constants, register = [0] * 24, 1
    for place in range(7 * 24):
        constants[place // 7] |= (register & 1) << (2 ** (place % 7) - 1)
        register = (register << 1) ^ ((register >> 7) * 0x171)
    return constants


ROUND_CONSTANTS = round_constants()


def keccak(data: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it (padded with 0x01), which is not the SHA3-256 of hashlib."""
    pad = 136 - len(data) % 136
    data += b"\x81" if pad == 1 else b"\x01" + bytes(pad - 2) + b"\x80"
    state = [0] * 25
    for start in range(0, len(data), 136):
        for lane in range(17):
            state[lane] ^= int.from_bytes(data[start + 8 * lane : start + 8 * lane + 8], "little")
        for constant in ROUND_CONSTANTS:
            column = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
            turned = [column[x - 1] ^ rotate(column[(x + 1) % 5], 1) for x in range(5)]
            moved = [0] * 25
            for x, y in ((x, y) for x in range(5) for y in range(5)):
                moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(state[x + 5 * y] ^ turned[x], ROTATIONS[x + 5 * y])
            for x, y in ((x, 5 * y) for x in range(5) for y in range(5)):
                state[x + y] = moved[x + y] ^ (~moved[y + (x + 1) % 5] & LANE & moved[y + (x + 2) % 5])
            state[0] ^= constant
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def rotate(lane: int, by: int) -> int:
    return ((lane << by) | (lane >> (64 - by))) & LANE


def point(encoded: bytes) -> Point | None:
    """The point of the curve that 32 bytes name: y, and in the highest bit whether x is odd."""
    y, odd = int.from_bytes(encoded, "little") & (2**255 - 1), encoded[31] >> 7
    if y >= FIELD:
        return None
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if x * x % FIELD != square:
        x = x * ROOT_OF_MINUS_ONE % FIELD
    if x * x % FIELD != square or (x == 0 and odd):
        return None
    return (x if x & 1 == odd else FIELD - x, y, 1)


def added(one: Point, other: Point) -> Point:
    """The sum of two points; the law is whole, so a point may be added to itself."""
    both, xs, ys = one[2] * other[2] % FIELD, one[0] * other[0] % FIELD, one[1] * other[1] % FIELD
    bent = CURVE * xs * ys % FIELD
    under, over = both * both - bent, both * both + bent
    crossed = (one[0] + one[1]) * (other[0] + other[1]) - xs - ys
    return both * under * crossed % FIELD, both * over * (ys + xs) % FIELD, under * over % FIELD


def times(count: int, one: Point) -> Point:
    total: Point = (0, 1, 1)
    for bit in bin(count)[2:]:
        total = added(total, total)
        total = added(total, one) if bit == "1" else total
    return total


def signed(key: bytes, text: bytes, signature: bytes) -> bool:
    """Whether the owner of the Ed25519 key signed the text."""
    if (len(key), len(signature)) != (32, 64):
        return False
    owner, base = point(key), point((4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little"))
    response = int.from_bytes(signature[32:], "little")
    if owner is None or base is None or response >= ORDER:
        return False
    asked = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    x, y, z = added(times(response, base), times(asked, (FIELD - owner[0], owner[1], 1)))
    x, y = x * pow(z, -1, FIELD) % FIELD, y * pow(z, -1, FIELD) % FIELD
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def hashed(fields: list[str | int | bytes | None]) -> bytes:
    """sha256 over fields, each behind its length in 4 bytes; a missing one is ffffffff, a number 8 bytes."""
    body = b""
    for value in fields:
        raw = value.to_bytes(8, "big", signed=True) if isinstance(value, int) else value
        raw = raw.encode() if isinstance(raw, str) else raw
        body += b"\xff\xff\xff\xff" if raw is None else len(raw).to_bytes(4, "big") + raw
    return hashlib.sha256(body).digest()


def number(text: str) -> int | None:
    return int(text) if text else None


def instant(text: str) -> datetime:
    if not INSTANT.fullmatch(text):
        raise ValueError(f"no instant: {text}")
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def microseconds(text: str) -> int | None:
    return (instant(text) - EPOCH) // timedelta(microseconds=1) if text else None


class Archive:
    """The files of a zip or of a folder that it was unpacked to, and everything that is wrong with them."""

    def __init__(self, path: Path) -> None:
        self.wrong: list[str] = []
        if path.is_dir():
            self.files = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
        else:
            with zipfile.ZipFile(path) as packed:
                self.files = {name: packed.read(name) for name in packed.namelist()}
        self.manifest = json.loads(self.files["manifest.json"])
        self.book = int(self.manifest["book"])
        self.name, self.pages = str(self.manifest["name"]), int(self.manifest["pages"])
        self.words, self.head = str(self.manifest["words"]), str(self.manifest["head"])
        self.listed = dict(self.manifest["files"].items())

    def rows(self, name: str) -> list[Row]:
        return list(csv.DictReader(io.StringIO(self.files.get(name, b"").decode())))

    def page(self, seq: object) -> str:
        return f"entry {seq} of book {self.book}"

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


def check_files(archive: Archive) -> None:
    """Every file has the bytes that the manifest names; this program and what was added later are not among them."""
    for name, sha256 in archive.listed.items():
        there = archive.files.get(name)
        archive.check(there is not None and hashlib.sha256(there).hexdigest() == sha256, f"file {name} was changed")
    listed = hashlib.sha256(archive.files.get("words.txt", b"")).hexdigest()
    archive.check(listed == WORD_LIST, "words.txt is another list of words")


def check_pages(archive: Archive) -> None:
    """Pages run without gaps, each names the hash before it and has its own, its words and its note's commitment."""
    words = archive.files.get("words.txt", b"").decode().split()
    lines: dict[str, list[Row]] = {}
    for row in archive.rows("postings.csv"):
        lines.setdefault(row["seq"], []).append(row)
    notes = {row["seq"]: row for row in archive.rows("notes.csv")}
    codes = {row["seq"]: row["words"] for row in archive.rows("codes.csv")}
    before, last, season = bytes(32), 0, 0
    for row in archive.rows("entries.csv"):
        page = archive.page(row["seq"])
        own = lines.pop(row["seq"], [])
        archive.check(int(row["seq"]) == last + 1 and int(row["season"]) >= season, f"{page} does not follow {last}")
        archive.check(row["prev_hash"] == before.hex(), f"{page} does not name the hash of the page before")
        try:
            again = entry_hash(archive.book, row, own)
        except (ValueError, OverflowError):
            again = b""
        archive.check(again.hex() == row["hash"], f"{page} was changed: it has another hash")
        archive.check(bool(own) and all(line["season"] == row["season"] for line in own), f"{page} lacks its postings")
        archive.check(spoken(words, row["hash"]) == codes.pop(row["seq"], ""), f"{page} has other check words")
        note = notes.pop(row["seq"], None)
        archive.check(note is None or committed(note) == row["commitment"], f"the note of {page} is another")
        before, last, season = bytes.fromhex(row["hash"]), int(row["seq"]), int(row["season"])
    for stray in (*lines, *notes, *codes):
        archive.wrong.append(f"{archive.page(stray)} is missing, but something of it is there")
    archive.check((last, before.hex()) == (archive.pages, archive.head), "the last page differs")


def entry_hash(book: int, row: Row, lines: list[Row]) -> bytes:
    """The hash of a page: form 1, or form 2 with what holds and their endings need."""
    fields: list[str | int | bytes | None] = [
        f"pesachama-entry/{row['version']}",
        bytes.fromhex(row["prev_hash"]),
        book,
    ]
    fields += [int(row["season"]), int(row["seq"]), row["kind"]]
    fields += [microseconds(row["occurred_at"]), microseconds(row["recorded_at"])]
    late = row["version"] == "2"
    fields += [microseconds(row["expires_at"])] if late else []
    fields += [number(row[name]) for name in ("about_season", "actor_id", "reverses_seq")]
    fields += [number(row["resolves_seq"]), row["resolution"] or None] if late else []
    if not late and (row["version"] != "1" or row["expires_at"] or row["resolves_seq"] or row["resolution"]):
        return b""
    fields += [bytes.fromhex(row["commitment"]), len(lines)]
    for line in lines:
        fields += [int(line["account_id"]), int(line["amount_cents"])]
        fields += [line["phase"]] if late else []
        if not late and line["phase"] != "posted":
            return b""
    return hashed(fields)


def spoken(words: list[str], hexed: str) -> str:
    """The two words for the first 22 bits of a hash."""
    bits = int(hexed[:6] or "0", 16) >> 2
    return f"{words[bits >> 11]} {words[bits & 2047]}" if len(words) == 2048 else ""


def committed(note: Row) -> str:
    text = json.dumps(json.loads(note["note"]), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(bytes.fromhex(note["salt"]) + text.encode()).hexdigest()


def check_sums(archive: Archive) -> None:
    """Every entry adds up to zero, balances run on, and accounts have what their postings lead to."""
    sums: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    held: dict[str, dict[str, int]] = {}
    for row in archive.rows("postings.csv"):
        page, cents, phase = archive.page(row["seq"]), int(row["amount_cents"]), row["phase"]
        counts[row["seq"]] = counts.get(row["seq"], 0) + 1
        sums[row["seq"], phase] = sums.get((row["seq"], phase), 0) + cents
        account = held.setdefault(row["account_id"], {"balance": 0, "version": 0})
        side = ("debits_" if cents > 0 else "credits_") + ("posted_cents" if phase == "posted" else "pending_cents")
        account[side] = account.get(side, 0) + (-abs(cents) if phase == "released" else abs(cents))
        account["balance"] += cents if phase == "posted" else 0
        account["version"] += 1
        archive.check(int(row["line"]) == counts[row["seq"]], f"the lines of {page} are not numbered")
        runs_on = (account["balance"], account["version"]) == (
            int(row["balance_after_cents"]),
            int(row["account_version"]),
        )
        archive.check(runs_on, f"a balance in {page} does not follow from the ones before")
    for (seq, _), cents in sums.items():
        archive.check(cents == 0 and counts[seq] > 1, f"{archive.page(seq)} does not balance")
    for row in archive.rows("accounts.csv"):
        told = held.pop(row["id"], {"balance": 0, "version": 0})
        name = f"account {row['code']} of book {archive.book}"
        for column in ("debits_posted_cents", "credits_posted_cents", "debits_pending_cents", "credits_pending_cents"):
            archive.check(told.get(column, 0) == int(row[column]), f"{name} has other {column} than its postings")
        side = "debit" if row["kind"] in ("asset", "expense") else "credit"
        archive.check(row["normal_side"] == side, f"{name} stands on the wrong side")
        cents = told["balance"] if side == "debit" else -told["balance"]
        archive.check(
            (cents, told["version"]) == (int(row["balance_cents"]), int(row["version"])), f"{name} has another balance"
        )
        low, high = number(row["floor_cents"]), number(row["ceiling_cents"])
        archive.check((low is None or low <= cents) and (high is None or cents <= high), f"{name} is out of its bounds")
    archive.check(not held, f"postings go to accounts that are not in the archive: {', '.join(held)}")


def check_positions(archive: Archive) -> None:
    """What every account did in each season is what its postings of that season add up to."""
    did: dict[tuple[str, str], list[int]] = {}
    for row in archive.rows("postings.csv"):
        if row["phase"] == "posted":
            cents, seq = int(row["amount_cents"]), int(row["seq"])
            debits, credits, count, first, last = did.get((row["account_id"], row["season"]), [0, 0, 0, seq, seq])
            sides = [debits + max(cents, 0), credits + max(-cents, 0)]
            did[row["account_id"], row["season"]] = [*sides, count + 1, min(first, seq), max(last, seq)]
    for row in archive.rows("positions.csv"):
        told = [int(row[name]) for name in ("debits_cents", "credits_cents", "postings", "first_seq", "last_seq")]
        same = did.pop((row["account_id"], row["season"]), None) == told
        name = f"account {row['account_id']} of book {archive.book} in season {row['season']}"
        archive.check(same, f"the position of {name} is not what its postings add up to")
    for account, season in did:
        archive.wrong.append(f"account {account} of book {archive.book} in season {season} lacks its position")


def check_seals(archive: Archive) -> None:
    """Every sealed page leads over its siblings to the root of its batch."""
    batches = {row["number"]: row for row in archive.rows("batches.csv")}
    hashes = {row["seq"]: row for row in archive.rows("entries.csv")}
    for row in archive.rows("leaves.csv"):
        entry, page = hashes.get(row["seq"]), archive.page(row["seq"])
        if entry is None or row["batch"] not in batches:
            archive.wrong.append(f"the leaf of {page} has no page or no batch")
            continue
        plain = [n.to_bytes(32, "big") for n in (1, archive.book, int(entry["season"]), int(entry["seq"]))]
        node = keccak(
            keccak(b"".join(plain) + bytes.fromhex(entry["hash"]) + bytes.fromhex(row["salt"]).ljust(32, b"\0"))
        )
        archive.check(node.hex() == row["leaf"], f"the leaf of {page} is not of its hash")
        for sibling in row["siblings"].split():
            node = keccak(b"".join(sorted((node, bytes.fromhex(sibling)))))
        archive.check(node.hex() == batches[row["batch"]]["root"], f"{page} does not lead to the root of its batch")
    sealed = sorted(int(row["seq"]) for row in archive.rows("leaves.csv"))
    for at, seq in enumerate(sealed, start=1):
        if seq != at:
            archive.wrong.append(f"{archive.page(at)} is in no batch, but {archive.page(seq)} is; or one is in two")
            break
    filled = {row["batch"] for row in archive.rows("leaves.csv")}
    for row in batches.values():
        archive.check(row["number"] in filled, f"no page of the archive leads to the root of batch {row['number']}")
        before = batches.get(str(int(row["number"]) - 1))
        chained = before is None or before["root"] == row["previous_root"]
        archive.check(chained, f"batch {row['number']} does not name the root before it")


def check_receipts(archive: Archive) -> None:
    """What M-PESA's receipts brought stands in the entries that they name, and nothing else came in by M-PESA."""
    entries = {row["seq"]: row for row in archive.rows("entries.csv")}
    debits: dict[str, int] = {}
    for row in archive.rows("postings.csv"):
        if row["phase"] == "posted":
            debits[row["seq"]] = debits.get(row["seq"], 0) + max(0, int(row["amount_cents"]))
    notes = {row["seq"]: json.loads(row["note"]) for row in archive.rows("notes.csv")}
    for row in archive.rows("receipts.csv"):
        said = notes.get(row["seq"], {}).get("receipt", row["receipt"])
        archive.check(said == row["receipt"], f"the note of {archive.page(row['seq'])} names receipt {said}")
        page = f"receipt {row['receipt']} ({archive.page(row['seq'])})"
        entry = entries.get(row["seq"])
        archive.check(
            entry is not None and debits.get(row["seq"]) == int(row["amount_cents"]), f"{page}: another amount"
        )
        archive.check(entry is not None and entry["occurred_at"] == row["paid_at"], f"{page}: another time")
    if "receipts.csv" in archive.files:
        for seq in sorted(came_in(archive) - {row["seq"] for row in archive.rows("receipts.csv")}, key=int):
            archive.wrong.append(f"{archive.page(seq)} takes money in by M-PESA, but has no receipt of M-PESA's")


def came_in(archive: Archive) -> set[str]:
    """The pages that say money came in by M-PESA. What only reverses another page brought none."""
    floats = {row["id"] for row in archive.rows("accounts.csv") if row["code"].startswith("mpesa:")}
    lines = [row for row in archive.rows("postings.csv") if row["account_id"] in floats and row["phase"] == "posted"]
    mirrors = {row["seq"] for row in archive.rows("entries.csv") if row["reverses_seq"]}
    return {row["seq"] for row in lines if int(row["amount_cents"]) > 0} - mirrors


def check_journal(archive: Archive) -> None:
    """The journal for hledger says the same as the rows."""
    if "books.journal" not in archive.files:
        return
    names = {row["id"]: f"{TOP[row['kind']]}:{row['code']}" for row in archive.rows("accounts.csv")}
    entries = {row["seq"]: row for row in archive.rows("entries.csv")}
    text, last, seen = (
        "; amounts in KES, one transaction per page of the book\ncommodity 1000.00 KES\n",
        "0001-01-01",
        "",
    )
    text += "".join(f"account {name}\n" for name in sorted(names.values()))
    balances: dict[str, int] = {}
    for row in archive.rows("postings.csv"):
        if row["phase"] != "posted":
            continue
        if row["seq"] != seen:
            seen = row["seq"]
            day = f"{instant(entries[seen]['occurred_at']).astimezone(EAT):%Y-%m-%d}"
            last = max(last, day)
            text += f"\n{day} ({seen}) {entries[seen]['kind']}\n"
        text += f"    {names[row['account_id']]}  {kes(int(row['amount_cents']))}\n"
        balances[row["account_id"]] = balances.get(row["account_id"], 0) + int(row["amount_cents"])
    text += f"\n{last} what the book says\n" if balances else ""
    for account, cents in sorted(balances.items(), key=lambda one: int(one[0])):
        text += f"    {names[account]}  {kes(0)} = {kes(cents)}\n"
    archive.check(text.encode() == archive.files["books.journal"], "books.journal says something else than the rows")


def kes(cents: int) -> str:
    shillings, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{shillings}.{rest:02} KES"


def check_root(archive: Archive, told: str) -> None:
    """A root that the auditor read on the chain is the root of one of the batches."""
    of = [row["number"] for row in archive.rows("batches.csv") if row["root"] == told.lower().replace("0x", "", 1)]
    archive.check(bool(of), f"no batch has the root {told}")
    print(f"root {told[:14]}...: batch {', '.join(of) or 'of nobody'}; {proved(archive, of)}")


def proved(archive: Archive, numbers: Iterable[str]) -> str:
    """How far those batches reach. A page names the one before it, so the last proves all up to it, and none after."""
    named = set(numbers)
    page = max((int(row["seq"]) for row in archive.rows("leaves.csv") if row["batch"] in named), default=0)
    archive.check(page > 0, "no page of the archive is proved by what you brought")
    return f"it proves pages 1 to {page}" + (f", and none of {page + 1} to {archive.pages}" * (page < archive.pages))


def check_checkpoints(archive: Archive, path: Path) -> None:
    """The copy of the checkpoint file is signed, line by line, and every batch that it names has the root there."""
    head, *lines = path.read_text().splitlines()
    form, _, key = head.partition(" ")
    roots: dict[str, str] = {}
    for line in lines:
        text, _, signature = line.rpartition(" ")
        batch, root = text.split(" ")[:2]
        genuine = signed(bytes.fromhex(key), f"{form} {text}".encode(), bytes.fromhex(signature))
        archive.check(genuine, f"the checkpoint of batch {batch} is not signed with the key of its file")
        roots[batch] = root
    seen = [row for row in archive.rows("batches.csv") if row["number"] in roots]
    for row in seen:
        same = roots[row["number"]] == row["root"]
        archive.check(same, f"batch {row['number']} has another root than its checkpoint")
    archive.check(bool(seen), "the checkpoint file names no batch of this archive")
    told = proved(archive, [row["number"] for row in seen])
    print(f"checkpoints: {len(lines)}, signed with {key}: is that the key that you were given? {told}")


def check_statement(archive: Archive, path: Path, only: bool) -> None:
    """M-PESA's own statement has every receipt of its time with the same amount and time; with `only`, no others."""
    theirs, begins, ends = statement(path)
    archive.check("receipts.csv" in archive.files, "the archive names no receipts: receipts.csv is missing")
    reversed_pages = {row["reverses_seq"] for row in archive.rows("entries.csv")}
    outside = 0
    for row in archive.rows("receipts.csv"):
        name, at = f"receipt {row['receipt']} ({archive.page(row['seq'])})", instant(row["paid_at"])
        there = theirs.pop(row["receipt"], None)
        if there is not None:
            archive.check(there[1] == int(row["amount_cents"]), f"{name}: M-PESA's statement has another amount")
            archive.check(abs(there[0] - at) <= SAME_TIME, f"{name}: M-PESA's statement has another time")
        elif not begins <= at <= ends:
            outside += 1
        elif row["seq"] not in reversed_pages:  # what was taken back because M-PESA does not know it
            archive.wrong.append(f"{name} is not in M-PESA's statement")
    total = sum(cents for _, cents in theirs.values())
    between = f"{begins.astimezone(EAT):%Y-%m-%d %H:%M:%S} and {ends.astimezone(EAT):%Y-%m-%d %H:%M:%S}"
    print(
        f"statement: what came in between {between} in Nairobi; {outside} receipts of other times are not compared, and"
    )
    print(f"  neither is what went out; {len(theirs)} payments ({total} cents) are not in this book")
    archive.check(not only or not theirs, f"not in the book, but on the statement: {', '.join(sorted(theirs))}")


def statement(path: Path) -> tuple[dict[str, tuple[datetime, int]], datetime, datetime]:
    """What was paid in, by receipt: time and cents; and from when to when. The portal writes lines about the account,
    and most often the time, above the header; else it is from the first line to the last.
    """
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    heads = (at for at, row in enumerate(rows) if any(cell.strip().lower().startswith("receipt") for cell in row))
    head = next(heads, None)
    if head is None:
        raise ValueError("it has no column of receipts: is it the statement that the portal exports as CSV?")
    columns = [cell.strip().lower().rstrip(".") for cell in rows[head]]
    paid: dict[str, tuple[datetime, int]] = {}
    times = [completed(text) for row in rows[:head] for pair in PERIOD.findall(" ".join(row)) for text in pair]
    said = bool(times)
    for row in rows[head + 1 :]:
        told = {name: cell.strip() for name, cell in zip(columns, row)}  # noqa: B905 - Python 3.9 knows no `strict`
        if not any(told.values()):
            continue
        at, amount = completed(told["completion time"]), Decimal(told.get("paid in", "").replace(",", "") or "0")
        times += [] if said else [at]
        if amount > 0 and told.get("transaction status", "Completed").lower() == "completed":
            paid[told["receipt no"]] = (at, int(amount * 100))
    if not times:
        raise ValueError("it has no lines, and does not say of which time it is")
    return paid, min(times), max(times)


def completed(text: str) -> datetime:
    for form in STATEMENT_TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=EAT)
        except ValueError:
            continue
    raise ValueError(f"no time that we know: {text}")


def check_all(archive: Archive) -> None:
    """Everything that needs nothing from elsewhere; what cannot even be read is wrong, too."""
    for check in (check_files, check_pages, check_sums, check_positions, check_seals, check_receipts, check_journal):
        try:
            check(archive)
        except UNREADABLE as unreadable:
            archive.wrong.append(f"{check.__name__} cannot read the archive: {unreadable!r}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks an archive that `pesachama export` wrote.")
    parser.add_argument("archive", type=Path, help="the zip, or the folder that it was unpacked to")
    parser.add_argument("--root", action="append", default=[], help="a root that you read on the chain; again for more")
    parser.add_argument("--checkpoints", type=Path, help="a copy of the checkpoint file that you got from an official")
    parser.add_argument("--statement", type=Path, help="M-PESA's statement of the paybill, as CSV, fetched by you")
    parser.add_argument("--only", action="store_true", help="the paybill is this group's alone")
    options = parser.parse_args(argv)
    try:
        archive = Archive(options.archive)
    except DAMAGE as damage:
        print(f"WRONG {options.archive} cannot be read as an archive: {str(damage) or type(damage).__name__}")
        return 1
    check_all(archive)
    asked = [partial(check_root, archive, root) for root in options.root]
    asked += [partial(check_checkpoints, archive, options.checkpoints)] if options.checkpoints else []
    asked += [partial(check_statement, archive, options.statement, options.only)] if options.statement else []
    for check in asked:
        try:
            check()
        except (OSError, *UNREADABLE) as unreadable:
            archive.wrong.append(f"{check.args[1]} cannot be read: {unreadable}")
    for trouble in archive.wrong:
        print(f"WRONG {trouble}")
    wrong = len(archive.wrong)
    print(f"{archive.name}: {archive.pages} pages, check words of the last: {archive.words or 'none'}; {wrong} wrong")
    return 1 if archive.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
