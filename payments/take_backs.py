"""Money in the books that M-PESA does not know, or has given back itself: the rows of its taking back, and M-PESA's
own word that allows it. take_backs is written here only.

Theory of operation. Who may ask and agree is decided above (chamas/arriving/taking_back.py). Officials alone cannot
take a member's money: a list of M-PESA's own has to say so first, when it is asked for and again when it is booked:

    unknown    the certificate of its day names it as booked and not listed, and no list has it
    returned   Safaricom told us that a reversal is done, or a statement has the way out, under the name that is given

    asked -> approved -> done      its entry is reversed, and what it had settled is owed again
    asked -> refused               another may ask again
    asked, approved -> void        nobody answered in time, or M-PESA's lists say otherwise by now
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from psycopg import sql
from psycopg.rows import class_row

from ledger.moves import Moves
from ledger.wires import Connection
from payments import listings, movements, reversals
from payments.reversals import ReversalState

# A set of entries of a transaction each; the loop comes back at once while there is more.
AT_ONCE = 20

Why = Literal["unknown", "returned"]


class TakeBackState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DONE = "done"
    REFUSED = "refused"
    VOID = "void"


_T = TakeBackState
TAKE_BACK_MOVES: Moves[TakeBackState] = Moves(
    "take_backs.state",
    {
        _T.ASKED: frozenset({_T.APPROVED, _T.REFUSED, _T.VOID}),
        _T.APPROVED: frozenset({_T.DONE, _T.VOID}),
        _T.DONE: frozenset(),
        _T.REFUSED: frozenset(),
        _T.VOID: frozenset(),
    },
)


@dataclass(frozen=True)
class TakeBack:
    """What is asked. Cents; UTC. `member_id` is None for money in suspense; `return_receipt` M-PESA's name of the way
    back, where who asked gave it; `failure` why it could not be booked yet.
    """

    id: int
    receipt: str
    shortcode_id: int
    amount_cents: int
    why: Why
    return_receipt: str | None
    chama_id: int | None
    member_id: int | None
    state: TakeBackState
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    done_at: datetime | None
    seq: int | None
    failure: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", TakeBackState(self.state))


def ask(
    conn: Connection,
    receipt: str,
    why: Why,
    return_receipt: str | None,
    seat: tuple[int, int] | None,
    *,
    by: int,
    at: datetime,
) -> int | None:
    """Writes the wish, due at once; its id, None when another stands. `seat` is a member's id and her chama's."""
    member_id, chama_id = seat or (None, None)
    row = conn.execute(
        "INSERT INTO take_backs (receipt, why, return_receipt, chama_id, member_id, state, asked_by, asked_at, due_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (receipt) WHERE state IN ('asked', 'approved', 'done') DO NOTHING RETURNING id",
        [receipt, why, return_receipt, chama_id, member_id, TakeBackState.ASKED, by, at, at],
    ).fetchone()
    return None if row is None else int(row[0])


def decide(conn: Connection, take_back_id: int, to: TakeBackState, *, by: int, at: datetime) -> bool:
    """Another's word; what is agreed on is due at once. False when it waits for none any more."""
    due_at = at if to is TakeBackState.APPROVED else None
    return (
        conn.execute(
            "UPDATE take_backs SET state = %s, decided_by = %s, decided_at = %s, due_at = %s "
            "WHERE id = %s AND state = 'asked' AND state = ANY(%s)",
            [to, by, at, due_at, take_back_id, TAKE_BACK_MOVES.leading_to(to)],
        ).rowcount
        == 1
    )


def claim(conn: Connection, *, at: datetime, back_at: datetime) -> list[int]:
    """Those that are agreed on or whose time to answer is over; due again at `back_at`, should booking fail."""
    rows = conn.execute(
        "UPDATE take_backs SET due_at = %s WHERE id IN (SELECT id FROM take_backs WHERE due_at <= %s "
        "ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id",
        [back_at, at, AT_ONCE],
    ).fetchall()
    return sorted(take_back_id for (take_back_id,) in rows)


def wait(conn: Connection, one: TakeBack, until: datetime) -> None:
    """Nobody has answered it yet: it is looked at again when the time to answer is over."""
    conn.execute("UPDATE take_backs SET due_at = %s WHERE id = %s", [until, one.id])


def end(
    conn: Connection, one: TakeBack, to: TakeBackState, page: tuple[int, int] | None = None, *, at: datetime
) -> None:
    """It is void, or done on this page (book, number). Raises ForbiddenMove."""
    TAKE_BACK_MOVES.require(one.state, to)
    conn.execute(
        "UPDATE take_backs SET state = %s, due_at = NULL, failure = NULL, book_id = %s, seq = %s, done_at = %s "
        "WHERE id = %s",
        [to, *(page or (None, None)), at if page else None, one.id],
    )


def note_failure(conn: Connection, take_back_id: int, failure: str) -> None:
    """Why it could not be booked; it comes back, and stands on the desk with this meanwhile."""
    conn.execute("UPDATE take_backs SET failure = %s WHERE id = %s", [failure, take_back_id])


