"""Money that goes back to who paid it: one reversal per receipt, from the agreement to Safaricom's word.

Theory of operation. Two officials have agreed (chamas/arriving/unmatched.py) when a reversal is wished for. `send_due`
claims before it calls, like a push:

    created   agreed on; due
    unclear   claimed for sending, and no clear answer yet
    accepted  Safaricom took the request; its result comes as a callback, or never
    refused   Safaricom's result says no: nothing has moved. Agreed on anew, it is created again
    reversed  the money is back with its payer: to be booked
    booked    and it is

Other than a push, it is sent again when nothing is heard for a while, because M-PESA reverses a receipt once, whoever
asks and however often: whoever comes second is told R000001, already reversed. That answer is as good as the first one.
A time-out of the queue says nothing. So there is at most one effect, by Safaricom's own rule, and one entry, by the
receipt's key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from psycopg.rows import class_row

from ledger.moves import Moves
from ledger.retries import insist
from ledger.wires import Connection
from payments import shortcodes
from payments.daraja import reversal
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.token import with_token
from payments.tokens import new_token, token_hash
from payments.wires import Wires

# A result takes seconds; after this it is asked for once more, which moves nothing twice.
HEARD_WITHIN = timedelta(minutes=10)
AGAIN_AFTER = timedelta(seconds=30)
# Each is a request of seconds; returning money is rare.
AT_ONCE = 4
# With ten minutes between them half a day: then a person looks at the portal.
SENDS_AT_MOST = 72


class ReversalState(StrEnum):
    CREATED = "created"
    UNCLEAR = "unclear"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVERSED = "reversed"
    BOOKED = "booked"


REVERSAL_MOVES: Moves[ReversalState] = Moves(
    "reversals.state",
    {
        ReversalState.CREATED: frozenset({ReversalState.UNCLEAR, ReversalState.REVERSED}),
        ReversalState.UNCLEAR: frozenset(
            {
                ReversalState.UNCLEAR,
                ReversalState.CREATED,
                ReversalState.ACCEPTED,
                ReversalState.REFUSED,
                ReversalState.REVERSED,
            }
        ),
        ReversalState.ACCEPTED: frozenset({ReversalState.UNCLEAR, ReversalState.REFUSED, ReversalState.REVERSED}),
        ReversalState.REFUSED: frozenset({ReversalState.CREATED, ReversalState.REVERSED}),
        ReversalState.REVERSED: frozenset({ReversalState.BOOKED}),
        ReversalState.BOOKED: frozenset(),
    },
)


@dataclass(frozen=True)
class Reversal:
    """One receipt on its way back. Cents; UTC."""

    receipt: str
    shortcode_id: int
    amount_cents: int
    state: ReversalState
    tries: int
    result_code: str | None
    created_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", ReversalState(self.state))


def wish(conn: Connection, receipt: str, *, at: datetime) -> Reversal:
    """The reversal of this receipt, made at the first call; one that was refused is begun anew."""
    conn.execute(
        "INSERT INTO reversals AS mine (receipt, shortcode_id, amount_cents, state, due_at, created_at) "
        "SELECT receipt, shortcode_id, amount_cents, %s, %s, %s FROM receipts WHERE receipt = %s "
        "ON CONFLICT (receipt) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, tries = 0, "
        "created_at = excluded.created_at, failure = NULL WHERE mine.state = 'refused' AND mine.state = ANY(%s)",
        [ReversalState.CREATED, at, at, receipt, REVERSAL_MOVES.leading_to(ReversalState.CREATED)],
    )
    return lock(conn, [receipt])[0]


def found(conn: Connection, receipt: str, back: str, *, at: datetime) -> None:
    """M-PESA gave this back at somebody else's wish, under the name `back` at `at`: to be booked by the caller."""
    conn.execute(
        "INSERT INTO reversals (receipt, shortcode_id, amount_cents, state, return_receipt, created_at, settled_at) "
        "SELECT receipt, shortcode_id, amount_cents, %s, %s, %s, %s FROM receipts WHERE receipt = %s",
        [ReversalState.REVERSED, back, at, at, receipt],
    )


def find(conn: Connection, receipt: str) -> Reversal | None:
    """The reversal of this receipt, locked; None when nobody wished for one."""
    return next(iter(lock(conn, [receipt])), None)


def send_due(wires: Wires) -> int:
    """Sends what is due; returns how many reversals it took."""
    at = wires.now()
    with wires.transaction() as conn:
        claimed = [(one, new_token(wires.chance)) for one in _lock_due(conn, at)]
        for one, token in claimed:
            _claim(conn, one, token, at)
    for one, token in claimed:
        outcome = _ask(wires, one, token)
        insist(wires, partial(_record, sent=one, outcome=outcome, at=at))
    return len(claimed)


def by_token_hashes(conn: Connection, hashes: Sequence[bytes]) -> dict[bytes, Reversal]:
    """Reversals by the token of any of their requests, locked; an answer may come late."""
    rows = conn.execute(
        "SELECT receipt, t.hash FROM reversals r CROSS JOIN unnest(r.token_hashes) AS t (hash) WHERE t.hash = ANY(%s)",
        [list(hashes)],
    ).fetchall()
    known = {one.receipt: one for one in lock(conn, [receipt for receipt, _ in rows])}
    return {bytes(hashed): known[receipt] for receipt, hashed in rows}


