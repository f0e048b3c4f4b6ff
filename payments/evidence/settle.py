"""Settles a batch of locked rows: from their bodies to moved attempts, receipts and their places in the books.

All in the caller's transaction, with one statement per table. The rows are judged in memory one after the other as if
each had come alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ledger.wires import Chance, Connection
from payments import attempts, float_checks, inquiries, receipts, shortcodes, suspense, witnesses
from payments.attempts import Attempt, Raced, Step
from payments.daraja import codes
from payments.evidence import notices, otherwise, seen, store
from payments.evidence.files import Files
from payments.evidence.judge import Judgement, judge_push, judge_status
from payments.evidence.notices import CLOCKS_APART, PROMPTED_WITHIN, Notices
from payments.evidence.returns import SOURCES as RETURNED
from payments.evidence.returns import Returns
from payments.evidence.store import Note, Row, Verdict
from payments.inquiries import AboutReceipt, Inquiry, Kind
from payments.payers import Payers
from payments.reading import Fact, Unreadable, read_status_result, read_stk_callback, read_stk_query
from payments.receipts import Proof, ProvenReceipt
from payments.states import FAILED, AttemptState

PUSH_READERS = {"stk_callback": read_stk_callback, "stk_query": read_stk_query}

# The real callback of a receipt that somebody named is given this time to come by itself.
ASK_AFTER = timedelta(seconds=60)
# Money that nobody names is left for a payment that it fits for most of the day in which its receipt is asked about:
# enough questions remain to book it to suspense.
LEFT_FOR = timedelta(hours=20)


class Book(Protocol):
    """Books proven receipts in the caller's transaction, with `receipts.booked` or `suspense.put`."""

    def __call__(
        self, conn: Connection, proven: Sequence[ProvenReceipt], *, at: datetime, chance: Chance
    ) -> object: ...


@dataclass(frozen=True)
class Unpaid:
    """An attempt that has failed; `why` is an English msgid for the member, empty when she knows herself."""

    attempt: Attempt
    why: str


class Tell(Protocol):
    """Tells members, in the caller's transaction, that their money has not come."""

    def __call__(self, conn: Connection, unpaid: Sequence[Unpaid], *, at: datetime) -> object: ...


def settle(
    conn: Connection,
    rows: Sequence[Row],
    book: Book,
    tell: Tell | None,
    *,
    at: datetime,
    chance: Chance,
    shared: bytes,
    payers: Payers,
) -> None:
    """Reads, judges and writes rows that the caller has locked. Raises what puzzles; then nothing must be committed.

    `shared` is the hash of the secret under which a paybill's notices come, `payers` makes what is kept of a payer.
    """
    files = _open_files(conn, rows, at, shared)
    before = dict(files.attempts)
    returns = Returns.opened(conn, rows)
    judgements = []
    for row in rows:
        judgement = returns.settled(conn, row, at) if row.source in RETURNED else _judge(row, files)
        files.learn(judgement)
        judgements.append(judgement)
    attempts.move(conn, [_step(before[number], judgement, at) for number, judgement in sorted(files.moved.items())])
    proofs = [_proof(row, one, files) for row, one in zip(rows, judgements, strict=True) if one.money is not None]
    proven = receipts.prove(conn, proofs, at=at, payers=payers)
    if len(proven) != len(proofs):
        raise Raced("a receipt was proved by another reader meanwhile")
    _settle_inquiries(conn, judgements, files, at)
    if proven:
        book(conn, proven, at=at, chance=chance)
    unpaid = [_unpaid(one) for one in files.moved.values() if one.to in FAILED]
    if tell is not None and unpaid:
        tell(conn, unpaid, at=at)
    files.notices.list_confirmed(conn, rows, at)
    store.note(conn, [_note(row, one, at) for row, one in zip(rows, judgements, strict=True)], at=at)
    otherwise.end(conn, judgements, files.attempts, at=at)
    suspense.told_late(conn, _told_late(rows, judgements), at=at)


