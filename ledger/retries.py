"""Transactions that lost to another one, and are begun again: the one place where that is done.

Who locks in order waits for nobody who comes the other way. But a caller may have locked rows of another room before,
and PostgreSQL ends one of two that wait for each other, or that could not have run one after the other. Nothing of
the loser stands, so it is begun again from its first statement; for that it must be a function.
"""

from collections.abc import Callable
from typing import TypeVar

from psycopg.errors import DeadlockDetected, SerializationFailure

from ledger.wires import Connection, Wires

# Of two in a deadlock one goes on, so that eight writers in one knot are through after seven of these.
TRIES = 8

T = TypeVar("T")


def transact(wires: Wires, work: Callable[[Connection], T]) -> T:
    """What `work` returns, in a transaction of its own; begun again when it lost to another, TRIES times in all.

    `work` must have no effect but through its connection. Raises DeadlockDetected or SerializationFailure after the
    last try, and at once whatever else `work` raises.
    """
    for _ in range(TRIES - 1):
        try:
            with wires.transaction() as conn:
                return work(conn)
        except (DeadlockDetected, SerializationFailure):
            continue
    with wires.transaction() as conn:
        return work(conn)
