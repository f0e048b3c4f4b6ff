"""Payouts as officials and programs see them, with every request to Safaricom and all that came back. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger.wires import Connection
from payments import phones
from payments.timeline import Said


@dataclass(frozen=True)
class Listed:
    """One payout; `phone` is masked, money in cents, instants in UTC. `receipt`, the page `entry` of `book_id` and
    `code` are None until it is paid and booked; `next_look` is None when nothing more is asked about it.
    """

    id: int
    chama_id: int
    chama: str
    member_id: int | None
    phone: str
    amount_cents: int
    charge_cents: int
    state: str
    originator: str
    result_code: str | None
    reason: str | None
    receipt: str | None
    book_id: int
    entry: int | None
    code: str | None
    ordered_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    next_look: datetime | None

    def __post_init__(self) -> None:
        """No whole number leaves this file."""
        object.__setattr__(self, "phone", phones.mask(self.phone))


@dataclass(frozen=True)
class Called:
    """One request about a payout: the `payment` itself or a `question`; `outcome` is None while none is known."""

    at: datetime
    kind: str
    outcome: str | None


@dataclass(frozen=True)
class Turned:
    """One page of the group's book that a payout made: `held`, `sent`, `paid` or `back`."""

    at: datetime
    what: str
    seq: int


def listed(
    conn: Connection,
    *,
    payout_id: int | None = None,
    chama_id: int | None = None,
    member_id: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Payouts that fit everything that is given, newest first, with an id below `before`."""
    with conn.cursor(row_factory=class_row(Listed)) as found:
        return found.execute(
            "SELECT p.id, p.chama_id, c.name AS chama, p.member_id, p.phone, p.amount_cents, p.charge_cents, p.state, "
            "p.originator, p.result_code, p.reason, p.receipt, p.book_id, "
            "CASE WHEN p.state = 'paid' THEN p.end_seq END AS entry, e.code, p.ordered_at, p.sent_at, p.settled_at, "
            "p.due_at AS next_look FROM payouts p JOIN chamas c ON c.id = p.chama_id "
            "LEFT JOIN entry_codes e ON p.state = 'paid' AND (e.book_id, e.seq) = (p.book_id, p.end_seq) "
            "WHERE (%(id)s::bigint IS NULL OR p.id = %(id)s) AND (%(chama)s::bigint IS NULL OR p.chama_id = %(chama)s) "
            "AND (%(member)s::bigint IS NULL OR p.member_id = %(member)s) "
            "AND (%(state)s::text IS NULL OR p.state = %(state)s) "
            "AND (%(before)s::bigint IS NULL OR p.id < %(before)s) ORDER BY p.id DESC LIMIT %(limit)s",
            {"id": payout_id, "chama": chama_id, "member": member_id, "state": state, "before": before, "limit": limit},
        ).fetchall()


def one(conn: Connection, payout_id: int) -> Listed | None:
    """One payout by its id; None when there is none, or who acts may not see it."""
    return next(iter(listed(conn, payout_id=payout_id, limit=1)), None)


def calls(conn: Connection, payout_id: int) -> list[Called]:
    """Every request about it, in the order they left."""
    with conn.cursor(row_factory=class_row(Called)) as found:
        return found.execute(
            "SELECT called_at AS at, kind, outcome FROM payout_calls WHERE payout_id = %s ORDER BY id", [payout_id]
        ).fetchall()


def evidence(conn: Connection, payout_id: int) -> list[Said]:
    """Everything that came back about it, in the order it came."""
    with conn.cursor(row_factory=class_row(Said)) as found:
        return found.execute(
            "SELECT id, received_at AS at, source, verdict, reason, receipt, seen_count FROM evidence "
            "WHERE payout_id = %s ORDER BY received_at, id",
            [payout_id],
        ).fetchall()


def pages(conn: Connection, payout_id: int) -> list[Turned]:
    """Its pages in the group's book, in their order."""
    with conn.cursor(row_factory=class_row(Turned)) as found:
        return found.execute(
            "SELECT e.recorded_at AS at, w.what, w.seq FROM payouts p "
            "CROSS JOIN LATERAL (VALUES ('held', p.hold_seq), ('sent', p.sent_seq), "
            "(CASE WHEN p.state = 'paid' THEN 'paid' ELSE 'back' END, p.end_seq)) AS w (what, seq) "
            "JOIN entry_codes c ON c.book_id = p.book_id AND c.seq = w.seq "
            "JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq) "
            "WHERE p.id = %s ORDER BY w.seq",
            [payout_id],
        ).fetchall()
