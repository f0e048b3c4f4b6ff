"""Connections to lent databases that were closed in order are kept, emptied of all that a session holds but its plans.

A new one takes the server 5 ms, and as much again for the catalogue and every function that it meets for the first
time. Whoever asks for the same address gets the same server process, and what psycopg has prepared there: most tests
ask every question less often than it takes until one is prepared. What he builds around it is new.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import Connection, generators, pq
from psycopg._preparing import PrepareManager

# Of one database, by the same address: as many as a worker's pool holds.
LINES_KEPT = 12

# As many questions as most tests of one process ask over one connection.
PREPARED_AT_MOST = 300

# What a session can hold, and what DISCARD ALL takes from it besides its plans and what it knows of the catalogue.
# The last makes it report what it has written: otherwise that waits for a second.
EMPTIED = (
    b"CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; DISCARD TEMP; "
    b"DISCARD SEQUENCES; SELECT pg_advisory_unlock_all(), pg_stat_force_next_flush()"
)

# A connection as libpq has it, and what psycopg has prepared over it.
Line = tuple[pq.abc.PGconn, PrepareManager]


class Lines:
    """Connections that were closed in order, by what they were opened with; for one process."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Line]] = defaultdict(list)
        self.lent: set[str] = set()  # the names of databases whose connections are kept
        os.register_at_fork(after_in_child=self.kept.clear)

    def take(self, conninfo: str) -> Line | None:
        """One that still answers, or None."""
        lines = self.kept.get(conninfo)
        while lines:
            try:
                line, prepared = lines.pop()
            except IndexError:
                return None
            if line.status == pq.ConnStatus.OK and line.exec_(b"").status == pq.ExecStatus.EMPTY_QUERY:
                return line, prepared
            line.finish()
        return None

    def keep(self, conninfo: str, line: pq.abc.PGconn, prepared: PrepareManager) -> bool:
        """Whether it could be emptied and is kept."""
        idle, begun = pq.TransactionStatus.IDLE, (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)
        if line.status != pq.ConnStatus.OK or line.pipeline_status or len(self.kept[conninfo]) >= LINES_KEPT:
            return False
        if line.transaction_status in begun:
            line.exec_(b"ROLLBACK")
        if line.transaction_status != idle or line.exec_(EMPTIED).status != pq.ExecStatus.TUPLES_OK:
            return False
        while line.notifies():
            pass
        self.kept[conninfo].append((line, prepared))
        return True

    def numbers(self, database: str) -> list[int]:
        """The servers of the lines kept to this database."""
        return [
            line.backend_pid for lines in list(self.kept.values()) for line, _ in lines if line.db.decode() == database
        ]

    def hang_up(self, database: str) -> None:
        self.lent.discard(database)
        for conninfo, lines in list(self.kept.items()):
            if any(line.db.decode() == database for line, _ in lines):
                for line, _ in self.kept.pop(conninfo):
                    line.finish()


LINES = Lines()
HUNG_UP = pq.PGconn.connect(b"port=-1")  # never was one


@contextmanager
def lines_kept() -> Iterator[None]:
    """For the length of a block, a connection to a lent database that is closed in order is kept for the next."""
    close = Connection.close

    def connecting(cls: type[Connection[Any]], conninfo: str = "") -> Any:
        line, prepared = LINES.take(conninfo) or ((yield from generators.connect(conninfo)), PrepareManager())
        conn = cls(line)
        prepared.prepared_max = PREPARED_AT_MOST
        conn._prepared, conn.__dict__["_kept_as"] = prepared, conninfo
        return conn

    def closing(conn: Connection[Any]) -> None:
        kept_as, line = conn.__dict__.get("_kept_as"), conn.pgconn
        pooled = getattr(getattr(conn, "_pool", None), "close_returns", False)
        if not kept_as or conn.closed or pooled or line.db.decode() not in LINES.lent:
            close(conn)
            return
        conn.pgconn, conn._closed = HUNG_UP, True
        line.notice_handler = line.notify_handler = None
        if not LINES.keep(kept_as, line, conn._prepared):
            line.finish()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "_connect_gen", classmethod(connecting))
        patch.setattr(Connection, "close", closing)
        yield
