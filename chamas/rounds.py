"""The periods in which every member pays once and one member is paid. rule_sets and rounds are written here only.

Theory of operation. At most one round of a chama is active; the clock closes it and opens the next.

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
from ledger.moves import Moves
from ledger.wires import Connection


class RoundState(StrEnum):
    """Where a round stands."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


ROUND_MOVES: Moves[RoundState] = Moves(
    "rounds.state",
    {
        RoundState.PENDING: frozenset({RoundState.ACTIVE, RoundState.CANCELLED}),
        RoundState.ACTIVE: frozenset({RoundState.COMPLETED, RoundState.EXPIRED, RoundState.CANCELLED}),
        RoundState.EXPIRED: frozenset({RoundState.COMPLETED}),
        RoundState.COMPLETED: frozenset(),
        RoundState.CANCELLED: frozenset(),
    },
)


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


@dataclass(frozen=True)
class RuleSet:
    """One version of a chama's rules. `arrears_first`: money settles the oldest round first, else the open one."""

    id: int
    chama_id: int
    version: int
    contribution_cents: int
    frequency: Frequency
    arrears_first: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequency", Frequency(self.frequency))


def rules_at(conn: Connection, chama_id: int, at: datetime) -> RuleSet | None:
    """The rules in force at `at`: the newest version that has begun."""
    found = conn.cursor(row_factory=class_row(RuleSet))
    found.execute(
        """
        SELECT id, chama_id, version, contribution_cents, frequency, arrears_first FROM rule_sets
        WHERE chama_id = %s AND in_force_from <= %s ORDER BY version DESC LIMIT 1
        """,
        [chama_id, at],
    )
    return found.fetchone()


def adopt_rules(
    conn: Connection,
    *,
    chama_id: int,
    contribution_cents: int,
    frequency: Frequency,
    arrears_first: bool = True,
    in_force_from: datetime,
) -> int:
    """The next version of a chama's rules; returns its id. Rounds that are open keep theirs."""
    rule_set_id: int = conn.execute(
        """
        INSERT INTO rule_sets (chama_id, version, contribution_cents, frequency, arrears_first, in_force_from)
        SELECT %s, coalesce(max(version), 0) + 1, %s, %s, %s, %s FROM rule_sets WHERE chama_id = %s RETURNING id
        """,
        [chama_id, contribution_cents, frequency, arrears_first, in_force_from, chama_id],
    ).fetchall()[0][0]
    return rule_set_id


def begin(conn: Connection, rules: RuleSet, *, opens_at: datetime, closes_at: datetime | None = None) -> Round:
    """The next round under `rules`, open from now on; its payee is the member whose turn it is.

    The first round opens at `opens_at` and so sets the calendar; a later one opens when the one before it closed.
    `closes_at` is for a custom calendar, which raises ValueError without it.
    """
    [(number, anchor, turns)] = conn.execute(
        """
        SELECT coalesce(max(number), 0) + 1, min(opens_at),
               (SELECT count(*) FROM chama_members m WHERE m.chama_id = %(chama)s AND m.position IS NOT NULL)
        FROM rounds WHERE chama_id = %(chama)s
        """,
        {"chama": rules.chama_id},
    ).fetchall()
    anchor = anchor or opens_at
    if closes_at is None:
        opens_at = boundary(anchor, rules.frequency, number - 1)
        closes_at = boundary(anchor, rules.frequency, number)
    position = (number - 1) % turns + 1 if turns else None
    [(round_id,)] = conn.execute(
        """
        INSERT INTO rounds (chama_id, number, rule_set_id, state, opens_at, closes_at, payee_member_id)
        VALUES (%s, %s, %s, %s, %s, %s, (SELECT id FROM chama_members WHERE chama_id = %s AND position = %s))
        RETURNING id
        """,
        [rules.chama_id, number, rules.id, RoundState.ACTIVE, opens_at, closes_at, rules.chama_id, position],
    ).fetchall()
    return Round(
        round_id, rules.chama_id, number, RoundState.ACTIVE, opens_at, closes_at, anchor, rules.frequency, turns
    )


def move(conn: Connection, round_id: int, new: RoundState) -> None:
    """One step in the life of a round. Raises ForbiddenMove."""
    [(old,)] = conn.execute("SELECT state FROM rounds WHERE id = %s FOR NO KEY UPDATE", [round_id]).fetchall()
    ROUND_MOVES.require(RoundState(old), new)
    conn.execute("UPDATE rounds SET state = %s WHERE id = %s", [new, round_id])
