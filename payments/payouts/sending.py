"""A payout leaves: claimed in one transaction, sent with none open, and its answer written down in another.

Theory of operation
-------------------
`send_due` claims before it calls. Transaction one moves due payouts from
`ordered` to `sending`, writes the call with the hash of a fresh token, and puts the held money in flight. Then the
request leaves. Transaction two records its end:

    accepted   -> accepted, with Daraja's ConversationID; the result comes as a callback
    rejected   -> ordered again and due later, since nothing was executed; or failed_proven when it would never be
                  taken. While an earlier request of the same payout is doubtful, this says nothing about that one
    unknown    -> unknown, and asked about; at once when our name is a duplicate: something with it was taken before

A process that dies between the two leaves `sending`, which is asked about like `unknown`. A payout is sent again only
under its own name, and only after a rejection or when Safaricom has said repeatedly that it knows no such payment.

A transfer to a bank (B2B) has no name of ours, so it leaves once: whatever is not accepted ends it when it is proved
that nothing was executed, and else it is unknown until its result, the statement or Transaction Status says more.

What keeps a payout back without ending it (no keys, a closed gate, a float that is too small) is written into its row
and looked at again later; an order that has not left when its hold runs out has failed, and its money is free.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from ledger.bisection import Culprit, post_bisected
from ledger.books import post_all
from ledger.refusals import Refusal
from ledger.retries import insist
from ledger.wires import Connection
from payments import inquiries, shortcodes
from payments.daraja import b2b, b2c
from payments.daraja.client import Daraja
from payments.daraja.errors import Meaning, meaning_of
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.parsing import text_of
from payments.daraja.token import with_token
from payments.payouts import calls, gates, money, rows
from payments.payouts.calls import CallKind
from payments.payouts.rows import Payout, Step
from payments.payouts.states import TOO_OLD, PayoutState, Way, merge
from payments.shortcodes import NoKeys, Unlocked
from payments.tokens import new_token, token_hash
from payments.wires import Wires

# Longer than the request itself may take, and a result mostly comes within seconds.
FIRST_QUESTION = timedelta(seconds=30)
# Waits before a request that was proved not to be executed leaves again; the last one is repeated until the hold ends.
TRY_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 300, 900))
# What a person must repair is looked at again after this.
LOOK_AGAIN = timedelta(minutes=5)
# Requests under way at once, as with prompts: each needs a connection of the pool at its end.
AT_ONCE = 6

KEPT_OF_ANSWER = (
    "ConversationID",
    "OriginatorConversationID",
    "ResponseCode",
    "ResponseDescription",
    "errorCode",
    "errorMessage",
)


@dataclass(frozen=True)
class Claimed:
    """A payout on its way out, with the token that only its callback URLs hold."""

    payout: Payout
    token: str = field(repr=False)


def send_due(wires: Wires, *, limit: int = AT_ONCE) -> int:
    """Sends payouts that are due, at most `limit` at once; returns how many rows it took."""
    at = wires.now()
    with wires.transaction() as conn:
        gates.take_turns(conn)
        due = rows.lock_to_send(conn, at=at, limit=limit, closed=closed(conn, at=at))
        ready = _ready(conn, wires, due, at)
        claimed = _claim(conn, wires, ready, at)
    if claimed:
        keys = shortcodes.unlock_each(wires, (one.payout.shortcode_id for one in claimed))
        with ThreadPoolExecutor(len(claimed)) as threads:
            list(threads.map(partial(_send, wires, keys), claimed))
    return len(due)


def closed(conn: Connection, *, at: datetime) -> list[int]:
    """Shortcodes in whose initiator's name nothing may leave now."""
    refused = {*gates.stopped(conn), *inquiries.refused(conn)}
    busy = {shortcode_id for shortcode_id, out in gates.alone(conn, at=at).items() if out}
    return sorted(refused | busy)


