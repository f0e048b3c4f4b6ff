"""What programs ask about groups and members. A reader returns None when what the path names does not exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ledger.positions
from chamas import directory
from chamas.course import orders as telling
from chamas.course import refunds as returning
from chamas.course.orders import Order
from chamas.directory import Chama, Contribution, Member, Round
from chamas.dues import exposure, owing
from chamas.dues.exposure import Exposure
from chamas.dues.reckoning import Missing
from chamas.members import deposits as keeping
from chamas.members.deposits import Deposit
from ledger import archive, history, statements
from ledger.history import TrialBalance
from ledger.positions import Position
from ledger.statements import Entry, Movement, Wanted
from ledger.wires import Connection

Key = tuple[int, int, int]


@dataclass(frozen=True)
class Sent:
    """What goes back to a member of an ended group: what is sent to her, and what M-PESA takes for it."""

    id: int
    member_id: int
    amount_cents: int
    charge_cents: int
    state: str
    tries: int
    reason: str | None


@dataclass(frozen=True)
class Explained:
    """What a member owes and why, as `2 x 1,000 + 400`, derived anew from rounds and entries; or her credit."""

    member_id: int
    owed_cents: int
    credit_cents: int
    why: str
    missing: tuple[Missing, ...]


def chamas(conn: Connection, **page: Any) -> list[Chama]:
    return directory.chamas(conn, **page)


def chama(conn: Connection, chama_id: int) -> Chama | None:
    return directory.chama(conn, chama_id)


def members(conn: Connection, chama_id: int, **page: Any) -> list[Member] | None:
    return directory.members(conn, chama_id, **page) if directory.chama(conn, chama_id) else None


def rounds(conn: Connection, chama_id: int, **page: Any) -> list[Round] | None:
    return directory.rounds(conn, chama_id, **page) if directory.chama(conn, chama_id) else None


def contributions(conn: Connection, chama_id: int, **page: Any) -> list[Contribution] | None:
    return directory.contributions(conn, chama_id, **page) if directory.chama(conn, chama_id) else None


def deposits(conn: Connection, chama_id: int, *, after: int | None, limit: int) -> list[Deposit] | None:
    if directory.chama(conn, chama_id) is None:
        return None
    return [one for one in keeping.of_chama(conn, chama_id) if one.number > (after or 0)][:limit]


def refunds(conn: Connection, chama_id: int, *, after: int | None, limit: int) -> list[Sent] | None:
    if directory.chama(conn, chama_id) is None:
        return None
    found = [one for one in returning.of_chama(conn, chama_id) if one.id > (after or 0)][:limit]
    return [
        Sent(one.id, one.member_id, one.amount_cents, one.charge_cents, one.state, one.tries, one.reason)
        for one in found
    ]


def orders(conn: Connection, chama_id: int, *, before: int | None, limit: int) -> list[Order] | None:
    if directory.chama(conn, chama_id) is None:
        return None
    return telling.of_chama(conn, chama_id, before=before, limit=limit)


def dues(conn: Connection, member_id: int) -> Explained | None:
    if not directory.member_exists(conn, member_id):
        return None
    found = owing.reckoned(conn, member_id)
    return Explained(member_id, found.owed_cents, found.credit_cents, found.why, found.missing)


def exposures(conn: Connection, chama_id: int, *, after: int | None = None, limit: int = 50) -> list[Exposure] | None:
    if directory.chama(conn, chama_id) is None:
        return None
    found = sorted(exposure.of_chama(conn, chama_id), key=lambda one: one.member_id)
    return [one for one in found if one.member_id > (after or 0)][:limit]


def statement(
    conn: Connection,
    chama_id: int,
    *,
    beyond: Key | None,
    limit: int,
    account: str | None = None,
    member: int | None = None,
    **asked: Any,
) -> list[Entry] | None:
    book_id = directory.book_of(conn, chama_id)
    if book_id is None:
        return None
    return statements.of_book(conn, book_id, _wanted(beyond, limit, **asked), account=account, member_id=member)


def statement_edge(conn: Connection, chama_id: int) -> datetime | None:
    book_id = directory.book_of(conn, chama_id)
    return None if book_id is None else archive.before_of_book(conn, book_id)


def transactions_edge(conn: Connection, member_id: int) -> datetime | None:
    return archive.before_of_member(conn, member_id)


def trial_balance(
    conn: Connection,
    chama_id: int,
    entry: int | None = None,
    recorded: datetime | None = None,
    occurred: datetime | None = None,
) -> TrialBalance | None:
    book_id = directory.book_of(conn, chama_id)
    if book_id is None:
        return None
    return history.trial_balance(conn, book_id, seq=entry, recorded=recorded, occurred=occurred)


def positions(conn: Connection, member_id: int, **page: Any) -> list[Position] | None:
    return ledger.positions.positions(conn, member_id, **page) if directory.member_exists(conn, member_id) else None


def transactions(
    conn: Connection, member_id: int, *, beyond: Key | None, limit: int, **asked: Any
) -> list[Movement] | None:
    if not directory.member_exists(conn, member_id):
        return None
    return statements.of_member(conn, member_id, _wanted(beyond, limit, **asked))


def _wanted(beyond: Key | None, limit: int, order: str = "newest", **asked: Any) -> Wanted:
    return Wanted(oldest_first=order == "oldest", after=beyond, limit=limit, **asked)
