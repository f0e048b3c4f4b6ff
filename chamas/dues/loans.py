"""What members borrowed of their group, in what parts they pay it back. loans and instalments are written here only.

Theory of operation. A loan is one more kind of payout (chamas/payouts): when M-PESA has paid it, its rows are made
(chamas/lending). The calendar and money move its parts:

    planned -> begun   its month has begun: from now on its interest is owed
    begun   -> due     seven days before its last day it is asked for like a contribution, and settled in the order of
                       the rules that the loan keeps
    due     -> late    its last day has passed
    planned, begun, due, late -> paid   money settled it; or it asks for nothing, because all that was lent came back
                       before its month began
    planned, begun, due -> late         everything is called in, because she leaves or the group ends
    paid    -> late    the money that had paid it is taken back
    planned, begun, due, late -> lost   the others agreed that it will not come back

In each part what was lent comes back first; only then its money is interest (repaying.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from psycopg.rows import dict_row

from chamas.dues.allocation import Share
from chamas.dues.schedule import Part
from ledger.moves import Moves
from ledger.wires import Connection


class LoanState(StrEnum):
    RUNNING = "running"
    REPAID = "repaid"
    LOST = "lost"


_L = LoanState
LOAN_MOVES: Moves[LoanState] = Moves(
    "loans.state",
    {
        _L.RUNNING: frozenset({_L.REPAID, _L.LOST}),
        _L.REPAID: frozenset({_L.RUNNING}),
        _L.LOST: frozenset(),
    },
)


class InstalmentState(StrEnum):
    PLANNED = "planned"
    BEGUN = "begun"
    DUE = "due"
    LATE = "late"
    PAID = "paid"
    LOST = "lost"


_I = InstalmentState
INSTALMENT_MOVES: Moves[InstalmentState] = Moves(
    "instalments.state",
    {
        _I.PLANNED: frozenset({_I.BEGUN, _I.LATE, _I.PAID, _I.LOST}),
        _I.BEGUN: frozenset({_I.DUE, _I.LATE, _I.PAID, _I.LOST}),
        _I.DUE: frozenset({_I.LATE, _I.PAID, _I.LOST}),
        _I.LATE: frozenset({_I.PAID, _I.LOST}),
        _I.PAID: frozenset({_I.LATE}),
        _I.LOST: frozenset(),
    },
)


@dataclass(frozen=True)
class Instalment:
    """One part of a loan. Cents, UTC; `missing_cents` is what of it would be owed today."""

    id: int
    number: int
    principal_cents: int
    interest_cents: int
    paid_cents: int
    missing_cents: int
    due_at: datetime
    state: InstalmentState


@dataclass(frozen=True)
class Loan:
    """A loan with its parts. `left_cents` pays it off today: what was lent, and the interest of months that have begun;
    `next` is the part that is asked for next, None when nothing is.
    """

    id: int
    chama_id: int
    member_id: int
    number: int
    name: str
    amount_cents: int
    months: int
    tenths: int
    state: LoanState
    lent_at: datetime
    parts: tuple[Instalment, ...] = field(default=())

    @property
    def left_cents(self) -> int:
        return sum(part.missing_cents for part in self.parts)

    @property
    def asked_cents(self) -> int:
        """What is asked for by now, late parts included."""
        return sum(part.missing_cents for part in self.parts if part.state in (_I.DUE, _I.LATE))

    @property
    def late_cents(self) -> int:
        return sum(part.missing_cents for part in self.parts if part.state is _I.LATE)

    @property
    def next(self) -> Instalment | None:
        return next((part for part in self.parts if part.missing_cents), None)


# What of a part would be owed today: the interest of a month that has not begun is not.
_LOANS = """
SELECT l.id, l.chama_id, l.member_id, m.number, u.first_name AS name, l.amount_cents, l.months,
       coalesce((s.more ->> 'loan_tenths')::integer, 0) AS tenths, l.state, l.lent_at,
       i.id AS part_id, i.number AS part, i.principal_cents, i.interest_cents - i.lapsed_cents AS interest_cents,
       i.paid_cents, CASE WHEN i.state IN ('paid', 'lost') THEN 0 ELSE greatest(0, i.principal_cents - i.paid_cents
           + CASE WHEN i.state = 'planned' THEN 0 ELSE i.interest_cents - i.lapsed_cents - i.lost_cents END)
           END::bigint AS missing_cents, i.due_at, i.state AS part_state
FROM loans l JOIN rule_sets s ON s.id = l.rule_set_id JOIN chama_members m ON m.id = l.member_id
JOIN users u ON u.id = m.user_id JOIN instalments i ON i.loan_id = l.id
WHERE (%(chama)s::bigint IS NULL OR l.chama_id = %(chama)s)
  AND (%(member)s::bigint IS NULL OR l.member_id = %(member)s)