def _ready(conn: Connection, wires: Wires, due: Sequence[Payout], at: datetime) -> list[Payout]:
    """Those that may leave now; the others are ended or put off, with the reason."""
    floats = gates.expected_float(conn, at=at) if due else {}
    first_alone = gates.alone(conn, at=at) if due else {}
    ready = []
    for payout in due:
        left = floats.get(payout.shortcode_id)
        if at >= payout.expires_at:
            _end_unsent(conn, payout, TOO_OLD, at, wires)
        elif first_alone.get(payout.shortcode_id):
            # Another one of this batch goes first, to show that the initiator is good.
            rows.move(conn, [Step(payout, payout.state, at, due_at=at + TRY_AGAIN[0])])
        elif left is not None and left < payout.amount_cents:
            gates.ask_utility(conn, payout.shortcode_id, known_for=LOOK_AGAIN, at=at)
            rows.move(conn, [Step(payout, payout.state, at, due_at=at + LOOK_AGAIN, reason="float too small")])
        else:
            ready.append(payout)
            if payout.shortcode_id in first_alone:
                first_alone[payout.shortcode_id] = True
            if left is not None:
                floats[payout.shortcode_id] = left - payout.amount_cents
    return ready


def _claim(conn: Connection, wires: Wires, ready: Sequence[Payout], at: datetime) -> list[Claimed]:
    held = [payout for payout in ready if payout.sent_seq is None]
    pages = post_bisected(conn, [money.sent(payout, at=at) for payout in held], at=at, chance=wires.chance)
    steps = {payout.id: Step(payout, PayoutState.SENDING, at, due_at=at + FIRST_QUESTION, sends=1) for payout in ready}
    for payout, page in zip(held, pages, strict=True):
        if isinstance(page, Refusal | Culprit):
            why = page.code if isinstance(page, Refusal) else type(page.error).__name__
            reason = f"its money is not held: {why}"
            steps[payout.id] = Step(payout, PayoutState.FAILED_PROVEN, at, reason=reason)
        else:
            steps[payout.id] = replace(steps[payout.id], sent_seq=page.seq)
    rows.move(conn, list(steps.values()))
    leaving = [payout for payout in ready if steps[payout.id].to is PayoutState.SENDING]
    claimed = [Claimed(payout, new_token(wires.chance)) for payout in leaving]
    for kind, way in ((CallKind.PAYMENT, Way.B2C), (CallKind.TRANSFER, Way.B2B)):
        made = [(one.payout, token_hash(one.token)) for one in claimed if one.payout.way is way]
        if made:
            calls.add_calls(conn, kind, made, at=at)
    return claimed


def _send(wires: Wires, keys: Mapping[int, Unlocked | NoKeys], claimed: Claimed) -> None:
    outcome = _pay(wires, keys[claimed.payout.shortcode_id], claimed)
    # What Daraja answered is known here and nowhere else.
    insist(wires, lambda conn: record(conn, wires, claimed, outcome))


def _pay(wires: Wires, unlocked: Unlocked | NoKeys, claimed: Claimed) -> Outcome:
    payout = claimed.payout
    if isinstance(unlocked, NoKeys):
        return Rejected("no_keys", str(unlocked), again=True)
    keys = unlocked.keys
    if not keys.may_ask_status:
        return Rejected("no_initiator", "no initiator is set up", again=True)
    address = f"{wires.public_url}/pay/b2c/{claimed.token}"
    urls = {"result_url": f"{address}/result", "timeout_url": f"{address}/timeout"}
    paid = partial(_ask_for, wires.daraja, keys, payout, urls)
    return with_token(wires, payout.shortcode_id, keys, paid, live=unlocked.token)


def _ask_for(daraja: Daraja, keys: Keys, payout: Payout, urls: Mapping[str, str], token: str) -> Outcome:
    if payout.way is Way.B2B and payout.account is not None:
        to_bank = b2b.Transfer(payout.phone, payout.account, payout.amount_cents, payout.originator, **urls)
        return b2b.transfer(daraja, keys, token, to_bank)
    return b2c.pay(daraja, keys, token, b2c.Payment(payout.originator, payout.phone, payout.amount_cents, **urls))


