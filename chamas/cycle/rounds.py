"""The periods in which every member pays once and one member is paid. rounds is written here only.

Theory of operation. At most one round of a chama is active and at most one is pending; turnover.py opens and closes
them, by the clock or by an official, at instants that were written down when the round was planned:

    pending -> active -> completed              everything was in when it closed
                      -> expired -> completed   something was missing; the last of it came later
                                 <- completed   what had come was no money (chamas/arriving/taking_back.py)
    pending and active -> cancelled

A round keeps the version of the rules it opened with. Its number runs on over a chama's cycles. Its `turn` is the
position that it pays: the next one pays the next higher position that is still in the chama, and after the highest a
new cycle begins with the lowest. So nobody's turn moves when somebody else leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from chamas.cycle import turns
from chamas.rulebook.calendar import Frequency, Period, Rhythm, boundary, following, period
from chamas.rulebook.rule_sets import RuleSet, adopt, adopt_rules, rules_at, rules_of
from ledger.moves import Moves
from ledger.wires import Connection

# What others take from here beside the functions below.
__all__ = ["RuleSet", "adopt", "adopt_rules", "rules_at", "rules_of"]


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
        RoundState.COMPLETED: frozenset({RoundState.EXPIRED}),
        RoundState.CANCELLED: frozenset(),
    },
)


@dataclass(frozen=True)
class Round:
    """One round; all instants are UTC. Its calendar is counted from `anchor_at`, it is the one after `step` periods.

    `turn` is the position that is paid, None in a chama without an order. Until `grace_seconds` after its close nobody
    is late.
    """

    id: int
    chama_id: int
    number: int
    state: RoundState
    opens_at: datetime
    closes_at: datetime
    anchor_at: datetime
    step: int
    frequency: Frequency
    every_hours: int | None
    grace_seconds: int
    cycle: int
    turn: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", RoundState(self.state))
        object.__setattr__(self, "frequency", Frequency(self.frequency))

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.frequency, self.every_hours)

    @property
    def period(self) -> Period:
        return Period(self.anchor_at, self.step, self.opens_at, self.closes_at)


_SELECT = sql.SQL(
    "SELECT r.id, r.chama_id, r.number, r.state, r.opens_at, r.closes_at, r.anchor_at, r.step, s.frequency, "
    "s.every_hours, s.grace_seconds, r.cycle, r.turn FROM rounds r JOIN rule_sets s ON s.id = r.rule_set_id WHERE {}"
)
_ACTIVE = _SELECT.format(sql.SQL("r.chama_id = %s AND r.state = 'active'"))
_PENDING = _SELECT.format(sql.SQL("r.chama_id = %s AND r.state = 'pending'"))
_BY_ID = _SELECT.format(sql.SQL("r.id = %s"))
_LAST = _SELECT.format(sql.SQL("r.chama_id = %s AND r.state <> 'cancelled' ORDER BY r.number DESC LIMIT 1"))
_BEFORE = _SELECT.format(
    sql.SQL("r.chama_id = %s AND r.number < %s AND r.state <> 'cancelled' ORDER BY r.number DESC LIMIT 1")
)
# A round that nothing can follow stays open, and is named by `pesachama verify`.
_DUE = """
    SELECT r.chama_id FROM rounds r JOIN chamas c ON c.id = r.chama_id AND c.status = 'active'
    WHERE (r.state = 'pending' AND r.opens_at <= %(at)s OR r.state = 'active' AND r.closes_at <= %(at)s
        AND EXISTS (SELECT FROM rule_sets n WHERE n.chama_id = r.chama_id AND n.in_force_from <= r.closes_at))
      AND (r.aside_until IS NULL OR r.aside_until <= %(at)s) AND (%(only)s::bigint IS NULL OR c.id = %(only)s)
    ORDER BY CASE r.state WHEN 'pending' THEN r.opens_at ELSE r.closes_at END, r.id LIMIT 20
