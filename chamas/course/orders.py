"""What officials tell their chama to do: chama_orders is written here only.

Theory of operation. An official asks, on her phone or at the desk, and only a row is written: rounds, members and money
are moved by the worker alone (lifecycle.py), under the lock of the chama, once. What would end a chama that is running,
or a round before its own end, or names the bank that its money may go to, needs a second official, who says the same
within a week, or until that end has come:

    asked -> done, refused            by the worker, with the code of what stood against it
          -> agreed -> done, refused  where a second one is needed
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg import sql
from psycopg.rows import class_row

from chamas.approving.approvers import NEW_FOR
from chamas.approving.deciders import officiates
from chamas.cycle import rounds
from chamas.entrance import news
from chamas.members import standing
from chamas.members.access import Action
from chamas.members.refusals import NotNow, demand
from chamas.members.states import ChamaStatus
from ledger.moves import Moves
from ledger.refusals import Refusal
from ledger.wires import Connection


class OrderKind(StrEnum):
    START = "start"
    OPEN_ROUND = "open_round"
    CLOSE_ROUND = "close_round"
    COMPLETE = "complete"
    CANCEL = "cancel"
    RESEND = "resend"
    BANK = "bank"


class OrderState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DONE = "done"
    REFUSED = "refused"


_O = OrderState
ORDER_MOVES: Moves[OrderState] = Moves(
    "chama_orders.state",
    {
        _O.ASKED: frozenset({_O.AGREED, _O.DONE, _O.REFUSED}),
        _O.AGREED: frozenset({_O.DONE, _O.REFUSED}),
        _O.DONE: frozenset(),
        _O.REFUSED: frozenset(),
    },
)

ALLOWED_BY = {
    OrderKind.START: Action.START,
    OrderKind.OPEN_ROUND: Action.TURN_ROUND,
    OrderKind.CLOSE_ROUND: Action.TURN_ROUND,
    OrderKind.COMPLETE: Action.COMPLETE,
    OrderKind.CANCEL: Action.CANCEL,
    OrderKind.RESEND: Action.RESEND,
    OrderKind.BANK: Action.NAME_OFFICIALS,
}
ENDS_A_CHAMA = frozenset({OrderKind.COMPLETE, OrderKind.CANCEL})
# What the others are told, of whom one must agree.
SECONDED = {
    OrderKind.COMPLETE: "end_asked",
    OrderKind.CANCEL: "cancel_asked",
    OrderKind.CLOSE_ROUND: "close_asked",
    OrderKind.BANK: "bank_asked",
}
# Officials meet weekly; a word that nobody has seconded by then was given in another situation.
WAITS_FOR = timedelta(days=7)


class NotYours(Refusal):
    """Who asked cannot be the second one, too."""

    code = "second_official_needed"
    status = 403
    words = "Another official must agree to this."


@dataclass(frozen=True)
class Order:
    """One of them; instants are UTC. `why` is the code of what stood against it, `paybill` and `account` the bank's."""

    id: int
    chama_id: int
    kind: OrderKind
    state: OrderState
    asked_by: int
    asker: str
    asked_at: datetime
    needs_second: bool
    agreed_by: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    why: str | None
    paybill: str | None = None
    account: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", OrderKind(self.kind))
        object.__setattr__(self, "state", OrderState(self.state))


_SELECT = sql.SQL(
    "SELECT o.id, o.chama_id, o.kind, o.state, o.asked_by, u.first_name AS asker, o.asked_at, o.needs_second, "
    "o.agreed_by, o.opens_at, o.closes_at, o.why, o.paybill, o.account "
    "FROM chama_orders o JOIN users u ON u.id = o.asked_by WHERE {}"
)
_BY_ID = _SELECT.format(sql.SQL("o.id = %s"))
_OF_CHAMA = _SELECT.format(sql.SQL("o.chama_id = %s AND (%s::bigint IS NULL OR o.id < %s) ORDER BY o.id DESC LIMIT %s"))
_OPEN = _SELECT.format(sql.SQL("(o.chama_id, o.kind) = (%s, %s) AND o.state IN ('asked', 'agreed')"))
_TO_AGREE = _SELECT.format(
    sql.SQL("o.chama_id = %s AND o.state = 'asked' AND o.needs_second AND o.asked_by <> %s ORDER BY o.id")
)
_DUE = (
    "SELECT o.id FROM chama_orders o WHERE (o.state = 'agreed' OR o.state = 'asked' AND (NOT o.needs_second "
    "OR o.asked_at <= %(old)s OR o.kind = 'close_round' AND o.closes_at <= %(at)s)) "
    "AND (%(only)s::bigint IS NULL OR o.id = %(only)s) "
    "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('orders', o.id) AND z.until > %(at)s) "
    "ORDER BY o.id LIMIT 1 FOR NO KEY UPDATE OF o SKIP LOCKED"
)


