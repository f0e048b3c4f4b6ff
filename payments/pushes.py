"""An STK push, from a wish to the answer that says whether it left.

Theory of operation
-------------------
`wish` writes an intent and an attempt (`created`, due) in the caller's transaction: a USSD turn or an API call. The
same wish key gives the same attempt, whatever happens to the answer of the turn.

`send_due` claims before it calls. Transaction one moves due attempts to `unclear`, stores the hash of a fresh token,
opens an inquiry for 20 seconds later, and commits. Then the request leaves, with no transaction open. Transaction two
records which of the three ends it came to:

    accepted   -> pending, with Daraja's ids
    rejected   -> created again and due later, since it is proved that nothing was executed; or failed_final when it
                  would never be accepted, or after MAX_TRIES
    unknown    -> stays unclear. It is never sent again: Daraja keeps no idempotency, and a second request is a second
                  prompt. The callback or the inquiries bring the truth

A process that dies between the two transactions leaves an `unclear` attempt, which is the truth about it. The callback
may come before transaction two, so the answer is merged with what is already known. While PostgreSQL is away for a
moment, transaction two is tried again: an accepted push whose ids are lost could not be asked about.

A wish is due PROMPT_AFTER: the phone shows no prompt while the last screen of the dialogue is open on it.

One subscriber has one prompt at a time. A wish is refused while an earlier attempt is out, at most ten minutes long:
after that no prompt can be on the screen any more, and late money would still find its attempt. It is refused as well
for a minute after M-PESA said that the subscriber is busy with another request, which may be somebody else's.

What was never sent is told to the member like any other failure: she is waiting for a prompt.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from ledger.letters import spell
from ledger.retries import insist
from ledger.wires import Chance, Connection
from payments import attempts, earlier, inquiries, shortcodes, unanswered
from payments.attempts import Attempt, Step
from payments.daraja import codes, stk
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.parsing import text_of
from payments.daraja.token import with_token
from payments.evidence.settle import Tell, Unpaid
from payments.refusals import (
    MAXIMUM_CENTS,
    MINIMUM_CENTS,
    AmountOutOfRange,
    SameAmountTooSoon,
    StillWaiting,
    SubscriberBusy,
)
from payments.states import AttemptState, merge
from payments.tokens import new_token, token_hash
from payments.wires import Wires

__all__ = [
    "AmountOutOfRange",
    "Attempt",
    "SameAmountTooSoon",
    "StillWaiting",
    "SubscriberBusy",
    "Wish",
    "send_due",
    "waiting",
    "wish",
]

# A prompt lives about a minute, and a callback has been seen 26 s after the push; ten minutes is far past both.
OUT_FOR = timedelta(minutes=10)
SAME_AMOUNT = timedelta(minutes=2)
# Safaricom's own advice after "unable to lock subscriber".
BUSY_FOR = timedelta(minutes=1)
FIRST_QUESTION = timedelta(seconds=20)
# The last screen of the dialogue has to be gone before the prompt comes, or the phone drops the prompt.
PROMPT_AFTER = timedelta(seconds=2)
# Waits before the next try of a request that was proved not to be executed; together under OUT_FOR.
TRY_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 60))
MAX_TRIES = len(TRY_AGAIN) + 1
# Requests under way at once: Daraja takes a second or more for each. Each needs a connection of the pool at its end.
AT_ONCE = 6

# Enough of a name to be known by on the prompt; seven random letters stay, so that no reference comes twice.
NAME_LETTERS = 5
KEPT_OF_ANSWER = (
    "MerchantRequestID",
    "CheckoutRequestID",
    "ResponseCode",
    "ResponseDescription",
    "errorCode",
    "errorMessage",
)


@dataclass(frozen=True)
class Wish:
    """Who pays what for whom. `phone` is E.164 and enrolled by its owner; `wish_key` makes a repeated wish the same."""

    shortcode_id: int
    chama_id: int
    member_id: int
    payer_id: int
    phone: str
    amount_cents: int
    chama_name: str
    purpose: str
    wish_key: bytes


@dataclass(frozen=True)
class Claimed:
    """An attempt on its way out, with the token that only its callback URL will hold."""

    attempt: Attempt
    token: str

    def __repr__(self) -> str:
        return f"Claimed({self.attempt.id})"


def wish(conn: Connection, wish: Wish, *, at: datetime, chance: Chance) -> Attempt:
    """The attempt for this wish, made at the first call.

    Raises AmountOutOfRange, StillWaiting, SubscriberBusy, SameAmountTooSoon.
    """
    if wish.amount_cents % 100 or not MINIMUM_CENTS <= wish.amount_cents <= MAXIMUM_CENTS:
        raise AmountOutOfRange
    # Two turns of one phone at the same moment: the second waits here and then sees the first one's attempt.
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [wish.phone])
    made = attempts.by_wish_key(conn, wish.wish_key)
    if made is not None:
        return made
    out = attempts.out_since(conn, payer_id=wish.payer_id, phone=wish.phone, since=at - OUT_FOR)
    if out is not None:
        raise StillWaiting(out)
    if unanswered.busy_since(conn, phone=wish.phone, since=at - BUSY_FOR):
        raise SubscriberBusy
    paid = attempts.paid_since(conn, phone=wish.phone, amount_cents=wish.amount_cents, since=at - SAME_AMOUNT)
    if paid is not None:
        raise SameAmountTooSoon(paid)
    intent = {
        "shortcode_id": wish.shortcode_id,
        "chama_id": wish.chama_id,
        "member_id": wish.member_id,
        "payer_id": wish.payer_id,
        "purpose": wish.purpose,
        "amount_cents": wish.amount_cents,
        "wish_key": wish.wish_key,
    }
    reference = account_reference(wish.chama_name, chance)
    return attempts.add(conn, intent, phone=wish.phone, account_reference=reference, at=at, due_at=at + PROMPT_AFTER)


def waiting(conn: Connection, *, payer_id: int, at: datetime) -> Attempt | None:
    """This payer's attempt whose prompt may still be out; None ten minutes after the wish at the latest."""
    return attempts.out_since(conn, payer_id=payer_id, phone=None, since=at - OUT_FOR)


