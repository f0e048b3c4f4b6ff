"""Before a phone is prompted while an earlier prompt of it is unclear, Safaricom is asked about the earlier one.

A wish is let through ten minutes after a prompt whose end is not known: no prompt can be on the screen any more. But
its money may have moved, and whoever wishes again because nothing happened would pay twice. So the new prompt waits a
few seconds while the earlier one is asked about, once; when that turns out to be paid with the same amount, the new one
is never sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.wires import Connection
from payments import attempts, inquiries
from payments.attempts import Attempt
from payments.reconciliation import pull
from payments.states import AttemptState

# A query is answered within two or three seconds; the member has her phone in her hand.
WAITS = timedelta(seconds=8)
# What is unclear longer has been asked about for a day.
LOOKED_BACK = timedelta(hours=24)

UNCLEAR = (AttemptState.UNCLEAR, AttemptState.PENDING)
FOUND = (AttemptState.PROVEN, AttemptState.PAID)


@dataclass(frozen=True)
class Looked:
    """Attempts that may be sent, and those whose money came by an earlier one; the rest waits."""

    send: list[Attempt]
    paid: list[Attempt]


def look(conn: Connection, due: Sequence[Attempt], *, at: datetime) -> Looked:
    """Looks at attempts that have never been sent; those that were are proved not to have been executed, and may go."""
    looked = Looked([], [])
    asked, waiting = [], []
    for attempt in due:
        earlier = [] if attempt.tries else _earlier(conn, attempt)
        unclear = [one for one in earlier if one.state in UNCLEAR]
        if _came_meanwhile(conn, attempt, earlier):
            looked.paid.append(attempt)
        elif unclear and at < attempt.created_at + WAITS:
            asked += unclear
            waiting.append(attempt)
        else:
            looked.send.append(attempt)
    inquiries.open_about_attempts(conn, inquiries.Kind.STK_QUERY, [one.id for one in asked], at=at, due_at=at)
    # One whose answer was lost has no id to ask with: Pull may have it.
    pull.hasten(conn, {one.shortcode_id for one in asked if one.checkout_request_id is None}, at=at)
    for attempt in waiting:
        attempts.postpone(conn, attempt.id, due_at=attempt.created_at + WAITS)
    return looked


def _earlier(conn: Connection, attempt: Attempt) -> list[Attempt]:
    """Prompts of the last day on the same phone that are unclear, or of which money is known."""
    since = attempt.created_at - LOOKED_BACK
    return [
        one for one in attempts.on_phone(conn, attempt.phone, [*UNCLEAR, *FOUND], since=since) if one.id < attempt.id
    ]


def _came_meanwhile(conn: Connection, attempt: Attempt, earlier: Sequence[Attempt]) -> bool:
    """Whether money of the same amount was found since the wish, by a prompt that was unclear when it was made."""
    found = [one.id for one in earlier if one.amount_cents == attempt.amount_cents and one.state in FOUND]
    row = conn.execute(
        "SELECT TRUE FROM evidence WHERE attempt_id = ANY(%s) AND read_at >= %s AND verdict = 'applied' LIMIT 1",
        [found, attempt.created_at],
    ).fetchone()
    return row is not None
