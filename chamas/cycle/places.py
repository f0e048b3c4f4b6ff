"""The order of payout: who stands where, and what may move her. register.place writes it, rounds.py walks along it.

A member's `position` is her place; places have gaps, and that does no harm: each round pays the next higher place that
is still taken, so whoever leaves takes nobody's turn away and gives nobody a second one. Who has had her turn in the
running cycle is not moved before the cycle is over, and the others only among the places that they hold together: so
no change of the order pays anybody twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.members import register
from chamas.members.register import MemberStatus
from chamas.rulebook.rule_sets import RuleSet
from chamas.rulebook.rules import OrderKind
from ledger.wires import Connection

# Who has a place in the order, before the group starts and after it.
IN_ORDER = (MemberStatus.CONFIRMED, MemberStatus.ACTIVE, MemberStatus.DEFAULTED)


@dataclass(frozen=True)
class Place:
    """A member in it. `position` is None before she has one; `served`: her turn in this cycle is over, or now.
    `paid_at` (UTC): when M-PESA had paid its pot out; None before, and of a pot that went to debts whole.
    """

    member_id: int
    user_id: int
    number: int
    first_name: str
    position: int | None
    served: bool
    paid_at: datetime | None = None


def everybody(conn: Connection, chama_id: int) -> list[Place]:
    """Everybody in the order of payout; who has no place yet comes last, by member number. Who is leaving and has had
    her turn stands there no more.
    """
    found = conn.cursor(row_factory=class_row(Place))
    found.execute(
        """
        SELECT m.id AS member_id, m.user_id, m.number, u.first_name, m.position,
               coalesce(m.position <= last.turn, FALSE) AS served,
               (SELECT max(q.closed_at) FROM rounds t JOIN disbursement_requests q ON q.round_id = t.id
                WHERE t.chama_id = m.chama_id AND t.cycle = last.cycle AND t.turn = m.position
                  AND m.position <= last.turn AND q.state = 'completed') AS paid_at
        FROM chama_members m JOIN users u ON u.id = m.user_id
        LEFT JOIN LATERAL (SELECT r.turn, r.cycle FROM rounds r
                           WHERE r.chama_id = m.chama_id AND r.state NOT IN ('pending', 'cancelled')
                           ORDER BY r.number DESC LIMIT 1) last ON TRUE
        WHERE m.chama_id = %s AND m.status = ANY(%s) AND (m.position IS NOT NULL OR NOT EXISTS (
            SELECT FROM motions x WHERE x.member_id = m.id AND x.kind = 'exit' AND x.state = 'going'))
        ORDER BY m.position, m.number
        """,
        [chama_id, list(IN_ORDER)],
    )
    return found.fetchall()


def movable(standing: Sequence[Place]) -> list[Place]:
    """Who can be given another place: whose turn is to come in this cycle; everybody once it is at its end."""
    waiting = [place for place in standing if not place.served]
    return waiting or list(standing)


def lay(conn: Connection, chama_id: int, numbers: Sequence[int]) -> None:
    """Members by number, in this order, take the places that they hold together; who cannot be moved stays."""
    held = {place.number: place for place in movable(everybody(conn, chama_id)) if place.position is not None}
    moving = [held[number] for number in numbers if number in held]
    taken = sorted(place.position for place in moving if place.position is not None)
    register.place(conn, {place.member_id: position for place, position in zip(moving, taken, strict=True)})


def stand(conn: Connection, agreed: RuleSet) -> None:
    """Before a round opens or a ballot is sealed: everybody has a place, later members behind the others. A fixed list
    is laid over them once, when the first round under this version opens: swaps after that stay.
    """
    fresh = [place.member_id for place in everybody(conn, agreed.chama_id) if place.position is None]
    # Places of those who left count too: nobody else ever stands there.
    [(behind, begun)] = conn.execute(
        "SELECT coalesce(max(position), 0), EXISTS (SELECT FROM rounds WHERE rule_set_id = %s AND state <> 'pending') "
        "FROM chama_members WHERE chama_id = %s",
        [agreed.id, agreed.chama_id],
    ).fetchall()
    register.place(conn, {member_id: behind + more for more, member_id in enumerate(fresh, start=1)})
    if agreed.rules.order is OrderKind.FIXED and not begun:
        lay(conn, agreed.chama_id, agreed.rules.places)
