"""What a member leaves with her group before it starts: the deposits table is written here only.

Theory of operation. A chama may ask each member for a deposit. Until some of it comes there is no row and it counts as
pending; money for a confirmed member of a chama that has not started fills her deposit first, in an account of its own:

    pending -> paid (M-PESA proved the last of it) -> confirmed (every entry that paid it is sealed)
            -> forfeited (it covered what she owed), -> refunded (it is hers again, under her own name)
    paid, confirmed -> pending (the money was none)

What is more than the deposit is her credit for the first round. Where the money of an entry went stands in allocations,
as for contributions. A deposit is never the group's: it covers her own debts, or goes back to her.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from ledger.moves import Moves
from ledger.wires import Connection


class DepositState(StrEnum):
    """Where a deposit stands."""

    PENDING = "pending"
    PAID = "paid"
    CONFIRMED = "confirmed"
    FORFEITED = "forfeited"
    REFUNDED = "refunded"


_D = DepositState
DEPOSIT_MOVES: Moves[DepositState] = Moves(
    "deposits.state",
    {
        # A part of it may be all that ever came.
        _D.PENDING: frozenset({_D.PAID, _D.FORFEITED, _D.REFUNDED}),
        _D.PAID: frozenset({_D.CONFIRMED, _D.FORFEITED, _D.REFUNDED, _D.PENDING}),
        _D.CONFIRMED: frozenset({_D.FORFEITED, _D.REFUNDED, _D.PENDING}),
        _D.FORFEITED: frozenset(),
        _D.REFUNDED: frozenset(),
    },
)

OPEN = (_D.PENDING, _D.PAID, _D.CONFIRMED)
WHOLE = (_D.PAID, _D.CONFIRMED)


@dataclass(frozen=True)
class Deposit:
    """One member's deposit in cents; `id` is None while nothing of it has come."""

    id: int | None
    member_id: int
    number: int
    name: str
    due_cents: int
    paid_cents: int
    state: DepositState

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", DepositState(self.state))

    @property
    def missing_cents(self) -> int:
        return self.due_cents - self.paid_cents if self.state is _D.PENDING else 0


@dataclass(frozen=True)
class Coming:
    """Money for a member of a chama that asks for `due_cents`, by its receipt."""

    receipt: str
    chama_id: int
    member_id: int
    due_cents: int
    amount_cents: int


@dataclass(frozen=True)
class Part:
    """What of it fills her deposit."""

    deposit_id: int
    amount_cents: int


def of_chama(conn: Connection, chama_id: int) -> list[Deposit]:
    """The deposit of everybody who is in, by member number; empty when the chama asks for none."""
    return _read(conn, chama_id, None)


def of_member(conn: Connection, chama_id: int, member_id: int) -> Deposit | None:
    """Hers; None when the chama asks for none, or she is not in it."""
    return next(iter(_read(conn, chama_id, member_id)), None)


def _read(conn: Connection, chama_id: int, member_id: int | None) -> list[Deposit]:
    with conn.cursor(row_factory=class_row(Deposit)) as cursor:
        return cursor.execute(
            """
            SELECT d.id, m.id AS member_id, m.number, u.first_name AS name,
                   coalesce(d.due_cents, c.deposit_cents) AS due_cents, coalesce(d.paid_cents, 0)::bigint AS paid_cents,
                   coalesce(d.state, 'pending') AS state
            FROM chama_members m JOIN chamas c ON c.id = m.chama_id JOIN users u ON u.id = m.user_id
            LEFT JOIN LATERAL (SELECT * FROM deposits n WHERE n.member_id = m.id ORDER BY n.id DESC LIMIT 1) d ON TRUE
            WHERE m.chama_id = %(chama)s AND (%(member)s::bigint IS NULL OR m.id = %(member)s) AND c.deposit_cents > 0
              AND (m.status IN ('confirmed', 'active', 'defaulted', 'completed') OR d.id IS NOT NULL)
            ORDER BY m.number
            """,
            {"chama": chama_id, "member": member_id},
        ).fetchall()


def share(conn: Connection, coming: Sequence[Coming], *, at: datetime) -> dict[str, Part]:
    """What of each sum fills its member's deposit, by receipt; one that is missing fills nothing.

    A receipt that was booked before gets the same answer again. Holds the deposits until the transaction ends: call it
    before anything is posted, as everybody does.
    """
    if not coming:
        return {}
    members = sorted({(one.chama_id, one.member_id, one.due_cents) for one in coming})
    conn.execute(
        "INSERT INTO deposits (chama_id, member_id, due_cents, state, created_at) "
        "SELECT n.chama_id, n.member_id, n.due_cents, %s, %s "
        "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n (chama_id, member_id, due_cents) "
        "WHERE NOT EXISTS (SELECT FROM deposits d WHERE d.member_id = n.member_id AND d.state = ANY(%s)) "
        "ORDER BY n.member_id ON CONFLICT DO NOTHING",
        [_D.PENDING, at, *[list(column) for column in zip(*members, strict=True)], list(OPEN)],
    )
    rows = conn.execute(
        "SELECT id, member_id, due_cents - paid_cents FROM deposits WHERE member_id = ANY(%s) AND state = ANY(%s) "
        "ORDER BY member_id FOR NO KEY UPDATE",
        [[member_id for _, member_id, _ in members], list(OPEN)],
    ).fetchall()
    hers = {member_id: deposit_id for deposit_id, member_id, _ in rows}
    left = {member_id: missing for _, member_id, missing in rows}
    booked, parts = _before(conn, [one.receipt for one in coming])
    for one in coming:
        part_cents = min(one.amount_cents, left.get(one.member_id, 0))
        if one.receipt in booked or part_cents <= 0:
            continue
        left[one.member_id] -= part_cents
        parts[one.receipt] = Part(hers[one.member_id], part_cents)
    return parts