"""
_LOCKED_DUE = _DUE + "FOR NO KEY UPDATE OF c SKIP LOCKED"


def _one(conn: Connection, query: sql.Composed, given: Any) -> Round | None:
    with conn.cursor(row_factory=class_row(Round)) as cursor:
        return cursor.execute(query, given).fetchone()


def active_round(conn: Connection, chama_id: int) -> Round | None:
    """The round that is open, or None between two of them."""
    return _one(conn, _ACTIVE, [chama_id])


def pending_round(conn: Connection, chama_id: int) -> Round | None:
    """The round that is planned and not open yet."""
    return _one(conn, _PENDING, [chama_id])


def last_round(conn: Connection, chama_id: int) -> Round | None:
    """The newest round that was not cancelled."""
    return _one(conn, _LAST, [chama_id])


def by_id(conn: Connection, round_id: int) -> Round:
    """Raises LookupError for one that there is not."""
    found = _one(conn, _BY_ID, [round_id])
    if found is None:
        raise LookupError(f"no round {round_id}")
    return found


def due(conn: Connection, at: datetime) -> list[int]:
    """Running chamas with a round that is due to open or close and not set aside, the longest overdue first; some."""
    return [chama_id for (chama_id,) in conn.execute(_DUE, {"at": at, "only": None}).fetchall()]


def lock_due(conn: Connection, chama_id: int, at: datetime) -> bool:
    """Holds the chama if a round of it is due still; False when somebody else holds it, or was quicker."""
    return conn.execute(_LOCKED_DUE, {"at": at, "only": chama_id}).fetchone() is not None


def set_aside(conn: Connection, chama_id: int, failure: str, *, until: datetime) -> None:
    """Its rounds cannot be turned: they are left alone until then, and `pesachama verify` names this."""
    conn.execute(
        "UPDATE rounds SET failure = %s, aside_until = %s WHERE chama_id = %s AND state IN ('pending', 'active')",
        [failure, until, chama_id],
    )


def take_up(conn: Connection, chama_id: int) -> None:
    """They can be turned again."""
    conn.execute(
        "UPDATE rounds SET failure = NULL, aside_until = NULL WHERE chama_id = %s AND failure IS NOT NULL", [chama_id]
    )


def turn_at(now_open: Round, *, ahead: int | None) -> datetime | None:
    """When (UTC) the round closes in which somebody is paid who has so many turns before her: 0 is the open round, None
    that hers is over or never comes. Where people tell the instants, a later turn has no date yet.
    """
    if ahead == 0:
        return now_open.closes_at
    if ahead is None or now_open.rhythm.told:
        return None
    return boundary(now_open.anchor_at, now_open.frequency, now_open.step + 1 + ahead, now_open.every_hours)


def plan(conn: Connection, rules: RuleSet, *, opens_at: datetime, closes_at: datetime | None = None) -> Round:
    """The next round under `rules`, pending, with its instants and its turn.

    The first round opens at `opens_at` and so sets the calendar; a later one opens when the one before it closes by its
    instants, whenever it was really closed. Where they are told, it opens at `opens_at`, and ValueError without
    `closes_at`.
    """
    last = last_round(conn, rules.chama_id)
    if rules.rhythm.told:
        if closes_at is None:
            raise ValueError("somebody has to tell when this round closes")
        when = Period(opens_at, 0, opens_at, closes_at)
    elif last is None:
        when = period(opens_at, rules.rhythm)
    else:
        when = following(last.period, last.rhythm, rules.rhythm)
    turn = turns.after(conn, rules.chama_id, last.cycle if last else 1, last.turn if last else None)
    round_id = write_down(conn, rules, RoundState.PENDING, when=when, turn=turn)
    return by_id(conn, round_id)


def renew(conn: Connection, planned: Round, rules: RuleSet) -> Round:
    """A pending round as it opens: under the rules in force by then, for whoever's turn it is by then."""
    last = _one(conn, _BEFORE, [planned.chama_id, planned.number])
    turn = turns.after(conn, planned.chama_id, last.cycle if last else 1, last.turn if last else None)
    same = rules.rhythm == planned.rhythm or rules.rhythm.told
    when = planned.period if same else period(planned.opens_at, rules.rhythm)
    conn.execute(
        "UPDATE rounds SET rule_set_id = %s, closes_at = %s, anchor_at = %s, step = %s, cycle = %s, turn = %s, "
        "payee_member_id = %s WHERE id = %s",
        [rules.id, when.closes_at, when.anchor, when.step, turn.cycle, turn.position, turn.member_id, planned.id],
    )
    return by_id(conn, planned.id)


def move(
    conn: Connection, round_id: int, new: RoundState, *, at: datetime | None = None, by_user_id: int | None = None
) -> None:
    """One step in the life of a round; `by_user_id` is None for the clock. Raises ForbiddenMove."""
    [(old,)] = conn.execute("SELECT state FROM rounds WHERE id = %s FOR NO KEY UPDATE", [round_id]).fetchall()
    ROUND_MOVES.require(RoundState(old), new)
    opened, closed = new is RoundState.ACTIVE, old == RoundState.ACTIVE
    conn.execute(
        "UPDATE rounds SET state = %s, opened_at = CASE WHEN %s THEN %s ELSE opened_at END, "
        "opened_by = CASE WHEN %s THEN %s ELSE opened_by END, closed_at = CASE WHEN %s THEN %s ELSE closed_at END, "
        "closed_by = CASE WHEN %s THEN %s ELSE closed_by END WHERE id = %s",
        [new, opened, at, opened, by_user_id, closed, at, closed, by_user_id, round_id],
    )


