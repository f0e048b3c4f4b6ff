"""Databases for tests: copies of a template, and copies that are lent to test after test.

A copy takes the server 40 ms of work, more than most tests do with it. So a copy is lent again once it is as it was:
its server's own counters say which tables were written, their rows and the sequences are put back, and connections
are kept (tests/lines.py).

A test that changed more than rows (a table, a trigger, a grant, a season, a setting of the database), or left somebody
connected, has spoiled its copy: the counters of the catalogue show it, the copy is dropped and the next test gets a new
one. Whoever needs a copy that nobody had before, or more than one, takes `a_database`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from tests.instruments import a_free_name
from tests.lines import LINES

OWNER, OWNER_PASSWORD = "keeper", "keeper-of-the-test-books"

# Nobody vacuums, so rows stay in the order in which they came; what was taken back piles up until a copy is replaced.
LOANS = 150
ROWS_WRITTEN = 15_000
# Whoever has hung up is gone in a millisecond or two; whoever is there after this was left behind.
LEFT_BEHIND_SECONDS = 1.0

FIRST_OF_OURS = 16_384  # lower numbers are the catalogue's

# What all databases share is written whenever one is made; of that only a database's own settings are looked at.
TABLES = (
    "SELECT oid::bigint, oid::regclass::text FROM pg_class "
    "WHERE relkind = 'r' AND (NOT relisshared OR relname = 'pg_db_role_setting')"
)
# How a guard is put out of the way, or back into it; ours all stand in it.
OUT_OF_THE_WAY = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgenabled <> 'O'"
SEQUENCES = "SELECT seqrelid::bigint, seqstart, pg_sequence_last_value(seqrelid) FROM pg_sequence"
WRITTEN = (
    "SELECT oid, pg_stat_get_tuples_inserted(oid::oid), "
    "pg_stat_get_tuples_updated(oid::oid) + pg_stat_get_tuples_deleted(oid::oid) FROM unnest(%s::bigint[]) AS oid"
)
OTHERS = "SELECT pid FROM pg_stat_get_activity(NULL) AS a JOIN pg_database AS d ON d.oid = a.datid WHERE d.datname = %s"

_superusers: dict[str, Connection[Any]] = {}
# By server and template, by table: a table has the same number in every copy.
_held: dict[tuple[str, str], dict[int, bytes]] = {}


class Lent:
    """One copy of a template, and what it held when it was new."""

    def __init__(self, postgres_url: str, template: str) -> None:
        self.postgres_url, self.name = postgres_url, a_free_name()
        create_database(superuser(postgres_url), self.name, template)
        self.conn = psycopg.connect(postgres_url, dbname=self.name, autocommit=True, prepare_threshold=0)
        self.loans = self.rows_written = 0
        self.tables: dict[int, str] = dict(self.conn.execute(TABLES).fetchall())
        self.sequences = {number: (start, last) for number, start, last in self.conn.execute(SEQUENCES)}
        if (postgres_url, template) not in _held:
            ours = {number: name for number, name in self.tables.items() if number >= FIRST_OF_OURS}
            _held[postgres_url, template] = {number: self.content(name) for number, name in ours.items()}
        self.held = _held[postgres_url, template]
        self.counted = self.counters()
        LINES.lent.add(self.name)

    def content(self, table: str) -> bytes:
        """Its rows as COPY tells them; empty where there are none."""
        with self.conn.cursor().copy(f"COPY {table} TO STDOUT".encode()) as rows:
            return b"".join(map(bytes, rows))

    def counters(self) -> dict[int, tuple[int, int]]:
        """Rows written to each table since the server's start: put in, and changed or taken out."""
        return {number: (put, moved) for number, put, moved in self.conn.execute(WRITTEN, [list(self.tables)])}

    def as_new(self) -> bool:
        """Puts back what was written; False when more was done than writing rows, or it has served long enough."""
        if not self.left_alone():
            return False
        before, self.counted = self.counted, self.counters()
        written = {number: now for number, now in self.counted.items() if now != before[number]}
        self.loans += 1
        self.rows_written += sum(sum(now) - sum(before[number]) for number, now in written.items())
        harmless = {number for number in written if number >= FIRST_OF_OURS or self.only_moved(number, before)}
        if self.loans >= LOANS or self.rows_written > ROWS_WRITTEN or harmless != written.keys():
            return False
        self.put_back([number for number in written if number >= FIRST_OF_OURS])
        return True

    def only_moved(self, number: int, before: dict[int, tuple[int, int]]) -> bool:
        """Whether this is the catalogue of triggers, of which none came."""
        return self.tables[number] == "pg_trigger" and self.counted[number][0] == before[number][0]

    def put_back(self, tables: list[int]) -> None:
        """Their rows as they were, every guard, and every sequence."""
        steps = ["BEGIN", "SET LOCAL session_replication_role = replica"]
        steps += [f"ALTER TABLE {name} ENABLE TRIGGER ALL" for (name,) in self.conn.execute(OUT_OF_THE_WAY)]
        steps += [f"DELETE FROM ONLY {self.tables[number]}" for number in tables]  # noqa: S608
        for number, start, last in self.conn.execute(SEQUENCES):
            if self.sequences[number] != (start, last):
                was = self.sequences[number][1]
                steps.append(f"SELECT setval({number}::regclass, {was or start}, {was is not None})")
        self.conn.execute("; ".join(steps).encode(), prepare=False)
        for number in tables:
            if self.held[number]:
                with self.conn.cursor().copy(f"COPY {self.tables[number]} FROM STDIN".encode()) as rows:
                    rows.write(self.held[number])
        self.conn.execute("COMMIT")
        self.conn.execute("SELECT pg_stat_force_next_flush()")
        self.counted = self.counters()

    def left_alone(self) -> bool:
        """Whether nobody is connected but us and the lines that are kept; waits for those that have just hung up."""
        ours = {self.conn.info.backend_pid, *LINES.numbers(self.name)}
        begun = time.monotonic()
        while {number for (number,) in self.conn.execute(OTHERS, [self.name])} - ours:
            waited = time.monotonic() - begun
            if waited > LEFT_BEHIND_SECONDS:
                return False
            time.sleep(max(0.001, waited / 4))
        return True

    def drop(self) -> None:
        LINES.hang_up(self.name)
        self.conn.close()
        drop_database(self.postgres_url, self.name)