def _before(conn: Connection, named: Sequence[str]) -> tuple[set[str], dict[str, Part]]:
    """Which of these receipts are a member's already, and what of each filled a deposit."""
    rows = conn.execute(
        "SELECT r.receipt, a.deposit_id, a.amount_cents FROM receipts r "
        "JOIN allocations a ON (a.book_id, a.seq) = (r.book_id, r.seq) WHERE r.receipt = ANY(%s)",
        [list(named)],
    ).fetchall()
    parts = {receipt: Part(deposit_id, cents) for receipt, deposit_id, cents in rows if deposit_id is not None}
    return {receipt for receipt, _, _ in rows}, parts


def fill(conn: Connection, parts: Sequence[Part]) -> None:
    """The money is booked: adds it to the deposits; what is then whole is paid."""
    ids = [part.deposit_id for part in parts]
    conn.execute(
        "UPDATE deposits d SET paid_cents = d.paid_cents + n.cents FROM (SELECT id, sum(cents)::bigint AS cents "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS shares (id, cents) GROUP BY id) AS n WHERE d.id = n.id",
        [ids, [part.amount_cents for part in parts]],
    )
    conn.execute(
        "UPDATE deposits SET state = %s WHERE id = ANY(%s) AND paid_cents = due_cents AND state = ANY(%s)",
        [_D.PAID, ids, DEPOSIT_MOVES.leading_to(_D.PAID)],
    )


def hold(conn: Connection, chama_id: int) -> dict[int, int]:
    """The newest deposit of each member of a chama, by member id, held until the transaction ends."""
    rows = conn.execute(
        "SELECT member_id, id FROM deposits WHERE chama_id = %s ORDER BY member_id, id FOR NO KEY UPDATE", [chama_id]
    ).fetchall()
    return dict(rows)


def take(conn: Connection, deposit_id: int, new: DepositState, cents: int) -> None:
    """So much of a deposit has left its account, by an entry of the caller, and it ends as `new`; one that has ended
    stays what it is. Raises ForbiddenMove.
    """
    [(old,)] = conn.execute("SELECT state FROM deposits WHERE id = %s FOR NO KEY UPDATE", [deposit_id]).fetchall()
    if old in OPEN:
        DEPOSIT_MOVES.require(DepositState(old), new)
    conn.execute(
        "UPDATE deposits SET state = CASE WHEN state = ANY(%s) THEN %s ELSE state END, paid_cents = paid_cents - %s "
        "WHERE id = %s",
        [list(OPEN), new, cents, deposit_id],
    )


def pass_on(conn: Connection, leaver: int, newcomer: int) -> None:
    """What a place left as a deposit goes with it to the member who takes it over (member ids)."""
    conn.execute("UPDATE deposits SET member_id = %s WHERE member_id = %s", [newcomer, leaver])


def empty(conn: Connection, deposit_id: int, cents: int) -> None:
    """So much of a deposit was no money and is missing again. Raises ForbiddenMove for one that has ended."""
    [(old,)] = conn.execute("SELECT state FROM deposits WHERE id = %s FOR NO KEY UPDATE", [deposit_id]).fetchall()
    if old != _D.PENDING:
        DEPOSIT_MOVES.require(DepositState(old), _D.PENDING)
    conn.execute(
        "UPDATE deposits SET state = %s, paid_cents = paid_cents - %s WHERE id = %s", [_D.PENDING, cents, deposit_id]
    )


def confirm_sealed(conn: Connection) -> int:
    """Confirms deposits all of whose entries lie in completed batches; returns how many."""
    # 'paid' is written out beside the table of moves, because an index holds the rows in that state.
    return conn.execute(
        """
        UPDATE deposits SET state = %s WHERE id IN (
            SELECT d.id FROM deposits d
            WHERE d.state = 'paid' AND d.state = ANY(%s) AND NOT EXISTS (
                SELECT FROM allocations a
                LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (a.book_id, a.seq)
                LEFT JOIN batches b ON b.number = l.batch
                WHERE a.deposit_id = d.id AND b.state IS DISTINCT FROM 'completed')
            ORDER BY d.id LIMIT 500 FOR NO KEY UPDATE OF d SKIP LOCKED)
        """,
        [_D.CONFIRMED, DEPOSIT_MOVES.leading_to(_D.CONFIRMED)],
    ).rowcount