_READ = sql.SQL(
    "SELECT t.id, t.receipt, r.shortcode_id, r.amount_cents, t.why, t.return_receipt, t.chama_id, t.member_id, "
    "t.state, t.asked_by, t.asked_at, t.decided_by, t.decided_at, t.done_at, t.seq, t.failure "
    "FROM take_backs t JOIN receipts r ON r.receipt = t.receipt WHERE {}"
)
_BY_ID = _READ.format(sql.SQL("t.id = ANY(%s) ORDER BY t.id"))
_ABOUT = _READ.format(sql.SQL("t.receipt = %s ORDER BY t.id"))
_WAITING = _READ.format(sql.SQL("t.chama_id = %s AND t.state = 'asked' ORDER BY t.id"))
_NEWEST = _READ.format(sql.SQL("%s::bigint IS NULL OR t.id < %s ORDER BY t.id DESC LIMIT %s"))


def read(conn: Connection, ids: Sequence[int], *, lock: bool = False) -> list[TakeBack]:
    """These, by id; `lock` holds them until the transaction ends."""
    if lock:
        conn.execute("SELECT id FROM take_backs WHERE id = ANY(%s) FOR UPDATE", [list(ids)])
    with conn.cursor(row_factory=class_row(TakeBack)) as cursor:
        return cursor.execute(_BY_ID, [list(ids)]).fetchall()


def about(conn: Connection, receipt: str) -> list[TakeBack]:
    """All that was asked about this receipt, oldest first."""
    with conn.cursor(row_factory=class_row(TakeBack)) as cursor:
        return cursor.execute(_ABOUT, [receipt]).fetchall()


def waiting(conn: Connection, chama_id: int) -> list[TakeBack]:
    """What waits for another's word about money of this group's members, oldest first."""
    with conn.cursor(row_factory=class_row(TakeBack)) as cursor:
        return cursor.execute(_WAITING, [chama_id]).fetchall()


def done(conn: Connection, receipt: str) -> TakeBack | None:
    """The taking back of this receipt, if it is in the books and the caller may see it."""
    return next((one for one in about(conn, receipt) if one.state is TakeBackState.DONE), None)


def newest(conn: Connection, *, before: int | None = None, limit: int = 50) -> list[TakeBack]:
    """As far as the caller sees them, newest first, with an id below `before`."""
    with conn.cursor(row_factory=class_row(TakeBack)) as cursor:
        return cursor.execute(_NEWEST, [before, before, limit]).fetchall()


def allowed(conn: Connection, receipt: str, why: Why, return_receipt: str | None) -> bool:
    """Whether M-PESA itself says that this money is not there (any more)."""
    row = conn.execute("SELECT shortcode_id, amount_cents FROM receipts WHERE receipt = %s", [receipt]).fetchone()
    if row is None:
        return False
    shortcode_id, amount_cents = row
    if why == "unknown":
        return _denied(conn, shortcode_id, receipt)
    begun = conn.execute("SELECT state FROM reversals WHERE receipt = %s", [receipt]).fetchone()
    if begun is not None:
        return bool(begun[0] == ReversalState.REVERSED)
    return _way_back(conn, shortcode_id, amount_cents, return_receipt) is not None


def gone(conn: Connection, one: TakeBack, page: tuple[int, int]) -> None:
    """What M-PESA gave back and is booked on this page counts as money that went out, at M-PESA's own time."""
    if one.why == "unknown":
        return
    if reversals.find(conn, one.receipt) is None:
        back = _way_back(conn, one.shortcode_id, one.amount_cents, one.return_receipt)
        if back is None:
            raise LookupError("no list of M-PESA's has the way back")
        reversals.found(conn, one.receipt, back.receipt, at=back.at)
    reversals.booked(conn, one.receipt, page)


def _denied(conn: Connection, shortcode_id: int, receipt: str) -> bool:
    told = listings.about(conn, shortcode_id, [receipt])
    if any(one.direction == "in" and one.source != "confirmation" for one in told):
        return False
    row = conn.execute(
        """
        SELECT c.body->'differences' @> jsonb_build_array(jsonb_build_object(
                   'code', 'booked_not_listed', 'receipt', r.receipt))
        FROM receipts r JOIN day_certificates c ON c.shortcode_id = r.shortcode_id
             AND c.day = (r.paid_at AT TIME ZONE 'Africa/Nairobi')::date
        WHERE r.receipt = %s ORDER BY c.version DESC LIMIT 1
        """,
        [receipt],
    ).fetchone()
    return row is not None and bool(row[0])


def _way_back(
    conn: Connection, shortcode_id: int, amount_cents: int, return_receipt: str | None
) -> listings.Listed | None:
    """The line of a statement by which as much left under this name, unless the books know it as something else."""
    if return_receipt is None or movements.booked_of(conn, shortcode_id, [return_receipt]):
        return None
    told = listings.about(conn, shortcode_id, [return_receipt])
    return next((one for one in told if one.direction == "out" and one.amount_cents == amount_cents), None)
