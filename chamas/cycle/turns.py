"""Whose turn comes next in the order of payout. Reads only.

A position is a place in the order, not a count: who leaves leaves a gap, and nobody behind it moves.
"""

from typing import NamedTuple

from ledger.wires import Connection


class Turn(NamedTuple):
    """Whose turn a round is: the cycle, the position in it (None without an order), and the member there."""

    cycle: int
    position: int | None
    member_id: int | None


def after(conn: Connection, chama_id: int, cycle: int, position: int | None) -> Turn:
    """The turn after that of `position` in `cycle` (None: nobody has had hers yet): the next higher position that is
    still in the chama, else the lowest, in a new cycle. Who has left or was never let in is passed over.
    """
    row = conn.execute(
        "SELECT position, id FROM chama_members WHERE chama_id = %(chama)s AND position IS NOT NULL "
        "AND status NOT IN ('invited', 'pending', 'withdrawn') "
        "ORDER BY position <= %(last)s, position, id LIMIT 1",
        {"chama": chama_id, "last": position or 0},
    ).fetchone()
    if row is None:
        return Turn(cycle, None, None)
    return Turn(cycle + (row[0] <= (position or 0)), row[0], row[1])
