"""What programs ask about groups and members. A reader returns None when what the path names does not exist."""

from typing import Any

from chamas import directory
from chamas.directory import Chama, Contribution, Member, Round
from ledger import overview
from ledger.overview import Entry, Movement, Position
from ledger.wires import Connection


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


def statement(conn: Connection, chama_id: int, **page: Any) -> list[Entry] | None:
    book_id = directory.book_of(conn, chama_id)
    return None if book_id is None else overview.entries(conn, book_id, **page)


def positions(conn: Connection, member_id: int, **page: Any) -> list[Position] | None:
    return overview.positions(conn, member_id, **page) if directory.member_exists(conn, member_id) else None


def transactions(conn: Connection, member_id: int, **page: Any) -> list[Movement] | None:
    return overview.movements(conn, member_id, **page) if directory.member_exists(conn, member_id) else None