def record(conn: Connection, wires: Wires, claimed: Claimed, outcome: Outcome) -> None:
    """Writes down how the sending ended; evidence that came before the answer is merged, not overwritten.

    Harmless when done twice: an answer is written to its call once.
    """
    at, own = wires.now(), token_hash(claimed.token)
    [payout] = rows.lock(conn, [claimed.payout.id])
    accepted, rejected = isinstance(outcome, Accepted), isinstance(outcome, Rejected)
    ended = "accepted" if accepted else "rejected" if rejected else "unknown"
    if not calls.record_call(conn, own, outcome=ended, status=outcome.status, answer=_kept(outcome)):
        return
    if isinstance(outcome, Accepted):
        to = merge(payout.state, PayoutState.ACCEPTED)
        conversation = text_of(outcome.answer, "ConversationID") or None
        # Of a payment to a person it is our own name again.
        reply = text_of(outcome.answer, "OriginatorConversationID") or None if payout.way is Way.B2B else None
        due_at = _stays_due(payout, at)
        rows.move(conn, [Step(payout, to, at, due_at=due_at, conversation_id=conversation, reply_id=reply)])
        return
    if payout.state is not PayoutState.SENDING:
        return
    reason = f"{ended}: {outcome.code} {outcome.message}".strip()[:200]
    doubtful = calls.calls_of(conn, [own])[own].doubtful
    if isinstance(outcome, Rejected) and not doubtful:
        _not_executed(conn, wires, payout, outcome, reason=reason, at=at)
    else:
        asks_now = doubtful or meaning_of(outcome.code, outcome.message) is Meaning.DUPLICATE
        due_at = at if asks_now else at + FIRST_QUESTION
        rows.move(conn, [Step(payout, PayoutState.UNKNOWN, at, due_at=due_at, reason=reason)])


def _kept(outcome: Outcome) -> dict[str, str]:
    if isinstance(outcome, Accepted):
        return {key: text_of(outcome.answer, key) for key in KEPT_OF_ANSWER if text_of(outcome.answer, key)}
    return {"errorCode": outcome.code, "errorMessage": outcome.message}


def _stays_due(payout: Payout, at: datetime) -> datetime | None:
    """When it is asked about next: a result that was quicker than the answer has ended it."""
    return None if payout.state in (PayoutState.PAID, PayoutState.FAILED_PROVEN) else at + FIRST_QUESTION


def _not_executed(
    conn: Connection, wires: Wires, payout: Payout, outcome: Rejected, *, reason: str, at: datetime
) -> None:
    """Nothing was executed, now or before: later again, or never when Daraja would never take it."""
    if payout.way is Way.B2B:
        # Nothing was executed, and it has left: who still wants it asks for it anew, and others agree anew.
        _end_unsent(conn, payout, reason, at, wires)
        return
    hopeless = not outcome.again and meaning_of(outcome.code, outcome.message) is Meaning.INVALID
    if hopeless or at >= payout.expires_at:
        _end_unsent(conn, payout, reason, at, wires)
        return
    # Wrong keys are the operator's to repair, and nothing of this payout.
    wait = TRY_AGAIN[min(payout.tries, len(TRY_AGAIN)) - 1] if outcome.again else LOOK_AGAIN
    rows.move(conn, [Step(payout, PayoutState.ORDERED, at, due_at=at + wait, reason=reason)])


def _end_unsent(conn: Connection, payout: Payout, reason: str, at: datetime, wires: Wires) -> None:
    """Proved not to be executed, and never will be: its money is the group's again."""
    back = []
    # A hold that has run out is ended by whoever ends expired holds.
    if payout.sent_seq is not None or at < payout.expires_at:
        back = post_all(conn, [money.given_back(payout, at=at)], at=at, chance=wires.chance)
    end_seq = back[0].seq if back else None
    rows.move(conn, [Step(payout, PayoutState.FAILED_PROVEN, at, reason=reason, end_seq=end_seq)])