def ask(
    conn: Connection,
    chama_id: int,
    kind: OrderKind,
    *,
    by_user_id: int,
    at: datetime,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    bank: tuple[str, str] | None = None,
) -> Order:
    """An official tells her chama to do this; one that is told already stays as it was said first.

    `opens_at` is when the first round begins (now without it), `closes_at` when a round ends whose instants are told.
    `bank` is the paybill and the account to which the group's money may go from now on; two officials always say it.
    An order to close a round keeps that round's own end in it: it is for no other one, whoever seconds it when.
    Raises OfficialsOnly, NotNow.
    """
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id)
    demand(here, ALLOWED_BY[kind], at=at)
    needs_second = kind is OrderKind.BANK or (kind in ENDS_A_CHAMA and here.status is ChamaStatus.ACTIVE)
    if kind is OrderKind.CLOSE_ROUND and (now_open := rounds.active_round(conn, chama_id)):
        closes_at, needs_second = now_open.closes_at, at < now_open.closes_at
    made = conn.execute(
        "INSERT INTO chama_orders (chama_id, kind, state, asked_by, asked_at, needs_second, opens_at, closes_at, "
        "paybill, account) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [chama_id, kind, OrderState.ASKED, by_user_id, at, needs_second, opens_at, closes_at, *(bank or (None, None))],
    ).rowcount
    with conn.cursor(row_factory=class_row(Order)) as cursor:
        [order] = cursor.execute(_OPEN, [chama_id, kind]).fetchall()
    if made and needs_second:
        news.tell_second(conn, here, order.id, SECONDED[kind], order.asker, at=at)
    return order


def agree(conn: Connection, order_id: int, *, by_user_id: int, at: datetime) -> Order:
    """A second official says the same. Raises OfficialsOnly, NotYours, NotNow."""
    order = by_id(conn, order_id)
    demand(standing.group(conn, chama_id=order.chama_id, user_id=by_user_id), ALLOWED_BY[order.kind], at=at)
    if order.asked_by == by_user_id:
        raise NotYours
    settled_by = at - NEW_FOR
    if order.kind is OrderKind.BANK and officiates(conn, by_user_id, order.chama_id, settled_by=settled_by) is None:
        # Whoever wants a group's money elsewhere has a friend named as an official first.
        raise NotYours
    moved = conn.execute(
        "UPDATE chama_orders SET state = %s, agreed_by = %s, agreed_at = %s "
        "WHERE id = %s AND needs_second AND state = ANY(%s) AND asked_at > %s",
        [OrderState.AGREED, by_user_id, at, order_id, ORDER_MOVES.leading_to(OrderState.AGREED), at - WAITS_FOR],
    ).rowcount
    if not moved:
        raise NotNow
    return by_id(conn, order_id)


def by_id(conn: Connection, order_id: int) -> Order:
    """Raises NotNow for one that there is not, or that who acts may not see."""
    with conn.cursor(row_factory=class_row(Order)) as cursor:
        found = cursor.execute(_BY_ID, [order_id]).fetchone()
    if found is None:
        raise NotNow
    return found


def of_chama(conn: Connection, chama_id: int, *, before: int | None = None, limit: int = 20) -> list[Order]:
    """The orders of a chama with an id below `before`, newest first."""
    with conn.cursor(row_factory=class_row(Order)) as cursor:
        return cursor.execute(_OF_CHAMA, [chama_id, before, before, limit]).fetchall()


def waiting_for(conn: Connection, chama_id: int, user_id: int) -> list[Order]:
    """Orders that need another official's word, and not that of this person, oldest first."""
    with conn.cursor(row_factory=class_row(Order)) as cursor:
        return cursor.execute(_TO_AGREE, [chama_id, user_id]).fetchall()


def lock_due(conn: Connection, only: int | None = None, *, at: datetime) -> int | None:
    """The oldest order, or `only` this one, that is to be carried out or has waited in vain for a second word, held."""
    row = conn.execute(_DUE, {"at": at, "old": at - WAITS_FOR, "only": only}).fetchone()
    return None if row is None else int(row[0])


def end(conn: Connection, order: Order, new: OrderState, *, at: datetime, why: str | None = None) -> None:
    """It is done, or was refused for `why`. Raises ForbiddenMove."""
    ORDER_MOVES.require(order.state, new)
    conn.execute("UPDATE chama_orders SET state = %s, done_at = %s, why = %s WHERE id = %s", [new, at, why, order.id])
