"""What each member owes for a round, how far it is paid, and which money paid it.

pending -> paid (M-Pesa proved the last of it) -> confirmed (every entry that paid it is sealed)
pending -> failed -> paid (late proof wins); paid and confirmed -> refunded
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row, dict_row

from chamas.rounds import active_round, turn_at
from chamas.states import Moves
from ledger.wires import Connection


class ContributionState(StrEnum):
    """Where one member's contribution to one round stands."""

    PENDING = "pending"
    PAID = "paid"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REFUNDED = "refunded"


CONTRIBUTION_MOVES: Moves[ContributionState] = {
    ContributionState.PENDING: frozenset({ContributionState.PAID, ContributionState.FAILED}),
    ContributionState.PAID: frozenset({ContributionState.CONFIRMED, ContributionState.REFUNDED}),
    ContributionState.CONFIRMED: frozenset({ContributionState.REFUNDED}),
    ContributionState.FAILED: frozenset({ContributionState.PAID}),
    ContributionState.REFUNDED: frozenset(),
}

# A prompt that nobody answered frees the member after this long; until then her name says that M-Pesa is waiting.
PROMPT_WAITS = timedelta(minutes=10)


@dataclass(frozen=True)
class Dues:
    """What one member is asked for; money in cents, instants in UTC.

    `due_cents` and `paid_cents` are of the open round (both 0 without one), `arrears_cents` what is still missing of
    earlier rounds, `credit_cents` what is kept for the next. `total_cents` is all the group holds of her,
    `group_cents` all it holds of everybody. `late`: the round should have closed and some of it may be missing.
    """

    round_number: int | None
    due_cents: int
    paid_cents: int
    arrears_cents: int
    credit_cents: int
    total_cents: int
    group_cents: int
    closes_at: datetime | None
    turn_at: datetime | None
    late: bool

    @property
    def owed_cents(self) -> int:
        """What would settle everything today."""
        return self.due_cents - self.paid_cents + self.arrears_cents


def dues(conn: Connection, member_id: int, at: datetime) -> Dues:
    """The dues of a member as they stand at `at`. Raises LookupError for an unknown member."""
    owed = conn.cursor(row_factory=dict_row)
    owed.execute(
        """
        SELECT m.chama_id, m.position,
               coalesce(sum(k.due_cents) FILTER (WHERE r.state = 'active'), 0)::bigint AS due_cents,
               coalesce(sum(k.paid_cents) FILTER (WHERE r.state = 'active'), 0)::bigint AS paid_cents,
               coalesce(sum(k.due_cents - k.paid_cents) FILTER (WHERE r.state <> 'active'), 0)::bigint AS arrears_cents,
               (SELECT coalesce(sum(a.amount_cents), 0)::bigint FROM allocations a
                WHERE a.member_id = m.id AND a.contribution_id IS NULL) AS credit_cents
        FROM chama_members m
        LEFT JOIN (contributions k JOIN rounds r ON r.id = k.round_id AND r.state IN ('active', 'completed', 'expired'))
               ON k.member_id = m.id AND k.state IN ('pending', 'paid', 'confirmed')
        WHERE m.id = %s
        GROUP BY m.id
        """,
        [member_id],
    )
    row = owed.fetchone()
    if row is None:
        raise LookupError(f"no member {member_id}")
    chama_id, position = row.pop("chama_id"), row.pop("position")
    row |= _held(conn, chama_id, member_id)
    now_open = active_round(conn, chama_id)
    if now_open is None:
        return Dues(round_number=None, closes_at=None, turn_at=None, late=False, **row)
    turn = turn_at(now_open, position=position) if position else None
    closes = now_open.closes_at
    return Dues(round_number=now_open.number, closes_at=closes, turn_at=turn, late=at > closes, **row)


def _held(conn: Connection, chama_id: int, member_id: int) -> dict[str, int]:
    """What the group holds of one member and of all of them, by their accounts in its book."""
    held = conn.cursor(row_factory=dict_row)
    held.execute(
        """
        SELECT coalesce(sum(a.credits_posted_cents - a.debits_posted_cents), 0)::bigint AS group_cents,
               coalesce(sum(a.credits_posted_cents - a.debits_posted_cents)
                        FILTER (WHERE a.owner_member_id = %s), 0)::bigint AS total_cents
        FROM accounts a JOIN chamas c ON c.book_id = a.book_id
        WHERE c.id = %s AND a.owner_member_id IS NOT NULL
        """,
        [member_id, chama_id],
    )
    return held.fetchall()[0]


@dataclass(frozen=True)
class PaidLine:
    """One member in the list of who has paid. `waiting`: a prompt of hers is out and its outcome unclear."""

    member_id: int
    number: int
    first_name: str
    due_cents: int
    paid_cents: int
    waiting: bool

    @property
    def paid(self) -> bool:
        return self.paid_cents >= self.due_cents


@dataclass(frozen=True)
class PaidList:
    """Who has paid for the open round, by member number. Empty, with no round number, when none is open."""

    round_number: int | None
    closes_at: datetime | None
    lines: tuple[PaidLine, ...] = field(default=())

    @property
    def paid(self) -> tuple[PaidLine, ...]:
        return tuple(line for line in self.lines if line.paid)

    @property
    def unpaid(self) -> tuple[PaidLine, ...]:
        return tuple(line for line in self.lines if not line.paid)

    @property
    def paid_cents(self) -> int:
        return sum(line.paid_cents for line in self.lines)

    @property
    def due_cents(self) -> int:
        return sum(line.due_cents for line in self.lines)


def who_has_paid(conn: Connection, chama_id: int, at: datetime) -> PaidList:
    """Everybody who owes for the open round, with what she has paid of it."""
    now_open = active_round(conn, chama_id)
    if now_open is None:
        return PaidList(None, None)
    lines = conn.cursor(row_factory=class_row(PaidLine))
    lines.execute(
        """
        SELECT m.id AS member_id, m.number, u.first_name, k.due_cents, k.paid_cents,
               EXISTS (SELECT FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id
                       WHERE i.member_id = m.id AND i.created_at > %s
                         AND t.state IN ('created', 'unclear', 'pending', 'proven')) AS waiting
        FROM contributions k
        JOIN chama_members m ON m.id = k.member_id
        JOIN users u ON u.id = m.user_id
        WHERE k.round_id = %s
        ORDER BY m.number
        """,
        [at - PROMPT_WAITS, now_open.id],
    )
    return PaidList(now_open.number, now_open.closes_at, tuple(lines.fetchall()))