def account_reference(chama_name: str, chance: Chance) -> str:
    """Twelve characters: up to five letters of the group's name, which the prompt shows, then random ones."""
    letters = [letter for letter in chama_name.upper() if "A" <= letter <= "Z"]
    head = "".join(letters[:NAME_LETTERS])
    return head + spell(stk.REFERENCE_LETTERS - len(head), chance)


def tell_nobody(conn: Connection, unpaid: Sequence[Unpaid], *, at: datetime) -> None:
    """For whoever sends without members to tell."""


def send_due(wires: Wires, tell: Tell = tell_nobody, *, limit: int = AT_ONCE) -> int:
    """Sends attempts that are due, at most `limit` at once; returns how many rows it took. `tell` hears of those that
    will never be sent.
    """
    at = wires.now()
    with wires.transaction() as conn:
        due = attempts.lock_due(conn, at=at, limit=limit)
        stale = [attempt for attempt in due if attempt.created_at <= at - OUT_FOR]
        # The member has been free to try again for a while: a prompt now would be a surprise.
        _give_up(conn, stale, "waited too long to be sent", at, tell)
        looked = earlier.look(conn, [attempt for attempt in due if attempt not in stale], at=at)
        _not_again(conn, looked.paid, at, tell)
        claimed = _claim(conn, looked.send, at, wires.chance)
    if claimed:
        with ThreadPoolExecutor(len(claimed)) as threads:
            list(threads.map(partial(_send, wires, tell), claimed))
    return len(due)


def _claim(conn: Connection, due: Sequence[Attempt], at: datetime, chance: Chance) -> list[Claimed]:
    claimed = [(attempt, new_token(chance)) for attempt in due]
    steps = [Step(attempt, AttemptState.UNCLEAR, at, token_hash=token_hash(token)) for attempt, token in claimed]
    moved = attempts.move(conn, steps)
    ids = [attempt.id for attempt in moved]
    inquiries.open_about_attempts(conn, inquiries.Kind.STK_QUERY, ids, at=at, due_at=at + FIRST_QUESTION)
    return [Claimed(attempt, token) for attempt, (_, token) in zip(moved, claimed, strict=True)]


