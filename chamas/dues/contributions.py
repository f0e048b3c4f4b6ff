"""What each member owes for a round, how far it is paid, and which money paid it.

Theory of operation. A contribution is charged when its round opens and filled by allocations of money that arrived:

    pending -> paid (M-PESA proved the last of it) -> confirmed (every entry that paid it is sealed)
    pending -> failed -> paid (late proof wins); paid and confirmed -> refunded
    paid and confirmed -> pending (the money was none: it is owed again)
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import groupby

from chamas.cycle import departures
from chamas.cycle.rounds import Round, complete_filled, fall_short
from chamas.dues import debts, loans, penalties
from chamas.dues.allocation import Arrived, Share, share_out, unspent
from chamas.members import deposits
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
        ContributionState.PAID: frozenset(
            {ContributionState.CONFIRMED, ContributionState.REFUNDED, ContributionState.PENDING}
        ),
        ContributionState.CONFIRMED: frozenset({ContributionState.REFUNDED, ContributionState.PENDING}),
        ContributionState.FAILED: frozenset({ContributionState.PAID}),
        ContributionState.REFUNDED: frozenset(),
    },
)

# One statement of a few milliseconds; the loop comes back at once while there is more.
CONFIRM_AT_ONCE = 500


def charge(conn: Connection, now_open: Round, due_cents: int) -> None:
    """From now on every active member, in default or not, owes `due_cents` for this round; credit that she has is used
    for it at once. Who is leaving may owe nothing, or be owed (departures.py).
    """
    charge_each(conn, now_open.id, departures.who_pays(conn, now_open.id, due_cents))
    use_credit(conn, now_open.chama_id)


def use_credit(conn: Connection, chama_id: int, member_id: int | None = None) -> None:
    """Credit of this member, or of everybody, settles what is owed by now. The caller holds the chama."""
    credits = conn.execute(
        """
        DELETE FROM allocations a USING chama_members m
        WHERE a.member_id = m.id AND m.chama_id = %s AND (%s::bigint IS NULL OR m.id = %s)
          AND a.contribution_id IS NULL AND a.deposit_id IS NULL AND a.penalty_id IS NULL AND a.instalment_id IS NULL
        RETURNING a.member_id, a.book_id, a.seq, a.amount_cents
        """,
        [chama_id, member_id, member_id],
    ).fetchall()
    left: list[Arrived] = []
    gone: list[Arrived] = []
    for _, hers in groupby(sorted(Arrived(*credit) for credit in credits), key=lambda credit: credit.member_id):
        to_use, against = unspent(list(hers))
        left += to_use
        gone += against
    allot(conn, [(money, Share(None, money.amount_cents)) for money in gone])
    settle(conn, left)


def missing(conn: Connection, round_id: int) -> int:
    """What is still missing of a round, in cents."""
    [(cents,)] = conn.execute(
        "SELECT coalesce(sum(due_cents - paid_cents), 0)::bigint FROM contributions "
        "WHERE round_id = %s AND state <> 'refunded'",
        [round_id],
    ).fetchall()
    return int(cents)


def unpaid(conn: Connection, round_id: int) -> int:
    """How many members have not paid all of a round."""
    [(count,)] = conn.execute(
        "SELECT count(*) FROM contributions WHERE round_id = %s AND paid_cents < due_cents AND state <> 'refunded'",
        [round_id],
    ).fetchall()
    return int(count)


def collected(conn: Connection, round_id: int) -> int:
    """The pot of a round, in cents: what entries brought for it, whenever they came, less what was taken back again."""
    [(cents,)] = conn.execute(
        "SELECT coalesce(sum(a.amount_cents), 0)::bigint FROM contributions k "
        "JOIN allocations a ON a.contribution_id = k.id WHERE k.round_id = %s",
        [round_id],
    ).fetchall()
    return int(cents)


def charge_each(conn: Connection, round_id: int, due_cents: Mapping[int, int]) -> None:
    """What each of these members (ids) owes for a round, when it is not the same for all."""
    conn.execute(
        "INSERT INTO contributions (round_id, member_id, due_cents, state) "
        "SELECT %s, member_id, cents, %s FROM unnest(%s::bigint[], %s::bigint[]) AS d (member_id, cents)",
        [round_id, ContributionState.PENDING, list(due_cents), list(due_cents.values())],
    )


def settle(conn: Connection, arrived: Sequence[Arrived]) -> list[tuple[Share, ...]]:
    """Shares each sum over what its member owes, in the order of debts.py, and keeps the rest as her credit.

    The caller holds the chamas (register.lock_chamas), so that nobody else changes what is owed meanwhile.
    """
    shared = share_out(arrived, debts.owed(conn, [money.member_id for money in arrived]))
    allot(conn, [(money, share) for money, shares in zip(arrived, shared, strict=True) for share in shares])
    return shared


def keep_deposits(conn: Connection, kept: Sequence[tuple[Arrived, deposits.Part]]) -> None:
    """Of each sum that was booked, this part fills its member's deposit."""
    allot(conn, [(money, Share(None, part.amount_cents, part.deposit_id)) for money, part in kept])
    deposits.fill(conn, [part for _, part in kept])


