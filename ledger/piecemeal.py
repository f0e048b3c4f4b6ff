"""What is due, piece by piece, each in a transaction of its own: the shape of every loop that only writes rows.

Theory of operation. `claim` takes rows and writes down when they come back, and that is committed before anybody works
on one: a process that dies finds them again then. Each is worked on alone. One that puzzles leaves nothing of its work
behind but its name: `note` writes the kind of trouble into its row, for people, and never its words, which may hold
what stands in the row. The others go on. Whoever loses to another transaction has met no puzzle and is begun again;
with PostgreSQL away nobody is to blame, and the loop waits.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from psycopg import OperationalError

from ledger.retries import transact
from ledger.wires import Connection, Wires

Piece = TypeVar("Piece")


def work_off(
    wires: Wires,
    claim: Callable[[Connection], Sequence[Piece]],
    work: Callable[[Connection, Piece], object],
    note: Callable[[Connection, Piece, str], object],
) -> int:
    """Works off what is due, in the order in which `claim` returns it; how many pieces it took.

    `work` must have no effect but through its connection. Raises psycopg.OperationalError.
    """
    due = transact(wires, claim)
    for piece in due:
        _work_on(wires, piece, work, note)
    return len(due)


def _work_on(
    wires: Wires,
    piece: Piece,
    work: Callable[[Connection, Piece], object],
    note: Callable[[Connection, Piece, str], object],
) -> None:
    try:
        transact(wires, lambda conn: work(conn, piece))
    except OperationalError:
        raise
    except Exception as trouble:
        failure = type(trouble).__name__
        transact(wires, lambda conn: note(conn, piece, failure))
