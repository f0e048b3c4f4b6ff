"""The ballot for the order of payout: ballots, ballot_seeds and ballot_numbers are written here only.

Theory of operation. docs/ballot.md says what is promised, chamas/cycle/drawing.py how it is computed:

    called -> collecting   the worker has drawn a seed, sealed it with the roster, and told everybody the seal
    called -> void         there are not two members to draw among
    collecting -> drawn    everybody has typed a number, or the time is over: seed and numbers are public
    collecting -> void     nobody typed, or the seed was not published in time: nothing has changed

The seed lies in a table of its own, which no web process can read, until it is published. The result is laid over the
places of the roster in the same transaction that publishes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row

from chamas.cycle import drawing, places, rounds
from chamas.members import register, standing
from chamas.members.access import Action
from chamas.members.refusals import demand
from chamas.rulebook.rule_sets import RuleSet
from chamas.rulebook.rules import OrderKind
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.moves import Moves
from ledger.refusals import Refusal
from ledger.wires import Connection, Wires

# Two days: a weekly group meets nobody in between, and everybody has dialled once.
TYPING_FOR = timedelta(hours=48)
# A worker that was down comes back within a day; a seed that is shown later may have been thought over.
SHOWN_WITHIN = timedelta(hours=24)
FEWEST = 2


class BallotState(StrEnum):
    """Where a ballot stands."""

    CALLED = "called"
    COLLECTING = "collecting"
    DRAWN = "drawn"
    VOID = "void"


BALLOT_MOVES: Moves[BallotState] = Moves(
    "ballots.state",
    {
        BallotState.CALLED: frozenset({BallotState.COLLECTING, BallotState.VOID}),
        BallotState.COLLECTING: frozenset({BallotState.DRAWN, BallotState.VOID}),
        BallotState.DRAWN: frozenset(),
        BallotState.VOID: frozenset(),
    },
)


class NotByBallot(Refusal):
    """The rules in force say another order, or this version's ballot was held."""

    code = "not_by_ballot"
    status = 409
    words = "The rules of this chama do not ask for a ballot now."


class BallotOpen(Refusal):
    """One at a time."""

    code = "ballot_open"
    status = 409
    words = "A ballot is open in this chama already."


class NoBallot(Refusal):
    """None is open for her, or she has typed her number."""

    code = "no_ballot"
    status = 409
    words = "No ballot waits for your number."


class OrderNotDrawn(Refusal):
    """The rules say that a ballot decides, and there was none."""

    code = "order_not_drawn"
    status = 409
    words = "The order of payout is decided by a ballot, which has not been held yet."


@dataclass(frozen=True)
class Ballot:
    """One ballot. `roster` is member numbers, ascending; `result` the same in the order of payout. UTC."""

    id: int
    chama_id: int
    chama: str
    rule_set_id: int
    state: BallotState
    roster: list[int]
    seal: bytes | None
    seed: bytes | None
    result: list[int] | None
    reason: str | None
    called_at: datetime
    closes_at: datetime | None
    reveal_by: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", BallotState(self.state))


def call(conn: Connection, chama_id: int, *, by_user_id: int, at: datetime) -> int:
    """An official calls the ballot that the rules ask for; returns its id. The worker draws the seed.

    Raises OfficialsOnly, NotNow, NotByBallot, BallotOpen.
    """
    demand(standing.group(conn, chama_id=chama_id, user_id=by_user_id), Action.CHANGE_RULES, at=at)
    rules = rounds.rules_at(conn, chama_id, at)
    if rules is None or rules.rules.order is not OrderKind.BALLOT or held(conn, rules.id):
        raise NotByBallot
    made = conn.execute(
        "INSERT INTO ballots (chama_id, rule_set_id, called_by, state, roster, called_at, due_at) "
        "VALUES (%s, %s, %s, %s, '{}', %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [chama_id, rules.id, by_user_id, BallotState.CALLED, at, at],
    ).fetchone()
    if made is None:
        raise BallotOpen
    return int(made[0])