def pass_on(conn: Connection, leaver: int, newcomer: int) -> None:
    """What a place has paid and owes goes with it to the member who takes it over (member ids)."""
    conn.execute("UPDATE contributions SET member_id = %s WHERE member_id = %s", [newcomer, leaver])


def take_deposit(conn: Connection, taken: Arrived, deposit_id: int, new: deposits.DepositState) -> None:
    """An entry took so much of a member's deposit, which ends as `new`."""
    allot(conn, [(taken, Share(None, -taken.amount_cents, deposit_id))])
    deposits.take(conn, deposit_id, new, taken.amount_cents)


def take_fine(conn: Connection, taken: Arrived, penalty_id: int) -> None:
    """An entry moved so much of hers, set aside for this fine, to the group's own account."""
    allot(conn, [(taken, Share(None, -taken.amount_cents, penalty_id=penalty_id))])


def take_instalment(conn: Connection, taken: Arrived, instalment_id: int) -> None:
    """An entry moved so much of hers, set aside for this part of her loan, to the group's own accounts."""
    allot(conn, [(taken, Share(None, -taken.amount_cents, instalment_id=instalment_id))])


def take_back(conn: Connection, taken: Arrived) -> None:
    """An entry took so much of what the group holds of a member: out of her credit first, then out of what she paid
    last. What it takes of a paid contribution makes that one refunded. Raises ValueError when she never brought it.

    The caller holds the chama.
    """
    shares = _newest_first(conn, taken)
    allot(conn, [(taken, share) for share in shares])
    conn.execute(
        "UPDATE contributions SET state = %s WHERE id = ANY(%s) AND state = ANY(%s)",
        [
            ContributionState.REFUNDED,
            [share.contribution_id for share in shares],
            CONTRIBUTION_MOVES.leading_to(ContributionState.REFUNDED),
        ],
    )


def take_newest(conn: Connection, taken: Arrived) -> None:
    """So much of hers was no money (owed_again.py): out of her credit first, then out of what she paid last, which she
    owes again. Raises ValueError when she never paid so much.
    """
    shares = _newest_first(conn, taken)
    opened = [share.contribution_id for share in shares if share.contribution_id is not None]
    allot(conn, [(taken, share) for share in shares])
    conn.execute(
        "UPDATE contributions SET state = %s WHERE id = ANY(%s) AND paid_cents < due_cents AND state = ANY(%s)",
        [ContributionState.PENDING, opened, CONTRIBUTION_MOVES.leading_to(ContributionState.PENDING)],
    )
    fall_short(conn, opened)


