"""What each member owes for a round, how far it is paid, and which money paid it.

pending -> paid (M-Pesa proved the last of it) -> confirmed (every entry that paid it is sealed)
pending -> failed -> paid (late proof wins); paid and confirmed -> refunded
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from psycopg.rows import class_row, dict_row

from chamas.allocation import Owed, Share, allocate, still_owed
from chamas.rounds import Round, active_round, turn_at
from ledger.moves import Moves
from ledger.wires import Connection, Wires


class ContributionState(StrEnum):
    """Where one member's contribution to one round stands."""

    PENDING = "pending"
    PAID = "paid"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REFUNDED = "refunded"


CONTRIBUTION_MOVES: Moves[ContributionState] = Moves(
    "contributions.state",
    {
        ContributionState.PENDING: frozenset({ContributionState.PAID, ContributionState.FAILED}),
        ContributionState.PAID: frozenset({ContributionState.CONFIRMED, ContributionState.REFUNDED}),
        ContributionState.CONFIRMED: frozenset({ContributionState.REFUNDED}),
        ContributionState.FAILED: frozenset({ContributionState.PAID}),
        ContributionState.REFUNDED: frozenset(),
    },
)

# A prompt that nobody answered frees the member after this long; until then her name says that M-Pesa is waiting.
PROMPT_WAITS = timedelta(minutes=10)

# One statement of a few milliseconds; the loop comes back at once while there is more.
CONFIRM_AT_ONCE = 500


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
    asked = conn.cursor(row_factory=dict_row)
    # One statement, because every first dial asks it.
    asked.execute(
        """
        SELECT owed.*, held.*, m.position, m.chama_id, o.id, o.number, o.state, o.opens_at, o.closes_at,
               first.opens_at AS anchor, s.frequency,
               (SELECT count(*) FROM chama_members n WHERE n.chama_id = m.chama_id AND n.position IS NOT NULL) AS turns
        FROM chama_members m
        JOIN chamas c ON c.id = m.chama_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(k.due_cents) FILTER (WHERE r.state = 'active'), 0)::bigint AS due_cents,
                   coalesce(sum(k.paid_cents) FILTER (WHERE r.state = 'active'), 0)::bigint AS paid_cents,
                   coalesce(sum(k.due_cents - k.paid_cents) FILTER (WHERE r.state <> 'active'), 0)::bigint
                       AS arrears_cents,
                   (SELECT coalesce(sum(a.amount_cents), 0)::bigint FROM allocations a
                    WHERE a.member_id = m.id AND a.contribution_id IS NULL) AS credit_cents
            FROM contributions k
            JOIN rounds r ON r.id = k.round_id AND r.state IN ('active', 'completed', 'expired')
            WHERE k.member_id = m.id AND k.state IN ('pending', 'paid', 'confirmed')) owed
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(a.balance_cents), 0)::bigint AS group_cents,
                   coalesce(sum(a.balance_cents) FILTER (WHERE a.owner_member_id = m.id), 0)::bigint AS total_cents
            FROM accounts a
            WHERE a.book_id = c.book_id AND a.owner_member_id IS NOT NULL) held
        LEFT JOIN (rounds o
                   JOIN rule_sets s ON s.id = o.rule_set_id
                   JOIN rounds first ON first.chama_id = o.chama_id AND first.number = 1)
               ON o.chama_id = m.chama_id AND o.state = 'active'
        WHERE m.id = %s
        """,
        [member_id],
    )
    row = asked.fetchone()
    if row is None:
        raise LookupError(f"no member {member_id}")
    position = row.pop("position")
    calendar = {each.name: row.pop(each.name) for each in fields(Round)}
    if calendar["id"] is None:
        return Dues(round_number=None, closes_at=None, turn_at=None, late=False, **row)
    now_open = Round(**calendar)
    turn = turn_at(now_open, position=position) if position else None
    closes = now_open.closes_at
    return Dues(round_number=now_open.number, closes_at=closes, turn_at=turn, late=at > closes, **row)


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


def charge(conn: Connection, now_open: Round, due_cents: int) -> None:
    """From now on every active member owes `due_cents` for this round; credit that she has is used for it at once."""
    conn.execute(
        """
        INSERT INTO contributions (round_id, member_id, due_cents, state)
        SELECT %s, id, %s, %s FROM chama_members WHERE chama_id = %s AND status = 'active'
        """,
        [now_open.id, due_cents, ContributionState.PENDING, now_open.chama_id],
    )
    credits = conn.execute(
        """
        DELETE FROM allocations a USING chama_members m
        WHERE a.member_id = m.id AND m.chama_id = %s AND a.contribution_id IS NULL
        RETURNING a.member_id, a.book_id, a.seq, a.amount_cents
        """,
        [now_open.chama_id],
    ).fetchall()
    settle(conn, [Arrived(*credit) for credit in sorted(credits)])


