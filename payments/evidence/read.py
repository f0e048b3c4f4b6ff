"""Reads what came in: takes rows that are due, has them settled, and sets aside what puzzles.

Theory of operation
-------------------
A batch of unread rows is claimed, with the try counted and committed before anybody looks into a body: one whose
reading ends the process, as no exception does, comes back when its claim has run out, is then read alone, and after
TRIES such ends is set aside unread.

What was claimed is locked and settled (settle.py) together with the books, so a receipt without its entry cannot be
seen. When anything raises, the batch is undone and its first half is tried alone, in a transaction of its own, then the
first half of that, until only the row that puzzles is set aside with the reason; the others go on. It comes back a few
times, since the reason may pass (a season that is not open), and then waits for a person as `unreadable`. When the
reason is repaired, `pesachama doctor --read-again` makes all such rows due.

One transaction settles one batch and never a second one. Receipts, books and groups of a batch are each locked in one
order, so that two readers cannot wait for each other; with the books of one batch in hand while it locks those of the
next, they could. Whoever loses to somebody else all the same has met no puzzle: the batch is begun again, and one that
always loses stays due.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from ledger.retries import LOST, transact
from ledger.wires import Chance, Connection
from payments.evidence import outgoing, store
from payments.evidence.settle import Book, Tell, settle
from payments.evidence.store import Note, Row, Verdict
from payments.payers import Payers
from payments.tokens import token_hash
from payments.wires import Wires

# Each wait is four times the one before: a quarter of an hour in all. What is still wrong then needs a person.
TRIES = 5
FIRST_WAIT = timedelta(seconds=10)
# When a reader that says nothing more has died: any one of its statements may take this long.
CLAIMED_FOR = timedelta(seconds=15)
KILLS = f"{store.UNSETTLED} (its reading ended the process)"


@dataclass(frozen=True)
class Desk:
    """Who hears what was settled, the instant, chance for what is written, the hash of the paybill's secret, and how
    payers are kept.
    """

    book: Book
    tell: Tell | None
    at: datetime
    chance: Chance
    shared: bytes
    payers: Payers


def read_due(wires: Wires, book: Book, tell: Tell | None = None, *, limit: int = 100) -> int:
    """Reads rows that are due, has their money booked and members told; returns how many rows it took."""
    at = wires.now()
    desk = Desk(book, tell, at, wires.chance, token_hash(wires.paybill_secret), wires.payers)
    taken = 0
    while taken < limit:
        claimed, going_out = transact(wires, partial(_claim, at=at, limit=limit - taken))
        taken += len(claimed)
        begun_before = [row for row in claimed if row.tries > 1]
        coming_in = [row for row in claimed if row.tries == 1 and row.id not in going_out]
        leaving = [row for row in claimed if row.tries == 1 and row.id in going_out]
        settled = all(_read_pile(wires, rows, desk, going_out) for rows in (coming_in, leaving, begun_before))
        if not settled or not begun_before:
            break
    return taken


def _claim(conn: Connection, at: datetime, limit: int) -> tuple[list[Row], Set[int]]:
    """Rows that are due, and which of them are about money that goes out."""
    claimed = store.claim(conn, at=at, limit=limit, back=at + CLAIMED_FOR)
    return claimed, outgoing.among(conn, claimed)


def _read_pile(wires: Wires, rows: Sequence[Row], desk: Desk, going_out: Set[int]) -> bool:
    """Settles rows that are claimed, all of money that comes in or all of money that goes out; False when somebody
    else's locks stay in the way, and the rest is given back."""
    piles = [rows] if rows else []
    while piles:
        pile = piles.pop()
        try:
            trouble = transact(wires, partial(_settle_pile, pile=pile, desk=desk, going_out=going_out))
        except LOST:
            left = [row for one in (pile, *piles) for row in one]
            transact(wires, partial(store.give_back, rows=left, at=desk.at))
            return False
        if trouble is not None and len(pile) > 1:
            half = len(pile) // 2
            piles += [pile[half:], pile[:half]]
    return True


def _settle_pile(conn: Connection, pile: Sequence[Row], desk: Desk, going_out: Set[int]) -> Exception | None:
    """None when all rows are settled or set aside; otherwise what was raised, and nothing has happened."""
    rows = store.lock_claimed(conn, pile)
    if rows and rows[0].tries > TRIES:
        store.note(conn, [Note(row.id, Verdict.UNREADABLE, KILLS) for row in rows], at=desk.at)
        return None
    trouble = _settle_in_savepoint(conn, rows, desk, going_out) if rows else None
    if trouble is not None and len(rows) == 1:
        store.note(conn, [_set_aside(rows[0], trouble, desk.at)], at=desk.at)
    return trouble


def _settle_in_savepoint(conn: Connection, rows: Sequence[Row], desk: Desk, going_out: Set[int]) -> Exception | None:
    """None when all rows are settled; otherwise what was raised, and nothing has happened. Raises what lost."""
    try:
        with conn.transaction():
            if rows[0].id in going_out:
                outgoing.settle(conn, rows, at=desk.at, chance=desk.chance)
                return None
            settle(
                conn,
                rows,
                desk.book,
                desk.tell,
                at=desk.at,
                chance=desk.chance,
                shared=desk.shared,
                payers=desk.payers,
            )
    except LOST:
        raise
    except Exception as trouble:
        if conn.closed:
            raise
        return trouble
    return None


def _set_aside(row: Row, trouble: Exception, at: datetime) -> Note:
    """Only the kind of trouble is written: its words may hold values of the row."""
    reason = f"{store.UNSETTLED} ({type(trouble).__name__})"
    if row.tries >= TRIES:
        return Note(row.id, Verdict.UNREADABLE, reason)
    return Note(row.id, Verdict.UNREAD, reason, due_at=at + FIRST_WAIT * 4 ** (row.tries - 1))