def of_no_fine(conn: Connection, member_id: int) -> int:
    """What the group holds of her that no fine has: her credit, and what she paid of her contributions, in cents."""
    [(cents,)] = conn.execute(
        "SELECT (SELECT coalesce(sum(amount_cents), 0) FROM allocations WHERE member_id = %(member)s "
        "AND contribution_id IS NULL AND deposit_id IS NULL AND penalty_id IS NULL AND instalment_id IS NULL) "
        "+ (SELECT coalesce(sum(paid_cents), 0) FROM contributions WHERE member_id = %(member)s)",
        {"member": member_id},
    ).fetchall()
    return int(cents)


def _newest_first(conn: Connection, taken: Arrived) -> list[Share]:
    """What so much is taken of: her credit first, then what she paid last. Raises ValueError when it is not enough."""
    shares = []
    left_cents = taken.amount_cents
    for contribution_id, cents in conn.execute(
        """
        SELECT NULL::bigint, coalesce(sum(amount_cents), 0)::bigint FROM allocations
        WHERE member_id = %(member)s AND contribution_id IS NULL AND deposit_id IS NULL AND penalty_id IS NULL
          AND instalment_id IS NULL
        UNION ALL
        (SELECT k.id, k.paid_cents FROM contributions k JOIN rounds r ON r.id = k.round_id
         WHERE k.member_id = %(member)s AND k.paid_cents > 0 ORDER BY r.number DESC)
        """,
        {"member": taken.member_id},
    ).fetchall():
        part_cents = min(left_cents, cents)
        if part_cents > 0:
            shares.append(Share(contribution_id, -part_cents))
            left_cents -= part_cents
    if left_cents:
        raise ValueError(f"member {taken.member_id} never brought so much")
    return shares


def allot(conn: Connection, allotted: Sequence[tuple[Arrived, Share]]) -> None:
    """Writes the shares, numbered on within their entry, and what they pay."""
    rows = [
        (
            *money[:3],
            *(share.contribution_id, share.deposit_id, share.penalty_id, share.instalment_id, share.amount_cents),
        )
        for money, share in allotted
    ]
    if not rows:
        return
    conn.execute(
        """
        INSERT INTO allocations (book_id, seq, line, member_id, contribution_id, deposit_id, penalty_id, instalment_id,
                                 amount_cents)
        SELECT n.book_id, n.seq,
               (SELECT coalesce(max(a.line), 0) FROM allocations a WHERE (a.book_id, a.seq) = (n.book_id, n.seq))
                   + row_number() OVER (PARTITION BY n.book_id, n.seq ORDER BY n.place),
               n.member_id, n.contribution_id, n.deposit_id, n.penalty_id, n.instalment_id, n.amount_cents
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                    %s::bigint[]) WITH ORDINALITY
            AS n (member_id, book_id, seq, contribution_id, deposit_id, penalty_id, instalment_id, amount_cents, place)
        """,
        [list(column) for column in zip(*rows, strict=True)],
    )
    _pay(conn, [share for _, share in allotted if share.contribution_id is not None])
    if fines := [share for _, share in allotted if share.penalty_id is not None and share.amount_cents > 0]:
        penalties.pay(conn, fines)
    if parts := [share for _, share in allotted if share.instalment_id is not None and share.amount_cents > 0]:
        loans.pay(conn, parts)


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
        rows = conn.execute(
            """
            UPDATE contributions SET state = %s WHERE id IN (
                SELECT k.id FROM contributions k
                WHERE k.state = 'paid' AND k.state = ANY(%s) AND NOT EXISTS (
                    SELECT FROM allocations a
                    LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (a.book_id, a.seq)
                    LEFT JOIN batches b ON b.number = l.batch
                    WHERE a.contribution_id = k.id AND b.state IS DISTINCT FROM 'completed')
                ORDER BY k.id LIMIT %s FOR NO KEY UPDATE OF k SKIP LOCKED) RETURNING round_id
            """,
            [
                ContributionState.CONFIRMED,
                CONTRIBUTION_MOVES.leading_to(ContributionState.CONFIRMED),
                CONFIRM_AT_ONCE,
            ],
        ).fetchall()
        if rows:
            complete_filled(conn, sorted({round_id for (round_id,) in rows}))
        return deposits.confirm_sealed(conn) + len(rows)