_lent: dict[tuple[str, str], Lent] = {}


@contextmanager
def lent_database(postgres_url: str, template: str) -> Iterator[str]:
    """The name of a database as the template is, for the length of a block; others have used it before."""
    copy = _lent.pop((postgres_url, template), None) or Lent(postgres_url, template)
    try:
        yield copy.name
    finally:
        try:
            again = copy.as_new()
        except psycopg.Error:  # the server was killed meanwhile
            again = False
        if again:
            _lent[postgres_url, template] = copy
        else:
            copy.drop()


def drop_lent(postgres_url: str) -> None:
    """All that nobody has borrowed; a server that is not ours outlives the run."""
    for at in [at for at in _lent if at[0] == postgres_url]:
        _lent.pop(at).drop()


@contextmanager
def a_database(postgres_url: str, template: str = "template0") -> Iterator[str]:
    """The name of a database that nobody had before, for the length of a block."""
    name = a_free_name()
    create_database(superuser(postgres_url), name, template)
    yield name
    drop_database(postgres_url, name)


def superuser(postgres_url: str) -> Connection[Any]:
    """One connection for the run's databases, autocommit: opening one costs as much as making a database."""
    kept = _superusers.get(postgres_url)
    try:
        if kept:
            kept.execute("SELECT TRUE")
    except psycopg.OperationalError:
        kept = None  # a drill has killed the server meanwhile
    _superusers[postgres_url] = kept or psycopg.connect(postgres_url, autocommit=True)
    return _superusers[postgres_url]


def create_database(conn: Connection[Any], name: str, template: str = "template0") -> None:
    """Makes a database that belongs to the owner."""
    make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY")
    conn.execute(make.format(*map(sql.Identifier, (name, OWNER, template))))


def drop_database(postgres_url: str, name: str) -> None:
    """Whoever is still connected is thrown out."""
    superuser(postgres_url).execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def as_owner(url: str, database: str) -> str:
    """The same server's URL for the owner and this database."""
    parts = conninfo_to_dict(url)
    return f"postgresql://{OWNER}:{OWNER_PASSWORD}@{parts['host']}:{parts.get('port', 5432)}/{database}"
