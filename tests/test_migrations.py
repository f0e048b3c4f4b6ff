"""Migrations: applied once, checksummed, safe to start twice at once; roles get no more than they need."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from migrations import picture, runner
from tests.instruments import START


def test_every_file_is_applied_once(empty_database_url: str) -> None:
    names = [migration.name for migration in runner.known()]
    assert runner.migrate(empty_database_url, START) == names
    assert runner.migrate(empty_database_url, START) == []


def test_files_are_numbered_without_gaps() -> None:
    numbers = [int(migration.name[:4]) for migration in runner.known()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_two_processes_at_once_apply_each_file_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: runner.migrate(empty_database_url, START), range(4)))
    assert sorted(name for names in done for name in names) == [migration.name for migration in runner.known()]


def test_a_changed_file_is_refused(conn: Connection[Any]) -> None:
    conn.execute("UPDATE schema_migrations SET sha256 = 'other' WHERE name LIKE '0001%'")
    with pytest.raises(runner.ChangedMigration, match="0001_books"):
        runner.pending(conn)


def test_a_newer_database_is_refused(conn: Connection[Any]) -> None:
    conn.execute("INSERT INTO schema_migrations VALUES ('9999_future.sql', '', %s)", [START])
    with pytest.raises(runner.NewerDatabase, match="9999_future"):
        runner.pending(conn)


def test_a_failing_file_leaves_nothing(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_half.sql").write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    monkeypatch.setattr(runner, "FOLDER", tmp_path)
    with pytest.raises(psycopg.errors.DivisionByZero):
        runner.migrate(empty_database_url, START)
    with psycopg.connect(empty_database_url) as conn:
        assert runner.applied(conn) == {}
        assert conn.execute("SELECT to_regclass('half')").fetchone() == (None,)


BOOKS = ("books", "accounts", "heads", "entries", "postings", "idempotency_keys", "entry_codes")
RIGHTS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


def test_no_process_may_write_the_books_directly(conn: Connection[Any]) -> None:
    for role, table, right in product(("pesachama_web", "pesachama_worker"), BOOKS, RIGHTS):
        held = conn.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right]).fetchone()
        assert held == (False,), f"{role} may {right} {table}"


def test_the_picture_shows_what_the_migrations_make(postgres_url: str, empty_database_url: str) -> None:
    if "TEST_POSTGRES_URL" in os.environ:
        pytest.skip("the picture is drawn by the pg_dump of the embedded server, which fits that server only")
    runner.migrate(empty_database_url, START)
    assert picture.draw(empty_database_url) == picture.FILE.read_text(), "run `make schema`"
