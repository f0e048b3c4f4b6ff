"""What programs ask about groups and members. A reader returns None when what the path names does not exist."""

from datetime import datetime
from typing import Any

import ledger.positions
from chamas import directory
from chamas.directory import Chama, Contribution, Member, Round
from ledger import history, statements
from ledger.history import TrialBalance
from ledger.positions import Position
from ledger.statements import Entry, Movement, Wanted
from ledger.wires import Connection

Key = tuple[int, int, int]


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