def _send(wires: Wires, tell: Tell, claimed: Claimed) -> None:
    outcome = _push(wires, claimed)
    # What Daraja answered is known here and nowhere else.
    insist(wires, lambda conn: record(conn, claimed.attempt, outcome, at=wires.now(), tell=tell))


def _push(wires: Wires, claimed: Claimed) -> Outcome:
    attempt = claimed.attempt
    try:
        unlocked = shortcodes.unlock(wires, attempt.shortcode_id)
    except shortcodes.NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=False)
    shortcode, keys = unlocked.shortcode, unlocked.keys
    wanted = stk.Push(
        phone=attempt.phone,
        amount_cents=attempt.amount_cents,
        account_reference=attempt.account_reference,
        callback_url=f"{wires.public_url}/pay/stk/{claimed.token}",
        till_number=shortcode.till_number,
    )
    return with_token(
        wires,
        shortcode.id,
        keys,
        lambda token: stk.push(wires.daraja, keys, token, wanted, at=wires.now()),
        live=unlocked.token,
    )


def record(conn: Connection, sent: Attempt, outcome: Outcome, *, at: datetime, tell: Tell = tell_nobody) -> None:
    """Writes down how the sending ended; evidence that came before the answer is merged, not overwritten.

    Harmless when done twice: an answer that is written already and has let the attempt be sent anew is over.
    """
    attempt_id = sent.id
    (attempt,) = attempts.lock_named(conn, ids=[attempt_id])
    if attempt.token_hash != sent.token_hash:
        return
    if isinstance(outcome, Accepted):
        answer = {key: text_of(outcome.answer, key) for key in KEPT_OF_ANSWER if text_of(outcome.answer, key)}
        attempts.record_answer(conn, attempt_id, send_outcome="accepted", status=outcome.status, answer=answer)
        to = merge(attempt.state, AttemptState.PENDING)
        attempts.move(conn, [Step(attempt, to, at)])
        return
    ended = "rejected" if isinstance(outcome, Rejected) else "unknown"
    said = {"errorCode": outcome.code, "errorMessage": outcome.message}
    attempts.record_answer(conn, attempt_id, send_outcome=ended, status=outcome.status, answer=said)
    if isinstance(outcome, Rejected) and attempt.state is AttemptState.UNCLEAR:
        inquiries.close_about_attempts(conn, [attempt_id], outcome="not executed")
        if outcome.again and attempt.tries < MAX_TRIES:
            again = at + TRY_AGAIN[attempt.tries - 1]
            attempts.move(conn, [Step(attempt, AttemptState.CREATED, at, due_at=again)])
        else:
            _give_up(conn, [attempt], f"rejected: {outcome.code} {outcome.message}"[:200], at, tell)


def _not_again(conn: Connection, unsent: Sequence[Attempt], at: datetime, tell: Tell) -> None:
    """An earlier prompt turned out to be paid: this one is never sent, and no person has to look at it."""
    for attempt in unsent:
        said = {"errorMessage": "an earlier prompt of this amount turned out to be paid"}
        attempts.record_answer(conn, attempt.id, send_outcome="rejected", status=None, answer=said)
    moved = attempts.move(conn, [Step(attempt, AttemptState.FAILED_FINAL, at) for attempt in unsent])
    tell(conn, [Unpaid(attempt, codes.EARLIER_CAME) for attempt in moved], at=at)


def _give_up(conn: Connection, unsent: Sequence[Attempt], reason: str, at: datetime, tell: Tell) -> None:
    """Proved not sent, and never will be."""
    steps = [Step(attempt, AttemptState.FAILED_FINAL, at, parked_reason=reason) for attempt in unsent]
    tell(conn, [Unpaid(attempt, codes.NEVER_SENT) for attempt in attempts.move(conn, steps)], at=at)
