"""Rows that puzzle a loop of the worker: left alone for a while, so that nobody behind them waits. puzzles is written
here only.

Theory of operation. A loop takes one row that is due, by its id, and works on it in a transaction of its own. What it
cannot make sense of leaves nothing of its work behind but a row here, with the kind of trouble and never its words; the
loop goes on with the next one and comes back to this one after ASIDE_FOR. Put right by a person, or by time, it goes
through, and its row here goes. `pesachama verify` names what stands here.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from ledger import piecemeal
from ledger.wires import Connection, Wires

# What puzzles today may be put right by a person; nobody waits for it by the minute.
ASIDE_FOR = timedelta(minutes=10)

Due = Callable[[Connection, int | None], int | None]


def one_at_a_time(wires: Wires, loop: str, due: Due, work: Callable[[Connection, int], object]) -> int:
    """Works on the row that is due first; returns how many it took (0 or 1).

    `due(conn, None)` is the id of one that is due, stands not here (see `loop` in its query) and is held by nobody, or
    None; `due(conn, id)` holds this one, or is None when it is not due any more.
    """
    at = wires.now()

    def claim(conn: Connection) -> list[int]:
        found = due(conn, None)
        return [] if found is None else [found]

    def piece(conn: Connection, row_id: int) -> None:
        if due(conn, row_id) is not None:
            work(conn, row_id)
            conn.execute("DELETE FROM puzzles WHERE (loop, row_id) = (%s, %s)", [loop, row_id])

    return piecemeal.work_off(wires, claim, piece, lambda conn, row_id, why: _put(conn, loop, row_id, why, at))


def _put(conn: Connection, loop: str, row_id: int, failure: str, at: datetime) -> None:
    conn.execute(
        "INSERT INTO puzzles (loop, row_id, failure, until) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (loop, row_id) DO UPDATE SET failure = EXCLUDED.failure, until = EXCLUDED.until",
        [loop, row_id, failure, at + ASIDE_FOR],
    )