def held(conn: Connection, rule_set_id: int) -> bool:
    """Whether the ballot that this version of rules asks for was drawn."""
    row = conn.execute(
        "SELECT TRUE FROM ballots WHERE rule_set_id = %s AND state = 'drawn' LIMIT 1", [rule_set_id]
    ).fetchone()
    return row is not None


def require_drawn(conn: Connection, agreed: RuleSet) -> None:
    """Raises OrderNotDrawn for rules whose ballot is still to be held: a group does not start before it."""
    if agreed.rules.order is OrderKind.BALLOT and not held(conn, agreed.id):
        raise OrderNotDrawn


def latest(conn: Connection, chama_id: int) -> Ballot | None:
    """The newest ballot of a group."""
    return next(iter(_read(conn, chama_id=chama_id)), None)


def numbers(conn: Connection, ballot_id: int) -> dict[int, str]:
    """What each member typed, by member number."""
    return dict(
        conn.execute(
            "SELECT m.number, n.typed FROM ballot_numbers n JOIN chama_members m ON m.id = n.member_id "
            "WHERE n.ballot_id = %s",
            [ballot_id],
        ).fetchall()
    )


def waits_for(conn: Connection, member_id: int, number: int, chama_id: int) -> Ballot | None:
    """The open ballot in which this member has not typed her number yet."""
    found = latest(conn, chama_id)
    if found is None or found.state is not BallotState.COLLECTING or number not in found.roster:
        return None
    done = conn.execute(
        "SELECT TRUE FROM ballot_numbers WHERE (ballot_id, member_id) = (%s, %s)", [found.id, member_id]
    ).fetchone()
    return None if done else found


def put_in(conn: Connection, chama_id: int, *, user_id: int, typed: str, at: datetime) -> Ballot:
    """A member's number, 1 to 9 digits; she has one, and it is shown to nobody before the end. Raises NoBallot."""
    row = conn.execute(
        "SELECT id, number FROM chama_members WHERE (chama_id, user_id) = (%s, %s)", [chama_id, user_id]
    ).fetchone()
    ballot = waits_for(conn, row[0], row[1], chama_id) if row else None
    if row is None or ballot is None or ballot.closes_at is None or at >= ballot.closes_at:
        raise NoBallot
    conn.execute(
        "INSERT INTO ballot_numbers (ballot_id, member_id, typed, typed_at) VALUES (%s, %s, %s, %s)",
        [ballot.id, row[0], typed, at],
    )
    return ballot


def follow_due(wiring: Wires) -> int:
    """Does what the next ballot needs; returns how many it took (0 or 1)."""
    at = wiring.now()
    with wiring.transaction() as conn:
        row = conn.execute(
            """
            SELECT id FROM ballots b WHERE state IN ('called', 'collecting') AND (due_at <= %s OR state = 'collecting'
                AND cardinality(roster) = (SELECT count(*) FROM ballot_numbers n WHERE n.ballot_id = b.id))
            ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
            """,
            [at],
        ).fetchone()
        if row is None:
            return 0
        [ballot] = _read(conn, ballot_id=row[0])
        register.lock_chama(conn, ballot.chama_id)
        if ballot.state is BallotState.CALLED:
            _seal(conn, ballot, wiring.chance.token_bytes(drawing.SEED_BYTES), at)
        else:
            _end(conn, ballot, at)
    return 1


def _seal(conn: Connection, ballot: Ballot, seed: bytes, at: datetime) -> None:
    rules = rounds.rules_at(conn, ballot.chama_id, at)
    if rules is not None:
        places.stand(conn, rules)
    roster = sorted(place.number for place in places.movable(places.everybody(conn, ballot.chama_id)))
    if len(roster) < FEWEST:
        _void(conn, ballot, "too few members", at)
        return
    BALLOT_MOVES.require(ballot.state, BallotState.COLLECTING)
    sealed, closes_at = drawing.seal(seed, roster), at + TYPING_FOR
    conn.execute("INSERT INTO ballot_seeds (ballot_id, seed) VALUES (%s, %s)", [ballot.id, seed])
    conn.execute(
        "UPDATE ballots SET state = %s, roster = %s, seal = %s, closes_at = %s, reveal_by = %s, due_at = %s "
        "WHERE id = %s",
        [BallotState.COLLECTING, roster, sealed, closes_at, closes_at + SHOWN_WITHIN, closes_at, ballot.id],
    )
    _tell(conn, ballot, "ballot_called", roster, at, seal=sealed.hex(), until_at=closes_at.isoformat())