def _told_late(rows: Sequence[Row], judgements: Sequence[Judgement]) -> dict[str, int]:
    """Notices of money that was proved before and is no attempt's: their evidence, by receipt."""
    return {
        one.named: row.id
        for row, one in zip(rows, judgements, strict=True)
        if row.source in notices.READERS and one.verdict is Verdict.REPEATED and one.attempt is None and one.named
    }


def _unpaid(judgement: Judgement) -> Unpaid:
    if judgement.attempt is None:
        raise ValueError("nothing was judged to have failed")
    return Unpaid(judgement.attempt, codes.look_up(codes.STK, judgement.code or "").words)


def _open_files(conn: Connection, rows: Sequence[Row], at: datetime, shared: bytes) -> Files:
    """Reads the bodies, locks the attempts they may be about, and looks up what is known of their receipts."""
    facts = {row.id: _read_push(row) for row in rows if row.source in PUSH_READERS}
    results = [row for row in rows if row.source in ("status_result", "status_timeout")]
    asked = inquiries.by_token_hashes(conn, [row.token_hash for row in results]) if results else {}
    numbers = {one.shortcode_id: shortcodes.by_id(conn, one.shortcode_id).number for one in asked.values()}
    for row in results:
        if row.source == "status_result":
            inquiry = asked.get(row.token_hash)
            facts[row.id] = _read_result(row, numbers[inquiry.shortcode_id] if inquiry else "")
    readable = [fact for fact in facts.values() if isinstance(fact, Fact)]
    told = Notices.opened(conn, rows, shared)
    locked = attempts.lock_named(
        conn,
        token_hashes=[row.token_hash for row in rows if row.source in PUSH_READERS and row.token_hash],
        ids=[one.attempt_id for one in asked.values() if one.attempt_id is not None],
        merchant_request_ids=[one.merchant_request_id for one in readable if one.merchant_request_id and asked],
        account_references=[one.reference for one in told.readable],
    )
    expecting = {row.id: _expecting(conn, facts.get(row.id), asked.get(row.token_hash), at) for row in results}
    references = {one.account_reference for one in locked}
    return Files(
        facts=facts,
        by_token={one.token_hash: one.id for one in locked if one.token_hash is not None},
        attempts={one.id: one for one in locked},
        inquiries=asked,
        holders=receipts.holders(
            conn,
            [fact.money.receipt for fact in readable if fact.money] + [one.money.receipt for one in told.readable],
        ),
        numbers=numbers,
        expecting=expecting | told.expecting(conn, rows, references, at),
        notices=told,
        at=at,
        witnesses=witnesses.of_attempts(conn, locked) if locked else {},
        awaited=seen.awaiting(conn, [one.attempt_id for one in asked.values() if one.attempt_id and one.receipt]),
        balances=_take_balances(conn, rows, at),
    )


def _take_balances(conn: Connection, rows: Sequence[Row], at: datetime) -> dict[int, float_checks.Heard]:
    """Answers about what a shortcode holds: they move no payment."""
    told = [
        float_checks.Told(row.id, row.source, row.token_hash, row.body)
        for row in rows
        if row.source in float_checks.SOURCES
    ]
    return float_checks.take(conn, told, at=at)


def _expecting(
    conn: Connection, fact: Fact | Unreadable | None, inquiry: Inquiry | None, at: datetime
) -> list[Attempt]:
    """Payments that the money of an asked receipt fits; none any more when it has been left long enough."""
    if not isinstance(fact, Fact) or fact.money is None or inquiry is None or inquiry.receipt is None:
        return []
    if at >= inquiry.opened_at + LEFT_FOR:
        return []
    return attempts.expecting(
        conn,
        shortcode_id=inquiry.shortcode_id,
        amount_cents=fact.money.amount_cents,
        phone=fact.money.phone,
        since=fact.money.paid_at - PROMPTED_WITHIN,
        until=fact.money.paid_at + CLOCKS_APART,
    )


def _read_push(row: Row) -> Fact | Unreadable:
    try:
        return PUSH_READERS[row.source](row.body)
    except Unreadable as trouble:
        return trouble


