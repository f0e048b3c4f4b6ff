"""Money between two books: a pair of entries, each balanced by what the books then owe each other.

Every book has an account `due:<id of the other book>` for each book that it has to do with: what it is owed (a debit)
or owes (a credit). The two of a pair always add up to nothing, which verify derives again over all books.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ledger import refusals
from ledger.books import Draft, Line, Posted, account_ids, open_account, post_set
from ledger.wires import Chance, Connection

# The second entry is the same request in another book: its key follows from the first one's.
OTHER_SIDE = "/other"


def post_pair(
    conn: Connection, here: Draft, there: Sequence[Line], *, other_book_id: int, at: datetime, chance: Chance
) -> tuple[Posted, Posted]:
    """Posts `here` and its counterpart with the lines `there` in the other book; both or neither.

    The lines of both sides leave out the due accounts and together add up to nothing: what one book has more of, the
    other has less of. Raises what `post` raises, for either; what is kept is kept with the keys of both, so the same
    request stays refused as a whole.
    """
    drafts = _drafts(conn, here, there, other_book_id)
    posted = []
    for answer in post_set(conn, drafts, at=at, chance=chance, bonds=[1, 1]):
        if isinstance(answer, refusals.Refusal):
            raise answer
        posted.append(answer)
    first, second = posted
    return first, second


def _drafts(conn: Connection, here: Draft, there: Sequence[Line], other_book_id: int) -> tuple[Draft, Draft]:
    moved_cents = sum(line.amount_cents for line in here.lines)
    if here.book_id == other_book_id:
        raise ValueError("a pair moves money between two books")
    if moved_cents == 0 or moved_cents + sum(line.amount_cents for line in there) != 0:
        raise ValueError("what leaves one book of a pair comes to the other")
    due = _due_accounts(conn, here.book_id, other_book_id)
    return (
        replace(here, lines=(*here.lines, Line(due[here.book_id], -moved_cents))),
        replace(
            here,
            book_id=other_book_id,
            key=here.key + OTHER_SIDE,
            lines=(*there, Line(due[other_book_id], moved_cents)),
        ),
    )


def _due_accounts(conn: Connection, first: int, second: int) -> dict[int, int]:
    """The two accounts by book; opened, lower book first, when the books meet for the first time."""
    codes = {min(first, second): f"due:{max(first, second)}", max(first, second): f"due:{min(first, second)}"}
    there = account_ids(conn, codes.items())
    return {
        book_id: there.get((book_id, code)) or open_account(conn, book_id=book_id, code=code, kind="asset")
        for book_id, code in codes.items()
    }
