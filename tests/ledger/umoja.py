"""A small chama's book to post to."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from ledger import books
from tests.instruments import START


@dataclass(frozen=True)
class Umoja:
    """A book with M-PESA money on one side and two members on the other; no member can be overdrawn."""

    book_id: int
    mpesa: int
    wanjiku: int
    otieno: int

    def contribution(self, key: str, cents: int, **changes: Any) -> books.Draft:
        """Wanjiku pays `cents` in; negative cents take them out again."""
        parts = {
            "kind": "contribution",
            "occurred_at": START,
            "lines": (books.Line(self.mpesa, cents), books.Line(self.wanjiku, -cents)),
            "scope": "receipt",
            "key": key,
            "note": {"payer": "Wanjiku Njoroge", "round": 7},
        }
        return books.Draft(self.book_id, **{**parts, **changes})


def open_umoja(conn: Connection[Any], name: str = "Umoja") -> Umoja:
    book_id = books.open_book(conn, kind="chama", name=name, at=START)
    mpesa = books.open_account(conn, book_id=book_id, code="mpesa:600100", kind="asset")
    wanjiku, otieno = (
        books.open_account(
            conn, book_id=book_id, code=f"member:{member}", kind="liability", owner_member_id=member, floor_cents=0
        )
        for member in (5, 6)
    )
    return Umoja(book_id, mpesa, wanjiku, otieno)


def member_of(conn: Connection[Any], umoja: Umoja) -> int:
    """The user id of somebody whom a chama with this book has let in; the books themselves know no people."""
    (user_id,) = conn.execute(
        "WITH person AS (INSERT INTO users (first_name, created_at) VALUES ('Wanjiku', %(at)s) RETURNING id), "
        "chama AS (INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target, "
        "book_id, created_at) "
        "VALUES ('10001', 'Umoja', 'rosca', 'active', 'weekly', 50000, 9, %(book)s, %(at)s) RETURNING id) "
        "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at) "
        "SELECT chama.id, person.id, 1, 'member', 'active', 'number', %(at)s FROM chama, person RETURNING user_id",
        {"book": umoja.book_id, "at": START},
    ).fetchone() or (0,)
    return int(user_id)