def _read_result(row: Row, shortcode: str) -> Fact | Unreadable:
    try:
        return read_status_result(row.body, shortcode)
    except Unreadable as trouble:
        return trouble


def _judge(row: Row, files: Files) -> Judgement:
    fact = files.facts.get(row.id)
    inquiry = files.inquiries.get(row.token_hash)
    if row.source in notices.SOURCES:
        attempt = files.by_reference().get(files.notices.reference(row))
        expecting, second = files.expecting_money_of(row), files.second(row, attempt)
        return files.notices.judged(row, attempt, files.holders, expecting, second)
    if isinstance(fact, Unreadable):
        return Judgement(Verdict.UNREADABLE, str(fact)[:200], files.of_token(row.token_hash))
    if row.source == "status_timeout":
        verdict = Verdict.APPLIED if inquiry else Verdict.UNMATCHED
        return Judgement(verdict, "Safaricom gave no answer in time" if inquiry else "its token is not one of ours")
    if fact is None:
        heard = files.balances.get(row.id) or float_checks.Heard(False, f"nobody reads {row.source} here yet")
        believed = Verdict.UNREADABLE if heard.unreadable else Verdict.APPLIED
        return Judgement(believed if heard.ours else Verdict.UNMATCHED, heard.reason)
    if row.source in PUSH_READERS:
        attempt = files.of_token(row.token_hash)
        return judge_push(fact, attempt, files.holders, files.second(row, attempt))
    return judge_status(
        fact,
        inquiry,
        files.attempts,
        files.by_request(),
        files.holders,
        expecting=files.expecting_money_of(row),
        awaited=files.awaited,
    )


def _settle_inquiries(conn: Connection, judgements: Iterable[Judgement], files: Files, at: datetime) -> None:
    """Closes what is answered, and opens what has to be asked now."""
    judged = list(judgements)
    settled = [
        number for number, one in files.moved.items() if one.to in (AttemptState.PAID, AttemptState.FAILED_FINAL)
    ]
    inquiries.close_about_attempts(conn, settled, outcome="settled")
    inquiries.close(conn, [one.closes for one in judged if one.closes is not None], outcome="answered")
    inquiries.park(conn, [one.parks for one in judged if one.parks is not None])
    proven = [number for number, one in files.moved.items() if one.to is AttemptState.PROVEN]
    inquiries.open_about_attempts(conn, Kind.STATUS, proven, at=at, due_at=at)
    asked = [one for one in judged if one.ask_about is not None]
    stranger = shortcodes.first_id(conn) if any(one.attempt is None for one in asked) else None
    about = []
    for one in asked:
        shortcode_id = one.attempt.shortcode_id if one.attempt else stranger
        if one.ask_about is not None and shortcode_id is not None:
            about.append(AboutReceipt(one.ask_about, shortcode_id, one.attempt.id if one.attempt else None))
    inquiries.open_about_receipts(conn, about, at=at, wait=ASK_AFTER)


def _step(before: Attempt, judgement: Judgement, at: datetime) -> Step:
    """From what the row was to the last thing that the batch made of it."""
    return Step(before, judgement.to or before.state, at, result_code=judgement.code)


def _proof(row: Row, judgement: Judgement, files: Files) -> Proof:
    if judgement.money is None:
        raise ValueError("no money was judged to be proved")
    owner = judgement.owner
    if row.source in notices.READERS:
        return files.notices.proof(row, judgement)
    if owner is not None:
        return Proof(judgement.money, row.id, owner.shortcode_id, owner.shortcode, owner)
    shortcode_id = files.inquiries[row.token_hash].shortcode_id
    return Proof(judgement.money, row.id, shortcode_id, files.numbers[shortcode_id], None, judgement.reason)


def _note(row: Row, judgement: Judgement, at: datetime) -> Note:
    attempt_id = judgement.attempt.id if judgement.attempt else None
    due_at = at + judgement.wait if judgement.wait else None
    again = due_at is not None
    return Note(row.id, judgement.verdict, judgement.reason, attempt_id, judgement.named, due_at, understood=again)
