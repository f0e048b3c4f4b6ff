"""Transactions that lost to another one, and are begun again: the one place where that is done.

Who locks in order waits for nobody who comes the other way. But a caller may have locked rows of another room before,
and PostgreSQL ends one of two that wait for each other, or that could not have run one after the other. Nothing of
the loser stands, so it is begun again from its first statement; for that it must be a function. Every loop of the
worker, every turn of a phone and every view passes by here; who owns one transaction of several takes `transact`.
"""

from collections.abc import Callable
from typing import TypeVar

from psycopg import OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure

from ledger.wires import Connection, Wires

# Of two in a deadlock one goes on, so that eight writers in one knot are through after seven of these.
TRIES = 8
# Somebody waits in front of a screen, and PostgreSQL takes a second to see a deadlock: there is time for one more.
TRIES_IN_FRONT_OF_PEOPLE = 2
# A restart of PostgreSQL takes seconds; each try waits as long for a connection as its process does.
WRITES_AT_MOST = 6

LOST = (DeadlockDetected, SerializationFailure)

T = TypeVar("T")


def again(work: Callable[[], T], *, tries: int = TRIES, after: tuple[type[Exception], ...] = LOST) -> T:
    """What `work` returns; begun again when it lost to another transaction, `tries` times in all.

    Only for work of which a part done twice does no harm: its transactions before the one that lost are committed.
    Raises what was raised the last time, and at once whatever else `work` raises.
    """
    for _ in range(tries - 1):
        try:
            return work()
        except after:
            continue
    return work()


def transact(wires: Wires, work: Callable[[Connection], T]) -> T:
    """What `work` returns, in a transaction of its own; begun again when it lost to another, TRIES times in all.

    `work` must have no effect but through its connection. Raises DeadlockDetected or SerializationFailure after the
    last try, and at once whatever else `work` raises.
    """
    return again(lambda: _in_its_own(wires, work))


def insist(wires: Wires, write: Callable[[Connection], T]) -> T:
    """Runs `write` in a transaction of its own, again while PostgreSQL is away for a moment; returns what it returns.

    For what only this process knows and nobody else would write down. `write` must be harmless when done twice: a
    connection may break after the commit. Raises psycopg.OperationalError when it is away for longer.
    """
    return again(lambda: _in_its_own(wires, write), tries=WRITES_AT_MOST, after=(OperationalError,))


def _in_its_own(wires: Wires, work: Callable[[Connection], T]) -> T:
    with wires.transaction() as conn:
        return work(conn)
