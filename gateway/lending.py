"""A connection of the pool over which something can still be said.

Theory of operation. After a restart of PostgreSQL every connection that lay in the pool is cut, and whoever gets one
learns it from an error in the middle of her turn. Whether it is cut can be seen without saying anything: nobody tells
an idle connection anything, so what can be read from it is nearly always its end, and reading says which. So no trip to
the server is paid, and nothing has been sent yet that might have been done: the next one is taken in its place. The
pool's own `check` would do the same, but rests for a second after the first that is cut, and a turn has half of one.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


@contextmanager
def lent(pool: ConnectionPool[Connection[Any]]) -> Iterator[Connection[Any]]:
    """Like `pool.connection()`, past those that were cut; after as many as the pool may hold, one is given unseen."""
    for spare in reversed(range(pool.max_size + 1)):
        with pool.connection() as conn:
            if spare and is_cut(conn):
                conn.close()  # given back closed, it is replaced
                continue
            yield conn
            return


def is_cut(conn: Connection[Any]) -> bool:
    """Whether the other end is gone, as far as anybody could have told us. Of an idle connection only."""
    line = select.poll()
    line.register(conn.pgconn.socket, select.POLLIN)
    try:
        while line.poll(0):
            conn.pgconn.consume_input()
    except OperationalError:
        return True
    return False
