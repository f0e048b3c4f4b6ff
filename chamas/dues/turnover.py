"""Rounds open and close: by the clock, in their order, by the instants that were written down; or by an official.

Theory of operation. One chama at a time, held, in a transaction of its own. A close writes down the next round with its
instants, and opens it when they have come; what is missing of the closed one stays owed as arrears. After an outage the
same call, again and again, closes and opens each round that was missed, the longest overdue first, as if somebody had
been there: a round moves once, so that two workers do it once.

An official who closes early leaves the chama between two rounds: the next one is pending until its instant comes, or
until an official opens it. Money that arrives meanwhile is credit, and is used when it opens.
"""

from datetime import datetime, timedelta
from functools import partial

from chamas.cycle import departures, places, rounds, turns
from chamas.cycle.rounds import Round, RoundState
from chamas.dues import contributions, fining
from chamas.members import register
from chamas.members.refusals import NotNow
from ledger import piecemeal
from ledger.wires import Connection, Wires

# What puzzles today may be put right by a person; nobody waits for it by the minute.
ASIDE_FOR = timedelta(minutes=10)


class NoRules(LookupError):
    """The chama has adopted no rules that are in force yet, so nobody knows what a round asks for."""


def open_round(
    conn: Connection,
    chama_id: int,
    *,
    at: datetime,
    closes_at: datetime | None = None,
    by_user_id: int | None = None,
) -> Round:
    """Opens the chama's next round under the rules in force at `at`, and every active member owes for it.

    `closes_at` is for a calendar whose instants are told. `by_user_id` is None for the clock. Raises NoRules; a second
    open round is a UniqueViolation.
    """
    register.lock_chama(conn, chama_id)
    rules = rounds.rules_at(conn, chama_id, at)
    if rules is None:
        raise NoRules(f"chama {chama_id}")
    planned = rounds.pending_round(conn, chama_id) or rounds.plan(conn, rules, opens_at=at, closes_at=closes_at)
    return _begin(conn, planned, rules, at=at, by_user_id=by_user_id)


def plan_first(
    conn: Connection, chama_id: int, *, opens_at: datetime, closes_at: datetime | None = None, at: datetime
) -> Round:
    """The first round of a chama, which opens at `opens_at`, or now when that is over; the caller holds the chama.

    `closes_at` is for a calendar whose instants are told: NotNow without. Raises NoRules.
    """
    rules = rounds.rules_at(conn, chama_id, max(opens_at, at))
    if rules is None:
        raise NoRules(f"chama {chama_id}")
    if rules.rhythm.told and (closes_at is None or closes_at <= opens_at):
        raise NotNow
    planned = rounds.plan(conn, rules, opens_at=opens_at, closes_at=closes_at)
    return _begin(conn, planned, rules, at=at) if opens_at <= at else planned


def close_round(conn: Connection, now_open: Round, *, at: datetime, by_user_id: int | None = None) -> None:
    """Closes an open round and plans the one after it, which opens at once when its instant has come.

    The caller holds the chama. `by_user_id` is None for the clock.
    """
    new = RoundState.COMPLETED if is_whole(conn, now_open) else RoundState.EXPIRED
    rounds.move(conn, now_open.id, new, at=at, by_user_id=by_user_id)
    rounds.leave_due(conn, now_open.id, at, proved_by=fining.PROVED_BY)
    rules = rounds.rules_at(conn, now_open.chama_id, now_open.closes_at)
    if rules is None or rules.rhythm.told or _was_the_last(conn, now_open):
        return
    planned = rounds.plan(conn, rules, opens_at=now_open.closes_at)
    if planned.opens_at <= at:
        _begin(conn, planned, rules, at=at)


def turn_over_due(wiring: Wires) -> int:
    """Does what is due, the longest overdue first: closes a round of a running chama and opens the next, or opens one
    that was planned; returns of how many chamas, or how many rounds that were behind turned out to be whole by now.

    Where people tell the instants an official opens the next one. A chama that puzzles is set aside and holds up no
    other; like one without rules, it waits for whoever reads its line in `pesachama verify`.
    """
    at = wiring.now()
    turned = piecemeal.work_off(
        wiring,
        partial(rounds.due, at=at),
        partial(_turn_over, at=at),
        partial(rounds.set_aside, until=at + ASIDE_FOR),
    )
    if turned:
        return turned
    with wiring.transaction() as conn:
        return rounds.complete_filled(conn)


def _turn_over(conn: Connection, chama_id: int, *, at: datetime) -> None:
    if not rounds.lock_due(conn, chama_id, at):
        return
    # Read again now that nobody else moves them: another worker may just have been here.
    now_open, planned = rounds.active_round(conn, chama_id), rounds.pending_round(conn, chama_id)
    if now_open is not None and now_open.closes_at <= at:
        close_round(conn, now_open, at=at)
    elif now_open is None and planned is not None and planned.opens_at <= at:
        rules = rounds.rules_at(conn, chama_id, planned.opens_at)
        if rules is None:
            raise NoRules(f"chama {chama_id}")
        _begin(conn, planned, rules, at=at)
    rounds.take_up(conn, chama_id)


def is_whole(conn: Connection, one: Round) -> bool:
    """Whether nothing of this round is missing."""
    return contributions.missing(conn, one.id) == 0


def arrears(conn: Connection, chama_id: int) -> int:
    """What members still owe for rounds of their chama that are over, in cents."""
    [(cents,)] = conn.execute(
        "SELECT coalesce(sum(k.due_cents - k.paid_cents), 0)::bigint FROM contributions k "
        "JOIN rounds r ON r.id = k.round_id AND r.state IN ('completed', 'expired') "
        "WHERE r.chama_id = %s AND k.state <> 'refunded'",
        [chama_id],
    ).fetchall()
    return int(cents)


def _begin(
    conn: Connection, planned: Round, rules: rounds.RuleSet, *, at: datetime, by_user_id: int | None = None
) -> Round:
    places.stand(conn, rules)
    opened = rounds.renew(conn, planned, rules)
    rounds.move(conn, opened.id, RoundState.ACTIVE, at=at, by_user_id=by_user_id)
    contributions.charge(conn, opened, rules.contribution_cents)
    if (leaver := departures.returning(conn, opened.id)) is not None:
        # Her last turn: no cycle to come has one of hers, however late the clock gets around to it.
        register.place(conn, {leaver: None})
    return rounds.by_id(conn, opened.id)


def _was_the_last(conn: Connection, closed: Round) -> bool:
    """Whether everybody has had as many turns as the chama was founded for."""
    [(cycles,)] = conn.execute("SELECT cycles FROM chamas WHERE id = %s", [closed.chama_id]).fetchall()
    return cycles is not None and turns.after(conn, closed.chama_id, closed.cycle, closed.turn).cycle > cycles