def _end(conn: Connection, ballot: Ballot, at: datetime) -> None:
    """The result is public and holds, or the ballot is void."""
    assert ballot.reveal_by is not None  # noqa: S101
    typed = numbers(conn, ballot.id)
    row = conn.execute("SELECT seed FROM ballot_seeds WHERE ballot_id = %s", [ballot.id]).fetchone()
    if at > ballot.reveal_by:
        _void(conn, ballot, "the seed was not shown in time", at)
    elif not typed:
        _void(conn, ballot, "nobody typed a number", at)
    elif row is None or drawing.seal(row[0], ballot.roster) != ballot.seal:
        # Somebody may find it again: until then nothing is drawn, and then it is void.
        BALLOT_MOVES.require(BallotState.COLLECTING, BallotState.VOID)
        conn.execute("UPDATE ballots SET due_at = %s WHERE id = %s", [_just_after(ballot.reveal_by), ballot.id])
    else:
        _show(conn, ballot, row[0], drawing.draw(row[0], ballot.roster, typed), at)


def _just_after(instant: datetime) -> datetime:
    return instant + timedelta(seconds=1)


def _show(conn: Connection, ballot: Ballot, seed: bytes, result: Sequence[int], at: datetime) -> None:
    BALLOT_MOVES.require(ballot.state, BallotState.DRAWN)
    conn.execute(
        "UPDATE ballots SET state = %s, seed = %s, result = %s, ended_at = %s, due_at = NULL WHERE id = %s",
        [BallotState.DRAWN, seed, list(result), at, ballot.id],
    )
    places.lay(conn, ballot.chama_id, result)
    for place, number in enumerate(result, start=1):
        _tell(conn, ballot, "ballot_drawn", [number], at, number=place, count=len(result))


def _void(conn: Connection, ballot: Ballot, reason: str, at: datetime) -> None:
    BALLOT_MOVES.require(ballot.state, BallotState.VOID)
    conn.execute(
        "UPDATE ballots SET state = %s, reason = %s, ended_at = %s, due_at = NULL WHERE id = %s",
        [BallotState.VOID, reason, at, ballot.id],
    )
    everybody = [place.number for place in places.everybody(conn, ballot.chama_id)]
    _tell(conn, ballot, "ballot_void", everybody, at)


def _tell(
    conn: Connection, ballot: Ballot, template: str, member_numbers: Sequence[int], at: datetime, **more: Any
) -> None:
    rows = conn.execute(
        "SELECT id, user_id FROM chama_members WHERE chama_id = %s AND number = ANY(%s) ORDER BY id",
        [ballot.chama_id, list(member_numbers)],
    ).fetchall()
    facts = {"chama": ballot.chama, **more}
    news = [
        Notice(f"{template}:{ballot.id}:{member_id}", template, user_id, ballot.chama_id, facts)
        for member_id, user_id in rows
    ]
    notices.queue(conn, news, at=at)


def _read(conn: Connection, *, ballot_id: int | None = None, chama_id: int | None = None) -> list[Ballot]:
    found = conn.cursor(row_factory=class_row(Ballot))
    found.execute(
        """
        SELECT b.id, b.chama_id, c.name AS chama, b.rule_set_id, b.state, b.roster, b.seal, b.seed, b.result, b.reason,
               b.called_at, b.closes_at, b.reveal_by
        FROM ballots b JOIN chamas c ON c.id = b.chama_id
        WHERE b.id = %s::bigint OR b.chama_id = %s::bigint ORDER BY b.id DESC
        """,
        [ballot_id, chama_id],
    )
    return found.fetchall()
