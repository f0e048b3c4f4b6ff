"""Takes a backup: every row of one snapshot, while everybody goes on working.

As the owner of the tables, who sees all rows, in one transaction that only reads. The schema itself is not in it: the
migrations of this very version make it again (docs/decisions tells why there is no pg_dump).
"""

import hmac
from datetime import datetime
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import psycopg

from gateway.backup import layout, paper
from gateway.backup.paper import Manifest
from gateway.settings import Settings
from ledger import archive
from ledger.wires import Connection
from migrations import runner

# What a restored database is worth little without. A trace tells one secret from another and nothing about either.
SECRETS = ("pin_pepper", "secret_key", "credentials_keys", "chain_operator_key")

# One form of numbers, instants and bytes, whatever the server is set to.
FORMS = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO",
    "TimeZone": "UTC",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "3",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}


def take(settings: Settings, out: Path, *, at: datetime) -> Manifest:
    """Writes the backup; `at` (UTC) is the moment it names. Raises OSError, psycopg.Error, and the runner's refusals of
    a database that is not of this version.
    """
    with psycopg.connect(settings.session_url) as conn, paper.written(out) as file:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        speak_plainly(conn)
        if missing := runner.pending(conn):
            raise runner.NewerDatabase(f"{missing[0].name} is not applied yet: run `pesachama migrate` first")
        manifest = Manifest(
            form=paper.FORM,
            made_at=at.isoformat(),
            migrations=runner.applied(conn),
            jobs=jobs_version(),
            tables=[vars(table) for table in layout.tables(conn)],
            rows={table.member: copied(conn, table, file) for table in layout.tables(conn)},
            sequences=layout.sequences(conn),
            seasons={str(one.number): "attached" if one.attached else "away" for one in archive.all_seasons(conn)},
            heads=layout.heads(conn),
            secrets=traces(settings),
        )
        file.writestr(paper.MANIFEST, paper.described(manifest))
    return manifest


def copied(conn: Connection, table: layout.Table, file: ZipFile) -> int:
    """Copies one table into the file; returns how many rows."""
    with conn.cursor() as cursor:
        with file.open(table.member, "w", force_zip64=True) as member, cursor.copy(table.out()) as rows:
            for piece in rows:
                member.write(piece)
        return cursor.rowcount


def speak_plainly(conn: Connection) -> None:
    """For this transaction: forms that every PostgreSQL reads, and no limit of time."""
    for name, value in FORMS.items():
        conn.execute("SELECT set_config(%s, %s, TRUE)", [name, value])


def jobs_version() -> str:
    """The library whose tables the calendar's jobs lie in: its tables are its own business, version by version."""
    return metadata.version("procrastinate")


def traces(settings: Settings) -> dict[str, str]:
    """A short keyed hash of each secret, by name; one that is not set is missing."""
    return {
        name.upper(): hmac.digest(value.encode(), b"pesachama backup", "sha256").hex()[:16]
        for name in SECRETS
        if (value := str(getattr(settings, name)))
    }
