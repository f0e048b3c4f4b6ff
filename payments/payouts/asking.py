"""Asks Safaricom what became of payouts whose result stays away: Transaction Status, by our own name of the payout.

The answer comes as a callback and is read as evidence. Questions are asked 30, 45, 90 seconds, 3 and 10 minutes after
the request left, then every half hour for two days, and then the payout is left to people, still `unknown`: time
proves nothing. A transfer to a bank is asked about by Daraja's name of it; one whose answer was lost has none, and is
left to its result and to people, or found in the statement and asked about by that receipt. Asking is harmless, so a
payout that was claimed for it stays due: a process that dies asks once more.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from ledger.retries import insist
from payments import inquiries, shortcodes
from payments.daraja import status
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.token import with_token
from payments.payouts import calls, gates, rows
from payments.payouts.calls import CallKind
from payments.payouts.rows import Payout, Step
from payments.payouts.states import PayoutState, merge
from payments.shortcodes import NoKeys, Unlocked
from payments.tokens import new_token, token_hash
from payments.wires import Wires

ASK_AFTER = tuple(timedelta(seconds=seconds) for seconds in (30, 45, 90, 180, 600))
# What is not known after ten minutes is an outage, which lasts for an hour or for a day.
ASK_EVERY = timedelta(minutes=30)
# After an outage of Safaricom's an answer may take hours; after two days it needs their help desk, and so a person.
ASK_FOR = timedelta(hours=48)
# Between two questions about one payout, also when the clock has jumped over several of them.
AT_LEAST = timedelta(seconds=10)
# A payout that Daraja took is called unknown once this many questions found no end.
ACCEPTED_UNTIL = 3
# Why a transfer to a bank is not asked about: the answer to its request was lost, and with it Daraja's name of it.
NAMELESS = "no name to ask by: left to its result, the statement and people"
AT_ONCE = 4


@dataclass(frozen=True)
class Question:
    payout: Payout
    token: str = field(repr=False)


def ask_due(wires: Wires, *, limit: int = 20) -> int:
    """Asks about payouts that are due for it; returns how many rows it took."""
    at = wires.now()
    with wires.transaction() as conn:
        shut = sorted({*gates.refused(conn), *inquiries.refused(conn)})
        due = rows.lock_to_ask(conn, at=at, limit=limit, closed=shut)
        rows.move(conn, [_asked(payout, at) for payout in due])
        asked = [
            payout
            for payout in due
            if payout.found_as or (at < _left(payout) + ASK_FOR and payout.known_as is not None)
        ]
        questions = [Question(payout, new_token(wires.chance)) for payout in asked]
        calls.add_calls(conn, CallKind.QUESTION, [(one.payout, token_hash(one.token)) for one in questions], at=at)
    if questions:
        keys = shortcodes.unlock_each(wires, (one.payout.shortcode_id for one in questions))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(partial(_ask, wires, keys), questions))
    return len(due)


def _left(payout: Payout) -> datetime:
    return payout.sent_at or payout.ordered_at


def _asked(payout: Payout, at: datetime) -> Step:
    """The next question is written down with this one; none after ASK_FOR."""
    following = payout.asked + 1
    next_at = _left(payout) + ASK_AFTER[following] if following < len(ASK_AFTER) else at + ASK_EVERY
    nameless = payout.known_as is None
    # By a receipt of the statement it is asked about once for each statement: Safaricom knows that receipt, or not.
    over = at >= _left(payout) + ASK_FOR or nameless
    lost = payout.state is PayoutState.SENDING or following >= ACCEPTED_UNTIL or over
    return Step(
        payout,
        merge(payout.state, PayoutState.UNKNOWN) if lost else payout.state,
        at,
        due_at=None if over else max(at + AT_LEAST, next_at),
        reason=NAMELESS if nameless else "asked for two days: left to people" if over else None,
        asks=1,
    )


def _ask(wires: Wires, keys: Mapping[int, Unlocked | NoKeys], question: Question) -> None:
    outcome = _put(wires, keys[question.payout.shortcode_id], question)
    said = "accepted" if isinstance(outcome, Accepted) else "rejected" if isinstance(outcome, Rejected) else "unknown"
    answer = {} if isinstance(outcome, Accepted) else {"errorCode": outcome.code, "errorMessage": outcome.message}
    own = token_hash(question.token)
    insist(wires, lambda conn: calls.record_call(conn, own, outcome=said, status=outcome.status, answer=answer))


def _put(wires: Wires, unlocked: Unlocked | NoKeys, question: Question) -> Outcome:
    payout = question.payout
    if isinstance(unlocked, NoKeys):
        return Rejected("no_keys", str(unlocked), again=True)
    keys = unlocked.keys
    if not keys.may_ask_status:
        return Rejected("no_initiator", "no initiator is set up", again=True)
    address = f"{wires.public_url}/pay/status/{question.token}"
    asked = status.Question(
        result_url=f"{address}/result",
        timeout_url=f"{address}/timeout",
        conversation_id=payout.known_as,
        receipt=payout.found_as,
    )
    return with_token(
        wires,
        payout.shortcode_id,
        keys,
        lambda token: status.ask(wires.daraja, keys, token, asked),
        live=unlocked.token,
    )
