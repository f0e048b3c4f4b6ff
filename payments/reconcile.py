"""Asks Safaricom again about what is unclear.

Theory of operation
-------------------
Every push opens an `stk_query` inquiry. It is asked at 20, 45, 90 seconds, 3 and 10 minutes while the attempt is not
settled, sooner and oftener while callbacks are silent (watch.py); each answer is kept as evidence and read like a
callback. After the last one an attempt that is still unclear or pending is asked about by Transaction Status, every
half hour for a day, and then left to people.

A query that says "paid" names no receipt, so the attempt becomes `proven` and a `status` inquiry opens at once. Its
answer comes as a callback with receipt, amount and payer, and is booked like one. Receipts that somebody named without
being believed are asked about in the same way: what Safaricom confirms is booked to suspense. While Safaricom refuses
a shortcode's initiator, its status questions are parked.

Asking is harmless, so an inquiry that was claimed stays due: a process that dies in between asks once more.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from ledger.wires import Connection
from payments import attempts, claims, evidence, inquiries, shortcodes, watch
from payments.attempts import Attempt
from payments.daraja import status, stk
from payments.daraja.errors import Meaning, meaning_of
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.token import with_token
from payments.inquiries import Inquiry, Kind
from payments.payouts import gates
from payments.refusals import AskedJustNow, NothingUnclear
from payments.shortcodes import NoKeys
from payments.states import AttemptState
from payments.tokens import new_token, token_hash
from payments.wires import Wires

QUERY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (20, 45, 90, 180, 600))
# While no callback comes, asking is all there is: a member waits for her SMS at most half as long.
QUERY_WHILE_SILENT = tuple(timedelta(seconds=seconds) for seconds in (10, 25, 45, 70, 120, 240, 600))
STATUS_AFTER = tuple(timedelta(seconds=seconds) for seconds in (0, 45, 90, 180, 600))
# After an outage of Safaricom's the answer may take hours; after a day it needs their help desk, and so a person.
STATUS_EVERY = timedelta(minutes=30)
STATUS_FOR = timedelta(hours=24)
# Between two questions about the same thing, also when the clock has jumped over several of them.
AT_LEAST = timedelta(seconds=10)
# Questions under way at once, so that one which hangs does not hold up the rest.
AT_ONCE = 4

OPEN = frozenset({AttemptState.UNCLEAR, AttemptState.PENDING})
SETTLED = frozenset({AttemptState.PAID, AttemptState.PAID_OTHERWISE, AttemptState.FAILED_FINAL})
NOTHING_TO_ASK = SETTLED | {AttemptState.CREATED}


@dataclass(frozen=True)
class Question:
    """An inquiry that is to be asked now."""

    inquiry: Inquiry
    attempt: Attempt | None
    token: str | None = field(repr=False)


@dataclass(frozen=True)
class Round:
    """The instant of one round of questions, and the timetable of queries that holds in it."""

    at: datetime
    queries: Sequence[timedelta]


def ask_due(wires: Wires, *, limit: int = 20) -> int:
    """Asks the questions that are due; returns how many inquiries it took."""
    at = wires.now()
    with wires.transaction() as conn:
        claims.open_due(conn, at=at)
        inquiries.open_hastened(conn, at=at)
        due = inquiries.lock_due(conn, at=at, limit=limit)
        parked = _park(conn, due)
        now = Round(at, QUERY_WHILE_SILENT if due and watch.silence(conn, at=at) else QUERY_AFTER)
        known = attempts.by_ids(conn, [one.attempt_id for one in due if one.attempt_id is not None])
        questions = [
            question
            for inquiry in due
            if inquiry not in parked
            and (question := _prepare(conn, wires, now, inquiry, known.get(inquiry.attempt_id or 0))) is not None
        ]
    if questions:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(partial(_ask_and_keep, wires), questions))
    return len(due)


def ask_anew(conn: Connection, attempt_id: int, *, at: datetime) -> None:
    """A person wants Safaricom asked about this payment now. Raises NothingUnclear, AskedJustNow."""
    [attempt] = attempts.by_ids(conn, [attempt_id]).values()
    if attempt.state in NOTHING_TO_ASK:
        raise NothingUnclear
    kind = Kind.STATUS if attempt.state is AttemptState.PROVEN else Kind.STK_QUERY
    if not inquiries.hasten(conn, kind, attempt_id, at=at):
        raise AskedJustNow


def _park(conn: Connection, due: Sequence[Inquiry]) -> list[Inquiry]:
    """Takes out what may not be asked, because Safaricom refuses the initiator of its shortcode."""
    asking = [inquiry for inquiry in due if inquiry.kind is Kind.STATUS]
    refused = {**inquiries.refused(conn), **gates.refused(conn)} if asking else {}
    parked = [inquiry for inquiry in asking if inquiry.shortcode_id in refused]
    inquiries.park(conn, [inquiry.id for inquiry in parked])
    return parked


def _ask_and_keep(wires: Wires, question: Question) -> None:
    outcome = _ask(wires, question)
    with wires.transaction() as conn:
        _keep_answer(conn, question, outcome, at=wires.now())


def _prepare(conn: Connection, wires: Wires, now: Round, inquiry: Inquiry, attempt: Attempt | None) -> Question | None:
    """What to ask, with the next time written down; None when there is nothing to ask or nothing to ask it with."""
    at = now.at
    if inquiry.kind is Kind.STK_QUERY and attempt is not None:
        return _prepare_query(conn, now, inquiry, attempt)
    if inquiry.receipt is None and attempt is not None and attempt.state in SETTLED:
        inquiries.close(conn, [inquiry.id], outcome="settled")
        return None
    if at >= inquiry.opened_at + STATUS_FOR:
        inquiries.close(conn, [inquiry.id], outcome="gave up after a day")
        return None
    due_at = max(at + AT_LEAST, _next_status(inquiry, at))
    if inquiry.receipt is None and (attempt is None or attempt.merchant_request_id is None):
        inquiries.postpone(conn, inquiry.id, due_at=at + STATUS_EVERY, outcome="no id to ask with")
        return None
    if not _may_ask(conn, wires, inquiry.shortcode_id):
        inquiries.postpone(conn, inquiry.id, due_at=at + STATUS_EVERY, outcome="no initiator is set up")
        return None
    token = new_token(wires.chance)
    inquiries.record_asked(conn, inquiry, due_at=due_at, token_hash=token_hash(token))
    return Question(inquiry, attempt, token)


def _may_ask(conn: Connection, wires: Wires, shortcode_id: int) -> bool:
    """Whether this shortcode has an initiator to ask with."""
    try:
        return shortcodes.opened(conn, shortcode_id, wires).keys.may_ask_status
    except NoKeys:
        return False


def _prepare_query(conn: Connection, now: Round, inquiry: Inquiry, attempt: Attempt) -> Question | None:
    at, queries = now.at, now.queries
    over = inquiry.asked >= len(queries)
    if attempt.state in SETTLED or (over and attempt.state not in OPEN):
        inquiries.close(conn, [inquiry.id], outcome="settled" if attempt.state in SETTLED else "asked often enough")
        return None
    if over or attempt.state is AttemptState.PROVEN:
        inquiries.close(conn, [inquiry.id], outcome="left to Transaction Status")
        inquiries.open_about_attempts(conn, Kind.STATUS, [attempt.id], at=at, due_at=at)
        return None
    following = inquiry.opened_at + queries[min(inquiry.asked + 1, len(queries) - 1)]
    inquiries.record_asked(conn, inquiry, due_at=max(at + AT_LEAST, following), token_hash=None)
    return None if attempt.checkout_request_id is None else Question(inquiry, attempt, None)


def _next_status(inquiry: Inquiry, at: datetime) -> datetime:
    following = inquiry.asked + 1
    return inquiry.opened_at + STATUS_AFTER[following] if following < len(STATUS_AFTER) else at + STATUS_EVERY


def _ask(wires: Wires, question: Question) -> Outcome:
    inquiry, attempt = question.inquiry, question.attempt
    try:
        unlocked = shortcodes.unlock(wires, inquiry.shortcode_id)
    except NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=False)
    shortcode, keys = unlocked.shortcode, unlocked.keys
    if inquiry.kind is Kind.STK_QUERY:
        checkout = (attempt and attempt.checkout_request_id) or ""
        return with_token(
            wires,
            shortcode.id,
            keys,
            lambda token: stk.query(wires.daraja, keys, token, checkout, at=wires.now()),
            live=unlocked.token,
        )
    address = f"{wires.public_url}/pay/status/{question.token}"
    asked = status.Question(
        result_url=f"{address}/result",
        timeout_url=f"{address}/timeout",
        receipt=inquiry.receipt,
        merchant_request_id=attempt.merchant_request_id if attempt else None,
    )
    return with_token(
        wires,
        shortcode.id,
        keys,
        lambda token: status.ask(wires.daraja, keys, token, asked),
        live=unlocked.token,
    )


def _keep_answer(conn: Connection, question: Question, outcome: Outcome, *, at: datetime) -> None:
    """A query's answer is evidence; that a status question was taken is not, its result comes as a callback."""
    said = "answered" if isinstance(outcome, Accepted) else f"{outcome.code} {outcome.message}".strip() or "no answer"
    inquiries.record_outcome(conn, question.inquiry.id, said)
    attempt = question.attempt
    if question.inquiry.kind is Kind.STK_QUERY and attempt is not None and _says_something(outcome):
        received = evidence.receive(
            source="stk_query", token=attempt.token_hash, body=outcome.body, headers={}, remote_ip=None, at=at
        )
        evidence.store(conn, received)


def _says_something(outcome: Outcome) -> bool:
    """Whether Daraja's answer is about the prompt, and not about our request or a firewall's page."""
    if isinstance(outcome, Accepted):
        return True
    return meaning_of(outcome.code, outcome.message) in (Meaning.IN_FLIGHT, Meaning.NO_SUCH_ID)
