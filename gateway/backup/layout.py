"""What there is to copy: tables with their columns, and where sequences stand, as PostgreSQL's own catalogue has it.

Partitions count as tables, also those of seasons that are put away; their parents hold no row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row

from gateway.jobs.tables import SCHEMA as JOBS
from ledger.wires import Connection

SCHEMAS = ("public", JOBS)

# Whatever an extension brought is not ours; hosted databases have some in `public`.
OURS = sql.SQL(
    "n.nspname = ANY(%s) AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
    "AND d.objid = c.oid AND d.deptype = 'e')"
)


@dataclass(frozen=True)
class Table:
    """One table with the columns that are written; what PostgreSQL generates by itself is not among them."""

    schema: str
    name: str
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))

    @property
    def named(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def member(self) -> str:
        """Its name inside the file."""
        return f"rows/{self.schema}.{self.name}.copy"

    @property
    def fields(self) -> sql.Composable:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))

    def out(self) -> sql.Composed:
        return sql.SQL("COPY (SELECT {} FROM ONLY {}) TO STDOUT").format(self.fields, self.named)

    def back(self) -> sql.Composed:
        return sql.SQL("COPY {} ({}) FROM STDIN").format(self.named, self.fields)


def tables(conn: Connection) -> list[Table]:
    """Every table that holds rows, in order of name."""
    query = sql.SQL(
        "SELECT n.nspname AS schema, c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
        "WHERE c.relkind = 'r' AND {} GROUP BY 1, 2 ORDER BY 1, 2"
    ).format(OURS)
    with conn.cursor(row_factory=class_row(Table)) as cursor:
        return cursor.execute(query, [list(SCHEMAS)]).fetchall()


def relations(conn: Connection) -> list[str]:
    """Names of all that is there already: tables, views, sequences. Empty for a database that nobody has used."""
    query = sql.SQL(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {} ORDER BY 1"
    ).format(OURS)
    return [name for (name,) in conn.execute(query, [list(SCHEMAS)]).fetchall()]


def sequences(conn: Connection) -> dict[str, int]:
    """The last number that each sequence gave; one that never gave any is missing."""
    rows = conn.execute(
        "SELECT format('%%I.%%I', schemaname, sequencename), last_value FROM pg_sequences "
        "WHERE schemaname = ANY(%s) AND last_value IS NOT NULL ORDER BY 1",
        [list(SCHEMAS)],
    ).fetchall()
    return dict(rows)


def heads(conn: Connection) -> dict[str, str]:
    """The last page of every book: its number and its hash. What a restored database must show again."""
    rows = conn.execute("SELECT book_id, next_seq - 1, encode(head_hash, 'hex') FROM heads ORDER BY book_id").fetchall()
    return {str(book_id): f"{seq} {digest}" for book_id, seq, digest in rows}


def without(given: Sequence[Table], taken: Sequence[Table]) -> list[str]:
    """Names of tables, or of tables with other columns, that `given` has and `taken` has not."""
    known = set(taken)
    return [f"{table.schema}.{table.name}" for table in given if table not in known]
