"""Attacks at the SQL prompt: as the owner of the tables and as each process, on the tables and on their partitions."""

import itertools
from typing import Any, LiteralString

import pytest
from psycopg import Connection, errors, sql

from ledger import books, passbook, seasons
from ledger.refusals import UnknownBook
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, member_of

GUARDED = ("entries", "entries_20262", "postings", "postings_20262", "idempotency_keys", "entry_codes", "endings")

ENTRY: LiteralString = (
    "INSERT INTO {entries} (book_id, season, seq, kind, occurred_at, recorded_at, commitment, prev_hash, hash) "
    "SELECT book_id, season, seq + 1, kind, occurred_at, recorded_at, commitment, hash, hash FROM entries"
)
LINES: LiteralString = (
    "INSERT INTO {postings} SELECT book_id, season, seq + %(step)s, line + %(shift)s, account_id, "
    "COALESCE(%(cents)s, amount_cents), 0, 1 FROM postings LIMIT %(lines)s"
)
AS_THEY_ARE: dict[str, int | None] = {"step": 1, "shift": 0, "cents": None, "lines": 2}

# Each is tried on the tables and on the partitions: (with a new entry, with postings, how those differ from the old).
HALVES = (
    (True, False, {}),
    (False, True, {}),
    (False, True, {"step": 0, "shift": 2}),
    (False, True, {"step": 0, "shift": 2, "cents": 7}),
    (True, True, {"cents": 7}),
    (True, True, {"lines": 1}),
    (True, True, {"shift": 1}),
)

# What a process would have to write to forge books, each with a column to update.
BOOKS = {
    **dict.fromkeys(GUARDED, "book_id"),
    "books": "name",
    "accounts": "code",
    "heads": "book_id",
    "entry_notes": "book_id",
    "seasons": "number",
    "open_holds": "book_id",
}


@pytest.fixture
def posted(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> books.Posted:
    return books.post(conn, umoja.contribution("A", 50_000), at=START, chance=chance)


def test_the_owner_can_change_nothing(conn: Connection[Any], posted: books.Posted) -> None:
    changes: tuple[LiteralString, ...] = ("UPDATE {} SET book_id = book_id", "DELETE FROM {}", "TRUNCATE {} CASCADE")
    for table, change in itertools.product(GUARDED, changes):
        with pytest.raises(errors.RestrictViolation, match="never changed"):
            conn.execute(sql.SQL(change).format(sql.Identifier(table)))


def test_the_owner_can_add_no_half_an_entry(conn: Connection[Any], posted: books.Posted) -> None:
    for suffix, (entry, lines, changes) in itertools.product(("", "_20262"), HALVES):
        names = {"entries": sql.Identifier("entries" + suffix), "postings": sql.Identifier("postings" + suffix)}
        attack = sql.SQL("WITH entry AS ({}) {}" if entry and lines else "{}{}").format(
            sql.SQL(ENTRY if entry else "").format(**names), sql.SQL(LINES if lines else "").format(**names)
        )
        with pytest.raises(errors.IntegrityConstraintViolation):
            conn.execute(attack, {**AS_THEY_ARE, **changes})
    assert conn.execute("SELECT count(*) FROM postings").fetchone() == (2,)
    assert conn.execute("SELECT count(*) FROM entries").fetchone() == (1,)


@pytest.mark.parametrize("role", ["pesachama_web", "pesachama_worker"])
def test_a_process_can_write_no_books(conn: Connection[Any], posted: books.Posted, role: str) -> None:
    conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    attacks: tuple[LiteralString, ...] = (
        "INSERT INTO {table} DEFAULT VALUES",
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table}",
    )
    for (table, column), attack in itertools.product(BOOKS.items(), attacks):
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute(sql.SQL(attack).format(**names))


@pytest.mark.parametrize("role", ["pesachama_web", "pesachama_worker"])
def test_a_process_posts_and_reads_through_its_own_role(
    conn: Connection[Any], umoja: Umoja, posted: books.Posted, role: str
) -> None:
    user_id = member_of(conn, umoja)
    conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    if role == "pesachama_web":
        with pytest.raises(UnknownBook):
            books.post(conn, umoja.contribution("B", 5), at=START, chance=SeededChance(2))
        assert passbook.statement(conn, umoja.wanjiku) == []
        conn.execute("SELECT set_config('app.user_id', %s, false)", [str(user_id)])
    assert books.post(conn, umoja.contribution("B", 5), at=START, chance=SeededChance(2)).seq == 2
    assert len(passbook.statement(conn, umoja.wanjiku)) == 2
    with pytest.raises(errors.InsufficientPrivilege):
        conn.execute("SELECT * FROM entries_20262")


def test_only_the_worker_opens_a_season_and_it_is_guarded(conn: Connection[Any], umoja: Umoja) -> None:
    conn.execute("SET ROLE pesachama_web")
    with pytest.raises(errors.InsufficientPrivilege):
        seasons.open_ahead(conn, seasons.opens_at(20272))
    conn.execute("SET ROLE pesachama_worker")
    assert seasons.open_ahead(conn, seasons.opens_at(20272)) == [20272, 20281]
    assert seasons.open_ahead(conn, seasons.opens_at(20272)) == []
    conn.execute("RESET ROLE")
    with pytest.raises(errors.RestrictViolation):
        conn.execute("TRUNCATE postings_20272")
    with pytest.raises(errors.IntegrityConstraintViolation):
        conn.execute("INSERT INTO postings_20281 VALUES (1, 20281, 1, 1, 1, 5, 5, 1), (1, 20281, 1, 2, 2, -5, -5, 1)")


def test_a_search_path_of_somebodys_own_leads_no_function_astray(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    conn.execute("CREATE TEMPORARY TABLE heads (LIKE public.heads)")
    conn.execute("CREATE TEMPORARY TABLE accounts (LIKE public.accounts)")
    books.post(conn, umoja.contribution("A", 5), at=START, chance=chance)
    assert conn.execute("SELECT next_seq FROM public.heads").fetchone() == (2,)
    with conn.transaction():
        conn.execute("DROP TABLE pg_temp.heads, pg_temp.accounts")
        assert all(finding.ok for finding in verify(conn))
