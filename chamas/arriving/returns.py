"""Money that goes back: its reversal is sent, and when Safaricom says that it is back, the books say so too.

The page on which it lay in suspense is taken back by an entry that names it, once: the receipt is its key.
"""

from datetime import datetime, timedelta
from functools import partial

from chamas.arriving import unmatched
from ledger import holds, piecemeal
from ledger.holds import Request
from ledger.wires import Chance, Connection
from payments import reversals, suspense
from payments.wires import Wires

# A book that refuses now may take it later; a person looks at what stays.
POSTPONED_FOR = timedelta(minutes=10)


class GoneTwice(Exception):
    """Money went back to its payer after it was given to a member: two officials must take it back from her."""


def go_on(wiring: Wires) -> int:
    """Sends reversals that are due, and books those that are done; returns how many it took."""
    sent = reversals.send_due(wiring)
    at = wiring.now()
    return sent + piecemeal.work_off(
        wiring,
        lambda conn: reversals.claim_unbooked(conn, at=at, back_at=at + POSTPONED_FOR),
        partial(_book, at=at, chance=wiring.chance),
        reversals.note_failure,
    )


def _book(conn: Connection, receipt: str, *, at: datetime, chance: Chance) -> None:
    money = suspense.lock(conn, receipt)
    if money is None:
        raise GoneTwice(receipt)
    request = Request("reversal", receipt, at, {"receipt": receipt})
    posted = holds.reverse(conn, money.book_id, money.seq, request, at=at, chance=chance)
    suspense.resolve(conn, receipt, at=at)
    reversals.booked(conn, receipt, (posted.book_id, posted.seq))
    unmatched.returned(conn, receipt, (posted.book_id, posted.seq), at=at)
