"""Asks M-PESA what a shortcode holds, each day and before money leaves, and holds the answer against the books.

The answer comes as a callback under a token of its own and is evidence like any other. It speaks of an instant, and the
books are not done with that instant yet: so it is compared some minutes later, with what moved after it taken off
again, and when the two differ, only once nothing is unclear and Pull has passed it, at the latest after a day.

While Safaricom refuses the initiator nothing is asked: a third wrong try locks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledger.nairobi import day_begins
from ledger.wires import Connection
from payments import balances, floats, inquiries, shortcodes
from payments.balances import BALANCE_MOVES, BalanceState, Question
from payments.daraja import balance
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.token import with_token
from payments.payouts import gates
from payments.reading import NotTold, Unreadable, read_balance_result
from payments.shortcodes import NoKeys
from payments.tokens import new_token, token_hash
from payments.wires import Wires

SOURCES = frozenset({"balance_result", "balance_timeout"})

# An answer takes seconds; one that does not come is asked for again, and given up within the hour.
ASK_AFTER = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30))
# Callbacks of what was paid just before have come by then, and their money is booked.
COMPARE_AFTER = timedelta(minutes=10)
# Between two looks at books that differ while money is unclear.
LOOK_AGAIN = timedelta(minutes=30)
# What is unclear longer than this is a difference.
COMPARE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Told:
    """An answer as it was kept: which evidence, from which source, under which token, what it says."""

    evidence_id: int
    source: str
    token_hash: bytes
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Heard:
    """What was made of an answer. `ours`: a question of ours has its token; `unreadable`: not what it should be."""

    ours: bool
    reason: str | None = None
    unreadable: bool = False


UNKNOWN = Heard(ours=False, reason="its token is not one of ours")


def ask_due(wires: Wires, *, limit: int = 10) -> int:
    """Opens today's question, asks what is due and compares answers; returns how many rows it took."""
    at = wires.now()
    with wires.transaction() as conn:
        opened = _open_daily(conn, wires, at)
        due = balances.lock_due(conn, at=at, limit=limit)
        refused = {*inquiries.refused(conn), *balances.refused(conn)} if due else set()
        asked = []
        for one in due:
            if one.state is BalanceState.ANSWERED:
                _compare(conn, one, at=at)
            elif one.shortcode_id in refused:
                balances.close(conn, one, balances.REFUSED)
            elif one.asked >= len(ASK_AFTER):
                balances.close(conn, one, "no answer came")
            else:
                token = new_token(wires.chance)
                balances.record_asked(conn, one, token_hash(token), due_at=at + ASK_AFTER[one.asked])
                asked.append((one, token))
    for one, token in asked:
        outcome = _ask(wires, one, token)
        if not isinstance(outcome, Accepted):
            said = f"{outcome.code} {outcome.message}".strip() if isinstance(outcome, Rejected) else outcome.reason
            with wires.transaction() as conn:
                balances.note(conn, one, said)
    return opened + len(due)


def _open_daily(conn: Connection, wires: Wires, at: datetime) -> int:
    """The day in Nairobi has begun: the first question of it is due for whoever has an initiator to ask with."""
    asked = balances.asked_daily(conn, since=day_begins(at))
    opened = 0
    for shortcode in shortcodes.everyone(conn):
        if shortcode.id not in asked and _may_ask(conn, wires, shortcode.id):
            opened += balances.open_daily(conn, shortcode.id, since=day_begins(at), at=at)
    return opened


def _may_ask(conn: Connection, wires: Wires, shortcode_id: int) -> bool:
    try:
        return shortcodes.opened(conn, shortcode_id, wires).keys.may_ask_status
    except NoKeys:
        return False


def _ask(wires: Wires, one: Question, token: str) -> Outcome:
    try:
        keys = shortcodes.unlock(wires, one.shortcode_id).keys
    except NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=False)
    address = f"{wires.public_url}/pay/balance/{token}"
    return with_token(
        wires,
        one.shortcode_id,
        keys,
        lambda bearer: balance.ask(
            wires.daraja, keys, bearer, result_url=f"{address}/result", timeout_url=f"{address}/timeout"
        ),
    )


def take(conn: Connection, told: Sequence[Told], *, at: datetime) -> dict[int, Heard]:
    """Reads answers that came; what was made of each, by evidence. One to a question that is closed counts too."""
    ours = balances.known_tokens(conn, [one.token_hash for one in told])
    # Whoever likes may tell us balances: what comes under no token of ours is not looked for one by one.
    return {one.evidence_id: _take(conn, one, at) if one.token_hash in ours else UNKNOWN for one in told}


def _take(conn: Connection, told: Told, at: datetime) -> Heard:
    question = balances.lock_by_token(conn, told.token_hash)
    if question is None:
        return UNKNOWN
    if told.source == "balance_timeout":
        return Heard(ours=True, reason="Safaricom gave no answer in time")
    try:
        found = read_balance_result(told.body)
    except Unreadable as trouble:
        return Heard(ours=True, reason=str(trouble)[:200], unreadable=True)
    if isinstance(found, NotTold):
        if found.refused:
            balances.close(conn, question, balances.REFUSED)
        return Heard(ours=True, reason=found.reason)
    if BalanceState.ANSWERED not in BALANCE_MOVES.following[question.state]:
        return Heard(ours=True, reason="answered before")
    balances.record_answer(conn, question, found, evidence_id=told.evidence_id, at=at, due_at=at + COMPARE_AFTER)
    gates.note_utility(conn, question.shortcode_id, found.utility_cents, as_of=found.at)
    return Heard(ours=True)


def _compare(conn: Connection, one: Question, *, at: datetime) -> None:
    """Asserts what M-PESA said about the shortcode's book, or waits while there is a reason to."""
    if one.taken_at is None or one.utility_cents is None:
        balances.close(conn, one, "answered without a balance")
        return
    stood = floats.stood(conn, one.shortcode_id, one.taken_at)
    differs = stood.cents != one.utility_cents
    late = at >= one.taken_at + COMPARE_WITHIN
    if differs and stood.moving:
        balances.close(conn, one, "money moved in the same moment: not compared")
    elif differs and not late and floats.unsettled(conn, one.shortcode_id, one.taken_at):
        balances.note(conn, one, "differs while money is unclear", due_at=at + LOOK_AGAIN)
    else:
        made = floats.assert_held(conn, one.shortcode_id, one.utility_cents, stood, at=at)
        balances.record_compared(conn, one, made.id, "agrees with the books" if made.held else "differs from the books")