def lock(conn: Connection, named: Sequence[str]) -> list[Reversal]:
    """Reversals of these receipts, locked."""
    with conn.cursor(row_factory=class_row(Reversal)) as cursor:
        return cursor.execute(
            "SELECT receipt, shortcode_id, amount_cents, state, tries, result_code, created_at FROM reversals "
            "WHERE receipt = ANY(%s) ORDER BY receipt FOR UPDATE",
            [sorted(set(named))],
        ).fetchall()


def move(
    conn: Connection, receipt: str, to: ReversalState, *, code: str, at: datetime, back: str | None = None
) -> bool:
    """Safaricom's word: `reversed`, with the receipt of the way `back`, or `refused`. False when more is known."""
    return (
        conn.execute(
            "UPDATE reversals SET state = %s, result_code = %s, return_receipt = coalesce(%s, return_receipt), "
            "settled_at = %s, due_at = CASE WHEN %s = 'reversed' THEN %s END WHERE receipt = %s AND state = ANY(%s)",
            [to, code, back, at, to, at, receipt, REVERSAL_MOVES.leading_to(to)],
        ).rowcount
        == 1
    )


def claim_unbooked(conn: Connection, *, at: datetime, back_at: datetime) -> list[str]:
    """Receipts that went back and stand in the books as if they had not; due again at `back_at`, should that fail."""
    rows = conn.execute(
        "UPDATE reversals SET due_at = %s WHERE receipt IN (SELECT receipt FROM reversals WHERE due_at <= %s "
        "AND state = 'reversed' ORDER BY receipt LIMIT 20 FOR UPDATE SKIP LOCKED) RETURNING receipt",
        [back_at, at],
    ).fetchall()
    return sorted(receipt for (receipt,) in rows)


def booked(conn: Connection, receipt: str, page: tuple[int, int]) -> None:
    """The books say it too, on this page (book, number)."""
    conn.execute(
        "UPDATE reversals SET state = %s, due_at = NULL, failure = NULL, book_id = %s, seq = %s "
        "WHERE receipt = %s AND state = ANY(%s)",
        [ReversalState.BOOKED, *page, receipt, REVERSAL_MOVES.leading_to(ReversalState.BOOKED)],
    )


def note_failure(conn: Connection, receipt: str, failure: str) -> None:
    """Why it does not go on, for people."""
    conn.execute("UPDATE reversals SET failure = %s WHERE receipt = %s", [failure[:200], receipt])


def _lock_due(conn: Connection, at: datetime) -> list[Reversal]:
    with conn.cursor(row_factory=class_row(Reversal)) as cursor:
        return cursor.execute(
            "SELECT receipt, shortcode_id, amount_cents, state, tries, result_code, created_at FROM reversals "
            "WHERE due_at <= %s AND state = ANY(%s) ORDER BY due_at, receipt LIMIT %s FOR UPDATE SKIP LOCKED",
            [at, [ReversalState.CREATED, ReversalState.UNCLEAR, ReversalState.ACCEPTED], AT_ONCE],
        ).fetchall()


def _claim(conn: Connection, one: Reversal, token: str, at: datetime) -> None:
    REVERSAL_MOVES.require(one.state, ReversalState.UNCLEAR)
    more = one.tries + 1 < SENDS_AT_MOST
    conn.execute(
        "UPDATE reversals SET state = %s, tries = tries + 1, sent_at = %s, due_at = %s, "
        "token_hashes = token_hashes || %s WHERE receipt = %s",
        [ReversalState.UNCLEAR, at, at + HEARD_WITHIN if more else None, token_hash(token), one.receipt],
    )


def _ask(wires: Wires, one: Reversal, token: str) -> Outcome:
    try:
        unlocked = shortcodes.unlock(wires, one.shortcode_id)
    except shortcodes.NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=True)
    keys = unlocked.keys
    if not keys.may_ask_status:
        return Rejected("no_initiator", "no initiator is set up", again=True)
    address = f"{wires.public_url}/pay/reversal/{token}"
    wanted = reversal.Wanted(one.receipt, one.amount_cents, f"{address}/result", f"{address}/timeout")
    return with_token(wires, one.shortcode_id, keys, lambda bearer: reversal.ask(wires.daraja, keys, bearer, wanted))


def _record(conn: Connection, *, sent: Reversal, outcome: Outcome, at: datetime) -> None:
    """How the sending ended; a callback may have been quicker, and then there is nothing to add."""
    (one,) = lock(conn, [sent.receipt])
    if one.state is not ReversalState.UNCLEAR:
        return
    if isinstance(outcome, Accepted):
        to, due_at, failure = ReversalState.ACCEPTED, at + HEARD_WITHIN, None
    elif isinstance(outcome, Rejected):
        # Nothing was executed; what Safaricom would never take stands on the desk and is tried seldom.
        to, failure = ReversalState.CREATED, f"{outcome.code} {outcome.message}".strip()
        due_at = at + (AGAIN_AFTER if outcome.again else HEARD_WITHIN)
    else:
        return
    REVERSAL_MOVES.require(one.state, to)
    more = one.tries < SENDS_AT_MOST
    conn.execute(
        "UPDATE reversals SET state = %s, due_at = %s, failure = %s WHERE receipt = %s",
        [to, due_at if more else None, failure and failure[:200], one.receipt],
    )
