"""Two members change places in the order of payout, by consent of both: swaps is written here only.

Theory of operation. Whoever asks and whoever is asked has typed her chama PIN. What the other says yes to is where both
stand now: when either has been moved meanwhile, or has had her turn, there is nothing to agree to any more.

    asked -> agreed      both stand in the other's place, and everybody is told
          -> declined    the other said no
          -> withdrawn   whoever asked takes it back, or asks somebody else
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row

from chamas.cycle import places
from chamas.cycle.places import Place
from chamas.members import register
from chamas.members.office import office
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.moves import Moves
from ledger.refusals import Refusal
from ledger.wires import Connection

# Two who have talked about it answer the same day; who has not dialled for a week was not asked in earnest.
OPEN_FOR = timedelta(days=7)


class SwapState(StrEnum):
    """Where a swap stands."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


SWAP_MOVES: Moves[SwapState] = Moves(
    "swaps.state",
    {
        SwapState.ASKED: frozenset({SwapState.AGREED, SwapState.DECLINED, SwapState.WITHDRAWN}),
        SwapState.AGREED: frozenset(),
        SwapState.DECLINED: frozenset(),
        SwapState.WITHDRAWN: frozenset(),
    },
)


class CannotSwap(Refusal):
    """One of the two has no place, has had her turn in this cycle, or is the same person."""

    code = "cannot_swap"
    status = 409
    words = "Only two members whose turns are still to come can swap them."


class SwapOver(Refusal):
    """It is answered, too old, or one of the two stands elsewhere by now."""

    code = "swap_over"
    status = 409
    words = "This swap cannot be answered any more. Ask anew."


@dataclass(frozen=True)
class Swap:
    """A question of one member to another. `own_place` and `other_place` are the asker's and the other's. UTC."""

    id: int
    chama_id: int
    chama: str
    asked_by: int
    asker: str
    asked_of: int
    other: str
    other_user_id: int
    own_place: int
    other_place: int
    state: SwapState
    asked_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", SwapState(self.state))


def ask(conn: Connection, chama_id: int, *, by_user_id: int, number: int, at: datetime) -> Swap:
    """A member asks the one of this number to swap; an open question of hers is taken back. Raises CannotSwap."""
    hers, other = both(conn, chama_id, by_user_id=by_user_id, number=number)
    for old in _read(conn, asked_by=hers.member_id):
        _move(conn, old, SwapState.WITHDRAWN, at)
    [(swap_id,)] = conn.execute(
        "INSERT INTO swaps (chama_id, asked_by, asked_of, own_place, other_place, state, asked_at, expires_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [chama_id, hers.member_id, other.member_id, hers.position, other.position, SwapState.ASKED, at, at + OPEN_FOR],
    ).fetchall()
    swap = find(conn, swap_id)
    _tell(conn, swap, "swap_asked", [other], at)
    return swap


def both(conn: Connection, chama_id: int, *, by_user_id: int, number: int) -> tuple[Place, Place]:
    """Her place and the one of the member of this number, both still to come. Raises CannotSwap."""
    free = {place.number: place for place in places.movable(places.everybody(conn, chama_id))}
    hers = next((place for place in free.values() if place.user_id == by_user_id), None)
    other = free.get(number)
    if hers is None or other is None or other is hers or hers.position is None or other.position is None:
        raise CannotSwap
    return hers, other


def find(conn: Connection, swap_id: int) -> Swap:
    """Raises SwapOver for one that there is not, or that who acts may not see."""
    found = _read(conn, swap_id=swap_id)
    if not found:
        raise SwapOver
    return found[0]


def waiting_for(conn: Connection, user_id: int, at: datetime) -> list[Swap]:
    """Questions that wait for this person's yes or no, oldest first."""
    return [one for one in _read(conn, user_id=user_id) if at < one.expires_at]


def answer(conn: Connection, swap_id: int, *, user_id: int, yes: bool, at: datetime) -> Swap:
    """The other's answer; her yes moves both. The caller has checked her PIN for a yes. Raises SwapOver."""
    swap = find(conn, swap_id)
    with office(conn):
        register.lock_chamas(conn, [swap.chama_id])
    swap = find(conn, swap_id)
    if swap.other_user_id != user_id or swap.state is not SwapState.ASKED or at >= swap.expires_at:
        raise SwapOver
    standing = {place.member_id: place for place in places.everybody(conn, swap.chama_id)}
    hers, other = standing.get(swap.asked_by), standing.get(swap.asked_of)
    if not yes:
        _move(conn, swap, SwapState.DECLINED, at)
        _tell(conn, swap, "swap_declined", [hers] if hers else [], at)
        return find(conn, swap_id)
    free = {place.member_id for place in places.movable(list(standing.values()))}
    if hers is None or other is None or not {swap.asked_by, swap.asked_of} <= free:
        raise SwapOver
    if (hers.position, other.position) != (swap.own_place, swap.other_place):
        raise SwapOver
    with office(conn):
        register.place(conn, {swap.asked_by: swap.other_place, swap.asked_of: swap.own_place})
    _move(conn, swap, SwapState.AGREED, at)
    _tell(conn, swap, "swap_done", list(standing.values()), at)
    return find(conn, swap_id)


def _move(conn: Connection, swap: Swap, to: SwapState, at: datetime) -> None:
    SWAP_MOVES.require(swap.state, to)
    conn.execute("UPDATE swaps SET state = %s, answered_at = %s WHERE id = %s", [to, at, swap.id])


def _tell(conn: Connection, swap: Swap, template: str, members: list[Place], at: datetime) -> None:
    facts = {"chama": swap.chama, "name": swap.asker, "other": swap.other}
    news = [
        Notice(f"{template}:{swap.id}:{place.member_id}", template, place.user_id, swap.chama_id, facts)
        for place in members
    ]
    with office(conn):
        notices.queue(conn, news, at=at)


def _read(
    conn: Connection, *, swap_id: int | None = None, asked_by: int | None = None, user_id: int | None = None
) -> list[Swap]:
    found = conn.cursor(row_factory=class_row(Swap))
    found.execute(
        """
        SELECT s.id, s.chama_id, c.name AS chama, s.asked_by, a.first_name AS asker, s.asked_of, o.first_name AS other,
               o.id AS other_user_id, s.own_place, s.other_place, s.state, s.asked_at, s.expires_at
        FROM swaps s JOIN chamas c ON c.id = s.chama_id
        JOIN chama_members am ON am.id = s.asked_by JOIN users a ON a.id = am.user_id
        JOIN chama_members om ON om.id = s.asked_of JOIN users o ON o.id = om.user_id
        WHERE s.id = %(id)s::bigint OR s.state = 'asked' AND (s.asked_by = %(by)s::bigint OR o.id = %(user)s::bigint)
        ORDER BY s.id
        """,
        {"id": swap_id, "by": asked_by, "user": user_id},
    )
    return found.fetchall()
