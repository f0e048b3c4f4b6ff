"""The end of a turn's patience: a connection on which PostgreSQL has not answered in time is cut.

Theory of operation. PostgreSQL itself ends what takes too long (gateway/wiring.py), while it can. One that is
frozen, or behind a network that has swallowed the answer, cannot, and a client waits for it without end. So whoever has
somebody in front of her says until when (`until`), each transaction is written down while it is open (`watched`), and a
thread looks ten times a second whether one is overdue: its socket is shut, the waiting call raises, the turn ends in
words, a body goes to the spool. Where nobody said so, a transaction of the web's has a limit of its own all the same.
Whether it was committed nobody knows then; what was done is found by its key when it comes again.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from psycopg import Connection

# Late by as much at most, of the 4 seconds that a turn has.
LOOKS_EVERY_SECONDS = 0.1

# When the patience of the one who is being answered ends, on this machine's monotonic clock; none outside of a turn.
ENDS_AT: ContextVar[float | None] = ContextVar("ENDS_AT", default=None)


class Patience:
    """What is waited for in one process; its thread begins with the first that is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, tuple[float, Connection[Any]]] = {}
        self._looking: int | None = None

    @contextmanager
    def watched(self, conn: Connection[Any], at_most: float | None = None) -> Iterator[None]:
        """Cuts this connection when the patience of whoever is being answered ends within the block.

        Where nobody has said when, after `at_most` seconds; None waits.
        """
        ends_at = ENDS_AT.get()
        if ends_at is None and at_most is not None:
            ends_at = time.monotonic() + at_most
        if ends_at is None:
            yield
            return
        with self._lock:
            self._open[id(conn)] = ends_at, conn
            if self._looking != os.getpid():
                self._looking = os.getpid()
                threading.Thread(target=self._look, name="patience", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._open.pop(id(conn), None)

    def _look(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY_SECONDS)
            now = time.monotonic()
            # Under the lock, so that nobody gets a connection that is being cut for somebody else.
            with self._lock:
                for key, (ends_at, conn) in list(self._open.items()):
                    if now > ends_at:
                        self._open.pop(key)
                        _cut(conn)


def _cut(conn: Connection[Any]) -> None:
    """Whoever waits on the connection is told that it is lost."""
    try:
        with socket.socket(fileno=os.dup(conn.pgconn.socket)) as ours:
            ours.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # gone already


@contextmanager
def until(seconds: float) -> Iterator[None]:
    """Whatever is asked of PostgreSQL within the block has so many seconds in all."""
    token = ENDS_AT.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        ENDS_AT.reset(token)


PATIENCE = Patience()
