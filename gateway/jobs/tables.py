"""Where procrastinate keeps its tables: in a schema of their own, made by the library at the version in the lock.

So our migrations and our picture of the schema stay ours.
"""

import psycopg
from psycopg.conninfo import make_conninfo

from ledger.wires import Connection

SCHEMA = "procrastinate"


def conninfo(database_url: str) -> str:
    """The same database, seen through the library's own schema."""
    return make_conninfo(database_url, options=f"-c search_path={SCHEMA}")


def is_there(conn: Connection) -> bool:
    """Whether the library's tables are there; says nothing to a role that may not look into their schema."""
    row = conn.execute(
        "SELECT TRUE FROM pg_tables WHERE (schemaname, tablename) = (%s, 'procrastinate_jobs')", [SCHEMA]
    )
    return row.fetchone() is not None


def apply(database_url: str) -> None:
    """Makes the library's tables where they are missing; call it under `pesachama migrate` only."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE SCHEMA IF NOT EXISTS procrastinate")
        if is_there(conn):
            return
    # Only here: it is needed once in a database's life, and every start of the demo comes by.
    import procrastinate  # noqa: PLC0415

    connector = procrastinate.SyncPsycopgConnector(conninfo=conninfo(database_url))
    with procrastinate.App(connector=connector).open() as app:
        app.schema_manager.apply_schema()
