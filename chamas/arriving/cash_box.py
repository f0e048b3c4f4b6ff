"""The cash box of a group: its account, what in it is nobody's yet, and what may leave it.

What was counted in a box and is not confirmed, or is disputed, lies there for `cash_unconfirmed`: it is nobody's to
bring anywhere, and whoever takes it back takes it out of the box again. So what may leave is the rest.
"""

from dataclasses import dataclass

from ledger import books
from ledger.refusals import Refusal
from ledger.wires import Connection

BOX, UNCONFIRMED = "cash", "cash_unconfirmed"


class NotInTheBox(Refusal):
    """The cash box holds less than this."""

    code = "not_in_the_box"
    status = 409
    words = "The cash box of the chama holds less than this."


class CashNotConfirmed(Refusal):
    """The box holds it, but not as anybody's: its members have not said yet that they gave it, or say otherwise."""

    code = "cash_not_confirmed"
    status = 409
    words = "Only cash that its members have confirmed can be paid in."


@dataclass(frozen=True)
class Contents:
    """What lies in a box, in cents, and how much of it is nobody's yet."""

    held_cents: int
    waiting_cents: int

    @property
    def free_cents(self) -> int:
        """What may leave: less than nothing where what is nobody's has left it already."""
        return self.held_cents - self.waiting_cents


def open_box(conn: Connection, book_id: int) -> int:
    """The account of the box, which never holds less than nothing; opened if need be."""
    return books.open_account(conn, book_id=book_id, code=BOX, kind="asset", floor_cents=0)


def contents(conn: Connection, chama_id: int) -> Contents:
    """What the books have in it now."""
    rows = conn.execute(
        "SELECT a.code, a.balance_cents FROM accounts a JOIN chamas c ON c.book_id = a.book_id "
        "WHERE c.id = %s AND a.code = ANY(%s)",
        [chama_id, [BOX, UNCONFIRMED]],
    ).fetchall()
    found: dict[str, int] = dict(rows)
    return Contents(found.get(BOX, 0), found.get(UNCONFIRMED, 0))


def lock(conn: Connection, chama_id: int) -> Contents:
    """The same; nobody else takes from it until the end."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('box:' || %s, 0))", [chama_id])
    return contents(conn, chama_id)