class Arrived(NamedTuple):
    """Money of one member that came with entry `seq` of a book."""

    member_id: int
    book_id: int
    seq: int
    amount_cents: int


def settle(conn: Connection, arrived: Sequence[Arrived]) -> list[tuple[Share, ...]]:
    """Shares each sum over what its member owes, oldest arrears first, and keeps the rest as her credit; one by one.

    The caller holds the chamas (register.lock_chamas), so that nobody else changes what is owed meanwhile.
    """
    owed = _owed(conn, [money.member_id for money in arrived])
    shared = []
    for money in arrived:
        debts = owed.get(money.member_id, [])
        shares = allocate(money.amount_cents, debts)
        owed[money.member_id] = still_owed(debts, shares)
        shared.append(shares)
    _allot(conn, [(money, share) for money, shares in zip(arrived, shared, strict=True) for share in shares])
    return shared


def _owed(conn: Connection, member_ids: Sequence[int]) -> dict[int, list[Owed]]:
    rows = conn.execute(
        """
        SELECT k.member_id, k.id, k.due_cents - k.paid_cents
        FROM contributions k JOIN rounds r ON r.id = k.round_id JOIN rule_sets s ON s.id = r.rule_set_id
        WHERE k.member_id = ANY(%s) AND k.paid_cents < k.due_cents AND k.state = ANY(%s)
          AND r.state IN ('active', 'completed', 'expired')
        ORDER BY (r.state = 'active' AND NOT s.arrears_first) DESC, r.number
        """,
        [list(member_ids), [ContributionState.PENDING, ContributionState.FAILED]],
    ).fetchall()
    owed: dict[int, list[Owed]] = {}
    for member_id, contribution_id, missing_cents in rows:
        owed.setdefault(member_id, []).append(Owed(contribution_id, missing_cents))
    return owed


def _allot(conn: Connection, allotted: Sequence[tuple[Arrived, Share]]) -> None:
    """Writes the shares, numbered on within their entry, and what they pay."""
    rows = [(*money[:3], share.contribution_id, share.amount_cents) for money, share in allotted]
    if not rows:
        return
    conn.execute(
        """
        INSERT INTO allocations (book_id, seq, line, member_id, contribution_id, amount_cents)
        SELECT n.book_id, n.seq,
               (SELECT coalesce(max(a.line), 0) FROM allocations a WHERE (a.book_id, a.seq) = (n.book_id, n.seq))
                   + row_number() OVER (PARTITION BY n.book_id, n.seq ORDER BY n.place),
               n.member_id, n.contribution_id, n.amount_cents
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
            WITH ORDINALITY AS n (member_id, book_id, seq, contribution_id, amount_cents, place)
        """,
        [list(column) for column in zip(*rows, strict=True)],
    )
    _pay(conn, [share for _, share in allotted if share.contribution_id is not None])


def _pay(conn: Connection, shares: Sequence[Share]) -> None:
    """Adds the shares to their contributions; what is then paid in full moves on."""
    ids = [share.contribution_id for share in shares]
    conn.execute(
        "UPDATE contributions k SET paid_cents = k.paid_cents + n.cents FROM (SELECT id, sum(cents)::bigint AS cents "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS shares (id, cents) GROUP BY id) AS n WHERE k.id = n.id",
        [ids, [share.amount_cents for share in shares]],
    )
    conn.execute(
        "UPDATE contributions SET state = %s WHERE id = ANY(%s) AND paid_cents = due_cents AND state = ANY(%s)",
        [ContributionState.PAID, ids, CONTRIBUTION_MOVES.leading_to(ContributionState.PAID)],
    )


def confirm_sealed(wiring: Wires) -> int:
    """Confirms what is paid and sealed: every entry that paid for it lies in a completed batch. Returns how many."""
    # 'paid' is written out beside the table of moves, because an index holds the rows in that state.
    with wiring.transaction() as conn:
        return conn.execute(
            """
            UPDATE contributions SET state = %s WHERE id IN (
                SELECT k.id FROM contributions k
                WHERE k.state = 'paid' AND k.state = ANY(%s) AND NOT EXISTS (
                    SELECT FROM allocations a
                    LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (a.book_id, a.seq)
                    LEFT JOIN batches b ON b.number = l.batch
                    WHERE a.contribution_id = k.id AND b.state IS DISTINCT FROM 'completed')
                ORDER BY k.id LIMIT %s FOR NO KEY UPDATE OF k SKIP LOCKED)
            """,
            [
                ContributionState.CONFIRMED,
                CONTRIBUTION_MOVES.leading_to(ContributionState.CONFIRMED),
                CONFIRM_AT_ONCE,
            ],
        ).rowcount