def leave_due(conn: Connection, round_id: int, at: datetime, *, proved_by: timedelta = timedelta()) -> None:
    """A round has closed: its pot is its payee's, when there is one and the group turns its money around; and who was
    late with it shows when everybody had her grace, and M-PESA `proved_by` for its answers."""
    conn.execute(
        "UPDATE rounds r SET pot_due_at = CASE WHEN r.payee_member_id IS NOT NULL AND c.kind IN ('rosca', 'mixed') "
        "THEN %s::timestamptz END, fines_due_at = r.closes_at + make_interval(secs => s.grace_seconds) + %s "
        "FROM chamas c, rule_sets s WHERE r.id = %s AND c.id = r.chama_id AND s.id = r.rule_set_id",
        [at, proved_by, round_id],
    )


def fined(conn: Connection, round_id: int) -> None:
    """Who was late with it has her fine."""
    conn.execute("UPDATE rounds SET fines_due_at = NULL WHERE id = %s", [round_id])


def look_at_pot(conn: Connection, round_id: int, when: datetime | None, *, set_off_cents: int = 0) -> None:
    """When (UTC) the pot of a closed round is looked at next, None for never; so much more of it was set off."""
    conn.execute(
        "UPDATE rounds SET pot_due_at = %s, set_off_cents = set_off_cents + %s WHERE id = %s",
        [when, set_off_cents, round_id],
    )


def look_at_pots(conn: Connection, when: Mapping[int, datetime]) -> None:
    """The same for many rounds (ids) of which nothing was set off."""
    conn.execute(
        "UPDATE rounds r SET pot_due_at = n.due_at FROM unnest(%s::bigint[], %s::timestamptz[]) AS n (id, due_at) "
        "WHERE r.id = n.id",
        [list(when), list(when.values())],
    )


def complete_filled(conn: Connection, sealed: Sequence[int] | None = None) -> int:
    """Rounds that closed with something missing and now have all of it are completed; returns how many. Looked at are
    those to which money came that is not sealed yet, or, when it is, these: whoever never pays costs nothing."""
    return conn.execute(
        "UPDATE rounds r SET state = %(to)s WHERE r.state = 'expired' AND r.state = ANY(%(from)s) AND r.id IN "
        "(SELECT unnest(%(ids)s::bigint[]) UNION ALL SELECT k.round_id FROM contributions k "
        "WHERE k.state = 'paid' AND %(ids)s::bigint[] IS NULL) AND NOT EXISTS (SELECT FROM contributions k "
        "WHERE k.round_id = r.id AND k.paid_cents < k.due_cents AND k.state <> 'refunded')",
        {"to": RoundState.COMPLETED, "from": ROUND_MOVES.leading_to(RoundState.COMPLETED), "ids": sealed},
    ).rowcount


def fall_short(conn: Connection, contribution_ids: list[int]) -> None:
    """Something of these contributions is missing again: their rounds, if completed, are expired until it comes."""
    conn.execute(
        "UPDATE rounds SET state = %s WHERE state = 'completed' AND state = ANY(%s) AND id IN (SELECT round_id "
        "FROM contributions WHERE id = ANY(%s) AND paid_cents < due_cents AND state <> 'refunded')",
        [RoundState.EXPIRED, ROUND_MOVES.leading_to(RoundState.EXPIRED), contribution_ids],
    )


def pass_on(conn: Connection, leaver: int, newcomer: int) -> None:
    """The turns of a place go with it to the member who takes it over (member ids)."""
    conn.execute("UPDATE rounds SET payee_member_id = %s WHERE payee_member_id = %s", [newcomer, leaver])


def write_down(
    conn: Connection, rules: RuleSet, state: RoundState, *, when: Period, turn: turns.Turn, number: int | None = None
) -> int:
    """A round, the next or, of a group that moves in, the one of this number; returns its id."""
    [(round_id,)] = conn.execute(
        """
        INSERT INTO rounds (chama_id, number, rule_set_id, state, anchor_at, step, opens_at, closes_at, cycle, turn,
                            payee_member_id)
        SELECT %s, coalesce(%s, max(number) + 1, 1), %s, %s, %s, %s, %s, %s, %s, %s, %s FROM rounds WHERE chama_id = %s
        RETURNING id
        """,
        [rules.chama_id, number, rules.id, state, *astuple(when), *turn, rules.chama_id],
    ).fetchall()
    return int(round_id)
