"""One byte of the books is changed behind every guard, by the owner: `verify` and the auditor's file both name it.

The quick run takes a seeded sample of all bytes of all rows, the full run every one of them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, errors, sql
from psycopg.rows import dict_row

from ledger import books, export, holds, refusals, verify, verify_export
from ledger.holds import Request
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja

SAMPLE = 100

# The bytes of a number, by its type in PostgreSQL.
WIDTHS = {"smallint": 2, "integer": 4, "bigint": 8}
TOTALS = ("debits_posted_cents", "credits_posted_cents", "debits_pending_cents", "credits_pending_cents", "version")

# What the database itself cannot store: an instant beyond its calendar, a page of a season that never was, two of one
# number. There is nothing to find then.
KEYS_AND_INSTANTS = {*("book_id", "season", "seq", "line", "account_id"), "occurred_at", "recorded_at", "expires_at"}
REFUSED = (errors.CheckViolation, errors.UniqueViolation, errors.ForeignKeyViolation, errors.DataError)


@dataclass(frozen=True)
class Flip:
    """One column of one row, and what one flipped byte makes of it."""

    table: str
    column: str
    place: str
    row: dict[str, Any]
    value: object

    def culprits(self) -> set[str]:
        """What a finding may name: the page as it was, or as the change makes it look."""
        if self.table == "accounts":
            return {f"account {self.row['code']} of book {self.row['book_id']}"}
        changed = {**self.row, self.column: self.value}
        if self.table == "positions":
            both = (self.row, changed)
            return {f"account {one['account_id']} of book {one['book_id']} in season {one['season']}" for one in both}
        return {f"entry {one['seq']} of book {one['book_id']}" for one in (self.row, changed)}


@pytest.fixture
def history(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Pages of every kind: money in, a note, a hold settled for less, one that waits, a mirror of an entry."""
    post = {"at": START, "chance": chance}
    books.post(conn, umoja.contribution("1", 5_000, actor_id=3), **post)
    books.post(conn, umoja.contribution("2", 700, about_season=20261), **post)
    till = START + timedelta(hours=1)
    taken = (books.Line(umoja.wanjiku, 1_000), books.Line(umoja.mpesa, -1_000))
    for key in ("3", "4"):
        books.post(conn, umoja.contribution(key, 0, kind="payout", lines=taken, expires_at=till), **post)
    less = (books.Line(umoja.wanjiku, 600), books.Line(umoja.mpesa, -600))
    holds.settle(conn, umoja.book_id, 3, Request("test", "5", START), lines=less, **post)
    holds.reverse(conn, umoja.book_id, 2, Request("test", "6", START), **post)
    return umoja


def unguard(conn: Connection[Any]) -> None:
    """What an owner who means harm does first: away with triggers and CHECKs, on the tables and on their partitions."""
    tables = [
        name
        for (name,) in conn.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace "
            "AND relname ~ '^(entries|postings|positions|accounts)(_[0-9]+)?$' ORDER BY relkind"
        )
    ]
    for name in tables:
        conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
        checks = conn.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c' AND conislocal "
            "AND coninhcount = 0",
            [name],
        ).fetchall()
        for (check,) in checks:
            drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            conn.execute(drop.format(sql.Identifier(name), sql.Identifier(check)))


def flips(conn: Connection[Any], dice: random.Random) -> Iterator[Flip]:
    """Every byte of every column of every row, each with one bit of it turned; something where nothing stood."""
    for table in ("entries", "postings", "positions", "accounts"):
        columns = dict(
            conn.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
                "AND table_name = %s ORDER BY ordinal_position",
                [table],
            ).fetchall()
        )
        rows = conn.cursor(row_factory=dict_row).execute(
            sql.SQL("SELECT tableoid::regclass::text || ctid::text AS place, * FROM {}").format(sql.Identifier(table))
        )
        for row in rows.fetchall():
            for column, kind in columns.items():
                if table != "accounts" or column in TOTALS:
                    for value in bent(row[column], kind, dice):
                        yield Flip(table, column, row["place"], row, value)


