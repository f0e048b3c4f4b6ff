"""Applies the numbered SQL files of this folder, each once, each in a transaction of its own.

A very small runner of ours: the files are plain SQL without down-steps or variables, so what a library would add is a
format to learn (docs/decisions tells which were looked at). Two processes may call it at once: one waits.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

FOLDER = Path(__file__).parent

# Any number will do as long as nothing else in the database uses it: "PESACHAM" read as bytes.
ADVISORY_LOCK = int.from_bytes(b"PESACHAM", "big") - 2**63

# A migration waits this long for a table that is in use and then gives way, so that no turn queues behind it.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"


class ChangedMigration(Exception):
    """A file that was applied here earlier has other bytes now."""


class NewerDatabase(Exception):
    """The database holds migrations that this version of the code does not know."""


@dataclass(frozen=True)
class Migration:
    """One numbered file: `name` is its file name, `sha256` the hex digest of its bytes."""

    name: str
    sql: str
    sha256: str


def known() -> list[Migration]:
    """All migrations of this version, in order of number."""
    return list(_read())


def _read() -> Iterator[Migration]:
    for path in sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        body = path.read_bytes()
        yield Migration(path.name, body.decode(), hashlib.sha256(body).hexdigest())


def applied(conn: psycopg.Connection) -> dict[str, str]:
    """Name and sha256 of every migration this database has had; empty for a new one."""
    if conn.execute("SELECT to_regclass('public.schema_migrations')").fetchone() == (None,):
        return {}
    return dict(conn.execute("SELECT name, sha256 FROM schema_migrations").fetchall())


def pending(conn: psycopg.Connection) -> list[Migration]:
    """What is left to apply; raises ChangedMigration or NewerDatabase when the database and these files disagree."""
    done = applied(conn)
    files = {migration.name: migration for migration in known()}
    strangers = sorted(done.keys() - files.keys())
    if strangers:
        raise NewerDatabase(f"the database knows {', '.join(strangers)}: run the newer version of the gateway")
    for name, sha256 in sorted(done.items()):
        if files[name].sha256 != sha256:
            raise ChangedMigration(f"{name} changed after it was applied: undo that and write a new migration")
    return [migration for name, migration in files.items() if name not in done]


def migrate(url: str, at: datetime) -> list[str]:
    """Brings the database at `url` up to date and returns the names applied; `at` (UTC) is recorded with each."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as conn:
        return apply_all(conn, at)


def apply_all(conn: psycopg.Connection, at: datetime) -> list[str]:
    """The same on a connection: each file commits by itself, unless the caller has begun a transaction for them all."""
    done: list[str] = []
    while name := _apply_next(conn, at):
        done.append(name)
    return done


def _apply_next(conn: psycopg.Connection, at: datetime) -> str | None:
    """The first file that is missing, in one transaction with the lock and the look: all that a pooler lets us hold."""
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        conn.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations "
            "(name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL)"
        )
        migration = next(iter(pending(conn)), None)
        if migration is None:
            return None
        conn.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        conn.execute("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_TIMEOUT])
        conn.execute(migration.sql.encode())
        conn.execute(
            "INSERT INTO schema_migrations (name, sha256, applied_at) VALUES (%s, %s, %s)",
            [migration.name, migration.sha256, at],
        )
        return migration.name
