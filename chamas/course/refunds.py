"""What goes back to the members of a chama that has ended: windings and refunds are written here only.

Theory of operation. A chama that has ended is looked at until it holds nothing of anybody, and what a debtor or the
cash box brings late is found as well. What each is to get is decided by winding.py; giving_back.py moves it out of her
deposit and her contributions into an account of her own, `refund:<member>`, in the same transaction that orders the
payout, so that at every instant it stands under her name and nothing of it is the group's:

    pending -> ordered -> paid
               ordered -> failed -> ordered again, when an official says so; -> paid, when Safaricom paid after all

M-PESA's charge is hers: nobody else is left to bear it. What is less than M-PESA can carry stays under her name, and so
does the money of a member without a phone, until officials give it to her by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from chamas.course.winding import Back
from ledger.moves import Moves
from ledger.wires import Connection

# While money is still owed to somebody, and when nothing is: late money is rare, and waits no longer than this.
LOOK_AGAIN = timedelta(hours=1)
LOOK_LATER = timedelta(days=1)


class RefundState(StrEnum):
    PENDING = "pending"
    ORDERED = "ordered"
    PAID = "paid"
    FAILED = "failed"


_R = RefundState
REFUND_MOVES: Moves[RefundState] = Moves(
    "refunds.state",
    {
        _R.PENDING: frozenset({_R.ORDERED, _R.FAILED}),
        _R.ORDERED: frozenset({_R.PAID, _R.FAILED}),
        _R.PAID: frozenset(),
        _R.FAILED: frozenset({_R.ORDERED, _R.PAID}),
    },
)


@dataclass(frozen=True)
class Refund:
    """One of them: `amount_cents` is sent, `charge_cents` is M-PESA's. `phone` is hers now, None without one."""

    id: int
    chama_id: int
    chama_name: str
    book_id: int
    member_id: int
    user_id: int
    phone: str | None
    amount_cents: int
    charge_cents: int
    state: RefundState
    tries: int
    payout_id: int | None
    reason: str | None
    created_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", RefundState(self.state))


_SELECT = sql.SQL(
    "SELECT r.id, r.chama_id, c.name AS chama_name, c.book_id, r.member_id, m.user_id, u.phone, r.amount_cents, "
    "r.charge_cents, r.state, r.tries, r.payout_id, r.reason, r.created_at FROM refunds r "
    "JOIN chamas c ON c.id = r.chama_id JOIN chama_members m ON m.id = r.member_id JOIN users u ON u.id = m.user_id "
)
_BY_ID = _SELECT + sql.SQL("WHERE r.id = %s")
_OF_CHAMA = _SELECT + sql.SQL("WHERE r.chama_id = %s ORDER BY r.id")
_ENDED = (
    "SELECT r.id FROM refunds r JOIN payouts p ON p.id = r.payout_id WHERE (r.state = 'ordered' "
    "AND p.state IN ('paid', 'failed_proven') OR r.state = 'failed' AND p.state = 'paid') "
    "AND (%(only)s::bigint IS NULL OR r.id = %(only)s) "
    "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('refunds', r.id) AND z.until > %(at)s) "
    "ORDER BY r.id LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED"
)
_UNSENT = _SELECT + sql.SQL(
    "WHERE r.chama_id = %s AND r.state IN ('pending', 'failed') ORDER BY r.id FOR NO KEY UPDATE OF r"
)


def _read(conn: Connection, query: sql.Composed, given: Sequence[Any] = ()) -> list[Refund]:
    with conn.cursor(row_factory=class_row(Refund)) as cursor:
        return cursor.execute(query, given).fetchall()


def of_chama(conn: Connection, chama_id: int) -> list[Refund]:
    """The refunds of a chama, oldest first."""
    return _read(conn, _OF_CHAMA, [chama_id])


def by_id(conn: Connection, refund_id: int) -> Refund:
    """Raises ValueError for one that there is not."""
    [refund] = _read(conn, _BY_ID, [refund_id])
    return refund


def lock_ended(conn: Connection, only: int | None = None, *, at: datetime) -> int | None:
    """One refund, or `only` this one, whose payout has ended, held."""
    row = conn.execute(_ENDED, {"at": at, "only": only}).fetchone()
    return None if row is None else int(row[0])


def lock_unsent(conn: Connection, chama_id: int) -> list[Refund]:
    """The refunds of a chama that were not sent, locked."""
    return _read(conn, _UNSENT, [chama_id])


def unsent(conn: Connection, chama_id: int) -> int:
    """How many refunds of the chama could not be sent, as far as who acts may see."""
    [(count,)] = conn.execute(
        "SELECT count(*) FROM refunds WHERE chama_id = %s AND state = %s", [chama_id, _R.FAILED]
    ).fetchall()
    return int(count)


def open_of(conn: Connection, member_id: int) -> bool:
    """Whether a refund of this member is on its way, or waits for people."""
    row = conn.execute("SELECT FROM refunds WHERE member_id = %s AND state <> %s", [member_id, _R.PAID]).fetchone()
    return row is not None


def add(
    conn: Connection, chama_id: int, member_id: int, back: Back, *, amount_cents: int, charge_cents: int, at: datetime
) -> Refund:
    """A refund of `back`, of which so much is sent and so much is M-PESA's."""
    [(refund_id,)] = conn.execute(
        "INSERT INTO refunds (chama_id, member_id, deposit_cents, contributed_cents, shared_cents, amount_cents, "
        "charge_cents, state, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            *(chama_id, member_id, back.deposit_cents, back.contributed_cents, back.shared_cents),
            *(amount_cents, charge_cents, _R.PENDING, at),
        ],
    ).fetchall()
    return by_id(conn, refund_id)


def step(
    conn: Connection,
    refund: Refund,
    new: RefundState,
    *,
    at: datetime,
    reason: str | None = None,
    payout_id: int | None = None,
) -> None:
    """One step of a refund that is locked; to stay failed is none. Raises ForbiddenMove."""
    if new is not refund.state:
        REFUND_MOVES.require(refund.state, new)
    conn.execute(
        "UPDATE refunds SET state = %s, reason = %s, payout_id = coalesce(%s, payout_id), "
        "tries = tries + CASE WHEN %s THEN 1 ELSE 0 END, ended_at = CASE WHEN %s THEN %s::timestamptz END "
        "WHERE id = %s",
        [new, reason, payout_id, new is _R.ORDERED, new is _R.PAID, at, refund.id],
    )


def wind_up(conn: Connection, chama_id: int, *, at: datetime) -> None:
    """The chama has ended: from now on what it holds goes back."""
    conn.execute(
        "INSERT INTO windings (chama_id, begun_at, due_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [chama_id, at, at],
    )


def lock_winding(conn: Connection, only: int | None = None, *, at: datetime) -> int | None:
    """An ended chama whose turn it is to be looked at, or `only` this one, by its id, held; others are left."""
    row = conn.execute(
        "SELECT chama_id FROM windings w WHERE due_at <= %(at)s AND (%(only)s::bigint IS NULL OR chama_id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('windings', w.chama_id) "
        "AND z.until > %(at)s) ORDER BY due_at, chama_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def look_again(conn: Connection, chama_id: int, *, owing: bool, at: datetime) -> None:
    """When it is looked at next; `owing` says that there was more owed than money."""
    conn.execute(
        "UPDATE windings SET due_at = %s WHERE chama_id = %s", [at + (LOOK_AGAIN if owing else LOOK_LATER), chama_id]
    )
