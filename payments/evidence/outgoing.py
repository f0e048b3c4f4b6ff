"""Settles a batch of rows about money that goes out: from their bodies to moved payouts and their entries in the books.

In the caller's transaction, and in one of its own apart from what comes in: both lock books. The rows are judged in
memory one after the other as if each had come alone; what a payout has come to is booked once, at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import itemgetter

from ledger.books import Draft, post_all
from ledger.wires import Chance, Connection
from payments import charges_told
from payments.charges_told import Told
from payments.evidence import store
from payments.evidence.outgoing_judge import Judgement, judge
from payments.evidence.store import Note, Row, Verdict
from payments.payouts import gates, money
from payments.payouts import rows as payouts
from payments.payouts.calls import Call, CallKind, calls_of
from payments.payouts.reading import (
    Fact,
    read_result,
    read_status,
    read_status_of_transfer,
    read_timeout,
    read_transfer,
)
from payments.payouts.rows import Payout, Step
from payments.payouts.states import ENDED, PayoutState, Way
from payments.reading import Unreadable

READERS = {
    ("b2c_result", CallKind.PAYMENT): read_result,
    ("b2c_timeout", CallKind.PAYMENT): read_timeout,
    ("status_result", CallKind.QUESTION): read_status,
}
OF_TRANSFERS = {
    ("b2c_result", CallKind.TRANSFER): read_transfer,
    ("b2c_timeout", CallKind.TRANSFER): read_timeout,
    ("status_result", CallKind.QUESTION): read_status_of_transfer,
}
OWN = ("b2c_result", "b2c_timeout")
STATUS = ("status_result", "status_timeout")

# So many answers that Safaricom knows no such payment, the last of them this long after it left, and it is sent again:
# under its own name, so that one which lay in a queue all the time makes this one a duplicate.
NO_SUCH_TIMES = 3
NO_SUCH_AFTER = timedelta(minutes=10)
SENDS_AT_MOST = 4


@dataclass
class Files:
    """What the rows of a batch speak of, as known after the rows judged so far."""

    calls: dict[bytes, Call]
    payouts: dict[int, Payout]
    holders: dict[str, int]
    facts: dict[int, Fact | Unreadable | None]
    told: dict[int, list[Judgement]] = field(default_factory=dict)

    def learn(self, judgement: Judgement) -> None:
        payout = judgement.payout
        if payout is None:
            return
        self.told.setdefault(payout.id, []).append(judgement)
        if judgement.to is not None:
            self.payouts[payout.id] = replace(payout, state=judgement.to)
        if judgement.proven is not None:
            self.holders[judgement.proven.receipt] = payout.id


def among(conn: Connection, rows: Sequence[Row]) -> set[int]:
    """Which of these rows are about money that goes out, by their ids."""
    asked = calls_of(conn, [row.token_hash for row in rows if row.source in STATUS])
    return {row.id for row in rows if row.source in OWN or (row.source in STATUS and row.token_hash in asked)}


def settle(conn: Connection, rows: Sequence[Row], *, at: datetime, chance: Chance) -> None:
    """Reads, judges and writes rows that the caller has locked. Raises what puzzles; then nothing must be committed."""
    files = _open_files(conn, rows)
    before = dict(files.payouts)
    judgements = []
    for row in rows:
        judgement = _judge(row, files)
        files.learn(judgement)
        judgements.append(judgement)
    _settle_payouts(conn, before, files, at=at, chance=chance)
    _look_after_gates(conn, judgements, at)
    _keep_charges(conn, judgements, at)
    store.note(conn, [_note(row, one) for row, one in zip(rows, judgements, strict=True)], at=at)


def _open_files(conn: Connection, rows: Sequence[Row]) -> Files:
    calls = calls_of(conn, [row.token_hash for row in rows])
    locked = payouts.lock(conn, sorted({call.payout_id for call in calls.values()}))
    facts = {row.id: _read(row, calls.get(row.token_hash)) for row in rows}
    named = [fact.paid.receipt for fact in facts.values() if isinstance(fact, Fact) and fact.paid]
    return Files(calls, {one.id: one for one in locked}, payouts.holders(conn, named) if named else {}, facts)


def _read(row: Row, call: Call | None) -> Fact | Unreadable | None:
    """The fact; None when nobody reads this here: a question that ran out, or a token of another kind."""
    # What comes under nobody's token is read as well, so that its verdict says whether it could be.
    kind = call.kind if call else CallKind.PAYMENT
    readers = OF_TRANSFERS if call and call.way is Way.B2B else READERS
    reader = readers.get((row.source, kind))
    try:
        return reader(row.body) if reader else None
    except Unreadable as trouble:
        return trouble


def _judge(row: Row, files: Files) -> Judgement:
    call = files.calls.get(row.token_hash)
    payout = files.payouts.get(call.payout_id) if call else None
    fact = files.facts[row.id]
    if isinstance(fact, Unreadable):
        asks = payout is not None and payout.state not in ENDED
        return Judgement(Verdict.UNREADABLE, str(fact)[:200], payout, asks=asks)
    if fact is None:
        ran_out = row.source == "status_timeout" and call is not None and call.kind is CallKind.QUESTION
        if ran_out:
            return Judgement(Verdict.APPLIED, "Safaricom gave no answer in time", payout)
        return Judgement(Verdict.UNMATCHED, "its token is another question's", payout)
    return judge(fact, call, payout, files.holders)


def _settle_payouts(conn: Connection, before: dict[int, Payout], files: Files, *, at: datetime, chance: Chance) -> None:
    """Books what has ended, all in one statement, and moves every payout that anything was said about."""
    steps = {number: _step(before[number], files.payouts[number], told, at) for number, told in files.told.items()}
    drafts = {
        number: draft
        for number, step in sorted(steps.items())
        if (draft := _draft(conn, step, files.told[number], at)) is not None
    }
    pages = post_all(conn, list(drafts.values()), at=at, chance=chance) if drafts else []
    ended = {number: page.seq for number, page in zip(drafts, pages, strict=True)}
    payouts.move(conn, [replace(step, end_seq=ended.get(number)) for number, step in sorted(steps.items())])


def _step(before: Payout, after: Payout, told: Sequence[Judgement], at: datetime) -> Step:
    """From what the row was to what all of the batch made of it."""
    not_found = sum(one.not_found for one in told)
    to = after.state
    if not_found and to is PayoutState.UNKNOWN and _lost(before, not_found, at):
        to = PayoutState.ORDERED
    asks = any(one.asks for one in told) and to not in ENDED
    facts = [one.fact for one in told if one.fact is not None and one.verdict is Verdict.APPLIED]
    return Step(
        before,
        to,
        at,
        due_at=at if asks or to is PayoutState.ORDERED else None,
        keeps_due=not asks and to not in (*ENDED, PayoutState.ORDERED),
        reason=next((one.reason for one in reversed(told) if one.reason), None),
        result_code=next((fact.code for fact in reversed(facts) if fact.code), None),
        conversation_id=next((fact.conversation_id for fact in facts if fact.conversation_id), None),
        proven=next((one.proven for one in told if one.proven), None),
        not_found=not_found,
    )


def _lost(payout: Payout, not_found: int, at: datetime) -> bool:
    """Whether it has not arrived, as far as anybody can tell, and may be sent again."""
    return (
        payout.way is Way.B2C
        and payout.not_found + not_found >= NO_SUCH_TIMES
        and payout.sent_at is not None
        and at >= payout.sent_at + NO_SUCH_AFTER
        and payout.tries < SENDS_AT_MOST
        and at < payout.expires_at
    )


def _draft(conn: Connection, step: Step, told: Sequence[Judgement], at: datetime) -> Draft | None:
    """The entry with which the payout ends; None when it does not end here."""
    payout = step.payout
    if step.proven is not None:
        charges = [one.fact.paid.charge_cents for one in told if one.fact and one.fact.paid and one.proven]
        charge_cents = next((cents for cents in charges if cents is not None), payout.charge_cents)
        flying = payout.state is not PayoutState.FAILED_PROVEN and payout.sent_seq is not None
        return money.paid(conn, payout, step.proven, from_flight=flying, charge_cents=charge_cents)
    if step.to is PayoutState.FAILED_PROVEN and payout.state is not PayoutState.FAILED_PROVEN:
        return money.given_back(payout, at=at)
    return None


def _look_after_gates(conn: Connection, judgements: Sequence[Judgement], at: datetime) -> None:
    """What the batch says about initiators and floats; a refusal counts for more than an answer."""
    good = [one.payout.shortcode_id for one in judgements if one.payout and one.answered]
    if good:
        gates.answered(conn, good, at=at)
    known = [
        (one.payout.shortcode_id, one.proven.paid_at, one.fact.utility_cents)
        for one in judgements
        if one.payout and one.proven and one.fact and one.fact.utility_cents is not None
    ]
    # Of what a batch says about a shortcode's money only the last counts.
    latest = {shortcode_id: (as_of, cents) for shortcode_id, as_of, cents in sorted(known, key=itemgetter(0, 1))}
    for shortcode_id, (as_of, cents) in latest.items():
        gates.note_utility(conn, shortcode_id, cents, as_of=as_of)
    refused = {one.payout.shortcode_id: one.stops for one in judgements if one.payout and one.stops}
    if refused:
        gates.stop(conn, refused, at=at)


def _keep_charges(conn: Connection, judgements: Sequence[Judgement], at: datetime) -> None:
    """What the account of charges held after each payout: the day's certificate holds it against the books."""
    for one in judgements:
        if one.payout and one.proven and one.fact and one.fact.charges_cents is not None:
            told = Told("result", one.proven.receipt, one.proven.paid_at, balance_cents=one.fact.charges_cents)
            charges_told.add(conn, one.payout.shortcode_id, [told], at=at)


def _note(row: Row, judgement: Judgement) -> Note:
    fact = judgement.fact
    return Note(
        row.id,
        judgement.verdict,
        judgement.reason,
        receipt=fact.paid.receipt if fact and fact.paid else None,
        payout_id=judgement.payout.id if judgement.payout else None,
    )
