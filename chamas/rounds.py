"""The periods in which every member pays once and one member is paid. rule_sets and rounds are written here only.

    pending -> active -> completed
                      -> expired -> completed        pending and active -> cancelled

A round keeps the version of the rules it opened with. Its number runs on over a chama's cycles; a cycle has as many
rounds as the chama has members in turn, and the member at position p is paid when the p-th round of a cycle closes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from chamas.calendar import Frequency, boundary
from chamas.states import Moves
from ledger.wires import Connection


class RoundState(StrEnum):
    """Where a round stands."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


ROUND_MOVES: Moves[RoundState] = {
    RoundState.PENDING: frozenset({RoundState.ACTIVE, RoundState.CANCELLED}),
    RoundState.ACTIVE: frozenset({RoundState.COMPLETED, RoundState.EXPIRED, RoundState.CANCELLED}),
    RoundState.EXPIRED: frozenset({RoundState.COMPLETED}),
    RoundState.COMPLETED: frozenset(),
    RoundState.CANCELLED: frozenset(),
}


@dataclass(frozen=True)
class Round:
    """One round. Its calendar is counted from `anchor`, when the chama's first round opened (all UTC).

    `turns` is the number of members in the order of payout: as many rounds make a cycle.
    """

    id: int
    chama_id: int
    number: int
    state: RoundState
    opens_at: datetime
    closes_at: datetime
    anchor: datetime
    frequency: Frequency
    turns: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", RoundState(self.state))
        object.__setattr__(self, "frequency", Frequency(self.frequency))


def active_round(conn: Connection, chama_id: int) -> Round | None:
    """The round that is open, or None between two of them."""
    found = conn.cursor(row_factory=class_row(Round))
    found.execute(
        """
        SELECT r.id, r.chama_id, r.number, r.state, r.opens_at, r.closes_at, first.opens_at AS anchor, s.frequency,
               (SELECT count(*) FROM chama_members m
                WHERE m.chama_id = r.chama_id AND m.position IS NOT NULL) AS turns
        FROM rounds r
        JOIN rule_sets s ON s.id = r.rule_set_id
        JOIN rounds first ON first.chama_id = r.chama_id AND first.number = 1
        WHERE r.chama_id = %s AND r.state = 'active'
        """,
        [chama_id],
    )
    return found.fetchone()


def turn_at(now_open: Round, *, position: int) -> datetime | None:
    """When (UTC) the round of `position` closes in the running cycle; None when that turn is over or not in this cycle.

    A custom calendar knows its open round only, so a later turn has no date yet.
    """
    first_of_cycle = now_open.number - (now_open.number - 1) % now_open.turns
    wanted = first_of_cycle + position - 1
    if wanted == now_open.number:
        return now_open.closes_at
    if position > now_open.turns or wanted < now_open.number or now_open.frequency is Frequency.CUSTOM:
        return None
    return boundary(now_open.anchor, now_open.frequency, wanted)
