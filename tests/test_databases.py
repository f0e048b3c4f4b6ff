"""A database that is lent again is as its template, and what could not be put back is not lent again."""

from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection

from tests.databases import as_owner, lent_database
from tests.instruments import START

SPOILING: tuple[LiteralString, ...] = (
    "CREATE TABLE more (id int)",
    "ALTER TABLE books ADD COLUMN more int",
    "CREATE TRIGGER more BEFORE DELETE ON books FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "DROP TRIGGER audited_update ON books",
    "TRUNCATE evidence_aged",
    "GRANT SELECT ON books TO PUBLIC",
    "CREATE FUNCTION more() RETURNS int LANGUAGE sql RETURN 1",
    "ANALYZE schema_migrations",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()); END $$",
)
# What a session holds, besides what psycopg has prepared, which it goes on with.
HELD = (
    "SELECT current_setting('statement_timeout'), current_user, (SELECT count(*) FROM pg_cursors), "
    "(SELECT count(*) FROM pg_listening_channels()), "
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
)


def rows(conn: Connection[Any]) -> dict[str, Any]:
    """Every row of every table, every guard and every sequence."""
    tables = conn.execute("SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND oid >= 16384").fetchall()
    found = {name: conn.execute(f"SELECT t::text FROM {name} AS t".encode()).fetchall() for (name,) in tables}  # noqa: S608
    found |= {"guards": conn.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'O' ORDER BY tgname").fetchall()}
    return found | {"": conn.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1").fetchall()}


def write(conn: Connection[Any]) -> None:
    """Rows put in, changed and taken out, of which the template held some."""
    conn.execute(
        "INSERT INTO users (phone, first_name, language, created_at) VALUES ('+254700000001', 'Amina', 'en', %s)",
        [START],
    )
    conn.execute("UPDATE users SET first_name = 'Asha'")
    conn.execute("DELETE FROM evidence_aged")
    conn.execute("DELETE FROM audit_verified")
    conn.execute("ALTER TABLE books DISABLE TRIGGER USER")


def hold(conn: Connection[Any]) -> None:
    """What only a session holds."""
    conn.execute(
        "SET statement_timeout = '77s'; SELECT pg_advisory_lock(77); DECLARE kept CURSOR WITH HOLD FOR SELECT 7"
    )
    conn.execute("SELECT 77", prepare=True)
    assert conn.execute("SELECT 77").fetchone() == (77,)
    conn.execute("LISTEN somebody; SET ROLE pesachama_web")


def test_a_database_that_is_lent_again_is_as_its_template(postgres_url: str, template: str) -> None:
    seen = []
    for _ in range(3):
        with (
            lent_database(postgres_url, template) as name,
            psycopg.connect(as_owner(postgres_url, name), autocommit=True) as conn,
        ):
            seen.append((name, conn.info.backend_pid, conn.execute(HELD).fetchone(), rows(conn)))
            write(conn)
            assert rows(conn) != seen[0][3]
            hold(conn)
            assert conn.execute(HELD).fetchone() != seen[0][2]
    for again in seen[1:]:
        assert again[:3] == seen[0][:3]
        assert [name for name, held in seen[0][3].items() if again[3][name] != held] == []


@pytest.mark.parametrize("statement", SPOILING)
def test_a_database_of_which_more_than_rows_was_changed_is_not_lent_again(
    postgres_url: str, template: str, statement: LiteralString
) -> None:
    with lent_database(postgres_url, template) as name, psycopg.connect(postgres_url, dbname=name) as conn:
        conn.execute(statement)
    with lent_database(postgres_url, template) as another:
        assert another != name


def test_a_database_to_which_somebody_is_still_connected_is_not_lent_again(
    postgres_url: str, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.databases.LEFT_BEHIND_SECONDS", 0.05)
    with lent_database(postgres_url, template) as name:
        left = psycopg.connect(as_owner(postgres_url, name))
    with lent_database(postgres_url, template) as another:
        assert another != name
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT")