ORDER BY l.state = 'running' DESC, l.id DESC, i.number
"""


def of_member(conn: Connection, member_id: int) -> list[Loan]:
    """Her loans, the running one first, then newest first."""
    return _read(conn, None, member_id)


def of_chama(conn: Connection, chama_id: int) -> list[Loan]:
    """The loans of a group, running ones first."""
    return _read(conn, chama_id, None)


def _read(conn: Connection, chama_id: int | None, member_id: int | None) -> list[Loan]:
    found: dict[int, Loan] = {}
    parts: dict[int, list[Instalment]] = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_LOANS, {"chama": chama_id, "member": member_id}):
            names = ("principal_cents", "interest_cents", "paid_cents", "missing_cents", "due_at")
            part = Instalment(
                id=row.pop("part_id"),
                number=row.pop("part"),
                state=InstalmentState(row.pop("part_state")),
                **{name: row.pop(name) for name in names},
            )
            parts.setdefault(row["id"], []).append(part)
            found.setdefault(row["id"], Loan(**{**row, "state": LoanState(row["state"])}))
    return [Loan(**{**vars(loan), "parts": tuple(parts[loan.id])}) for loan in found.values()]


def begin(
    conn: Connection,
    *,
    chama_id: int,
    member_id: int,
    request_id: int,
    rule_set_id: int,
    amount_cents: int,
    parts: Sequence[Part],
    lent_at: datetime,
) -> None:
    """M-PESA has paid it: the loan with its parts, of which the first has begun."""
    [(loan_id,)] = conn.execute(
        "INSERT INTO loans (chama_id, member_id, request_id, rule_set_id, amount_cents, months, state, lent_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [chama_id, member_id, request_id, rule_set_id, amount_cents, len(parts), _L.RUNNING, lent_at],
    ).fetchall()
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO instalments (loan_id, chama_id, member_id, number, principal_cents, interest_cents, "
            "begins_at, opens_at, due_at, state, look_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    *(loan_id, chama_id, member_id, part.number, part.principal_cents, part.interest_cents),
                    *(part.begins_at, part.opens_at, part.due_at),
                    *((_I.PLANNED, part.begins_at) if part.number > 1 else (_I.BEGUN, part.opens_at)),
                )
                for part in parts
            ],
        )


def pay(conn: Connection, shares: Sequence[Share]) -> None:
    """Money is set aside for instalments: adds the shares; what is then paid in full moves on."""
    conn.execute(
        "UPDATE instalments i SET paid_cents = i.paid_cents + n.cents, "
        "state = CASE WHEN i.paid_cents + n.cents = i.principal_cents + i.interest_cents - i.lapsed_cents "
        "- i.lost_cents AND i.state = ANY(%s) THEN %s ELSE i.state END "
        "FROM (SELECT id, sum(cents)::bigint AS cents FROM unnest(%s::bigint[], %s::bigint[]) AS s (id, cents) "
        "GROUP BY id) AS n WHERE i.id = n.id",
        [
            INSTALMENT_MOVES.leading_to(_I.PAID),
            _I.PAID,
            [share.instalment_id for share in shares],
            [share.amount_cents for share in shares],
        ],
    )


def booked(conn: Connection, instalment_id: int, cents: int, *, paid_cents: int = 0) -> None:
    """So much of it has moved to the group's own accounts, or back to her when negative; `paid_cents` is what that adds
    to what is set aside for it.
    """
    conn.execute(
        "UPDATE instalments SET booked_cents = booked_cents + %s, paid_cents = paid_cents + %s WHERE id = %s",
        [cents, paid_cents, instalment_id],
    )


def settle(conn: Connection, instalment_id: int, cents: int) -> None:
    """An entry paid so much of it and moved it to the group's own accounts at once."""
    pay(conn, [Share(None, cents, instalment_id=instalment_id)])
    booked(conn, instalment_id, cents)


def owe_again(conn: Connection, instalment_id: int, cents: int) -> None:
    """Money that was set aside for it is taken back: what was paid is late, and its loan runs."""
    conn.execute(
        "UPDATE instalments SET paid_cents = paid_cents - %s, "
        "state = CASE WHEN state = 'paid' AND state = ANY(%s) THEN %s ELSE state END WHERE id = %s",
        [cents, INSTALMENT_MOVES.leading_to(_I.LATE), _I.LATE, instalment_id],
    )
    conn.execute(
        "UPDATE loans l SET state = %s, ended_at = NULL FROM instalments i "
        "WHERE i.id = %s AND l.id = i.loan_id AND l.state = ANY(%s)",
        [_L.RUNNING, instalment_id, LOAN_MOVES.leading_to(_L.RUNNING)],
    )


def step(conn: Connection, instalment_id: int, to: InstalmentState, *, look_at: datetime | None) -> None:
    """What the calendar brings; nothing moves that is settled. `look_at` (UTC) is when the worker comes back."""
    conn.execute(
        "UPDATE instalments SET state = CASE WHEN state = ANY(%s) THEN %s ELSE state END, look_at = %s WHERE id = %s",
        [INSTALMENT_MOVES.leading_to(to), to, look_at, instalment_id],
    )


def call_in(conn: Connection, member_id: int) -> None:
    """She leaves, or the group ends: everything that was lent is owed at once, without the interest of months that have
    not begun.
    """
    conn.execute(
        "UPDATE instalments SET lapsed_cents = CASE WHEN state = 'planned' "
        "THEN interest_cents - greatest(0, paid_cents - principal_cents) ELSE lapsed_cents END, look_at = NULL, "
        "state = CASE WHEN state = 'planned' AND paid_cents >= principal_cents THEN %s ELSE %s END "
        "WHERE member_id = %s AND state IN ('planned', 'begun', 'due') AND state = ANY(%s)",
        [_I.PAID, _I.LATE, member_id, INSTALMENT_MOVES.leading_to(_I.LATE)],
    )


def end(conn: Connection, loan_id: int, *, at: datetime) -> None:
    """All that is owed of it has come: what months that have not begun would cost is not asked for."""
    conn.execute(
        "UPDATE instalments SET lapsed_cents = interest_cents - greatest(0, paid_cents - principal_cents), state = %s, "
        "look_at = NULL WHERE loan_id = %s AND state = 'planned' AND state = ANY(%s)",
        [_I.PAID, loan_id, INSTALMENT_MOVES.leading_to(_I.PAID)],
    )
    conn.execute(
        "UPDATE loans SET state = %s, ended_at = %s WHERE id = %s AND state = ANY(%s)",
        [_L.REPAID, at, loan_id, LOAN_MOVES.leading_to(_L.REPAID)],
    )
