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
    with psycopg.connect(database_url) as conn:
        conn.execute("CREATE SCHEMA IF NOT EXISTS procrastinate")
        if not is_there(conn):
            make(conn)


def make(conn: Connection) -> None:
    """Makes the library's tables where there are none. Joins the caller's transaction, which is the owner's."""
    # Only here: it is needed once in a database's life, and every start of the demo comes by.
    from procrastinate.schema import SchemaManager  # noqa: PLC0415

    conn.execute("CREATE SCHEMA IF NOT EXISTS procrastinate")
    conn.execute("SELECT set_config('search_path', %s, TRUE)", [SCHEMA])
    conn.execute(SchemaManager.get_schema())
    conn.execute("RESET search_path")