def bent(value: Any, kind: str, dice: random.Random) -> Iterator[object]:
    bit = 1 << dice.randrange(8)
    if value is None:
        yield {"text": "x", "timestamp with time zone": START}.get(kind, 1)
    elif isinstance(value, bytes):
        for at in range(len(value)):
            yield value[:at] + bytes([value[at] ^ bit]) + value[at + 1 :]
    elif isinstance(value, str):
        for at, letter in enumerate(value):
            yield value[:at] + chr(ord(letter) ^ (1 << dice.randrange(5))) + value[at + 1 :]
    elif isinstance(value, datetime):
        for at in range(7):  # the eighth byte of an instant leads out of every calendar
            yield value + timedelta(microseconds=bit << 8 * at) if at < 6 else value - timedelta(days=200_000)
    else:
        width = WIDTHS[kind]
        for at in range(width):
            raw = (value % (1 << 8 * width)) ^ (bit << 8 * at)
            yield raw - (1 << 8 * width) if raw >> (8 * width - 1) else raw


def try_out(conn: Connection[Any], flip: Flip, archive: Path) -> tuple[list[str], list[str]] | None:
    """What verify and the one file say of a flipped byte, which is turned back; None when it could not be stored."""
    with conn.transaction(force_rollback=True):
        change = sql.SQL("UPDATE {} SET {} = %s WHERE tableoid::regclass::text || ctid::text = %s")
        try:
            with conn.transaction():
                conn.execute(
                    change.format(sql.Identifier(flip.table), sql.Identifier(flip.column)), [flip.value, flip.place]
                )
        except REFUSED:
            return None
        ours = [finding.detail for finding in verify(conn) if not finding.ok and not finding.name.startswith("I13")]
        try:
            newest = books.page(conn, 1)
        except refusals.SeasonArchived:  # the last page is not where its code says
            newest = None
        archive.write_bytes(export.archive("Umoja", newest, 1, export.files(conn, 1)))
    theirs = verify_export.Archive(archive)
    verify_export.check_all(theirs)
    return ours, theirs.wrong


def check(conn: Connection[Any], chosen: list[Flip], archive: Path) -> int:
    unguard(conn)
    stored = 0
    for flip in chosen:
        found = try_out(conn, flip, archive)
        if found is None:
            assert flip.column in {
                "book_id",
                "season",
                "seq",
                "line",
                "occurred_at",
                "recorded_at",
                "expires_at",
                "account_id",
            }, flip
            continue
        stored += 1
        for who, said in zip(("verify", "the one file"), found, strict=True):
            assert any(culprit in line for culprit in flip.culprits() for line in said), (who, flip, said)
    return stored


def test_a_sample_of_flipped_bytes_is_found_and_named(conn: Connection[Any], history: Umoja, tmp_path: Path) -> None:
    dice = random.Random(20262)
    everything = list(flips(conn, dice))
    # One of each column, and then as many more as fit into a quick run.
    first = {(flip.table, flip.column): flip for flip in dice.sample(everything, len(everything))}
    assert (
        check(conn, [*first.values(), *dice.sample(everything, SAMPLE - len(first))], tmp_path / "a.zip") > 0.8 * SAMPLE
    )


def test_an_amount_beyond_all_bounds_is_named(conn: Connection[Any], history: Umoja, tmp_path: Path) -> None:
    rows = [flip for flip in flips(conn, random.Random(1)) if (flip.table, flip.column) == ("postings", "amount_cents")]
    extremes = [replace(rows[0], value=value) for value in (2**63 - 1, -(2**63))]
    assert check(conn, extremes, tmp_path / "a.zip") == len(extremes)


@pytest.mark.long
def test_every_flipped_byte_is_found_and_named(conn: Connection[Any], history: Umoja, tmp_path: Path) -> None:
    everything = list(flips(conn, random.Random(20271)))
    stored = check(conn, everything, tmp_path / "a.zip")
    print(f"{stored:,} of {len(everything):,} flipped bytes could be stored; each was found twice and named")
    assert stored > 0.8 * len(everything)
