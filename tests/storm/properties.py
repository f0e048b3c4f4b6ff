"""P1 to P9: what must hold after a wave, over books, evidence, Safaricom's own book and logs. Each finds exceptions.

They read rows and compare them with what the simulator says really happened; that is why they can see what the
product's own `verify` cannot. The names are those of docs/storm.md.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from gateway import checks
from payments import watch
from payments.evidence.settle import PUSH_READERS
from payments.reading import Unreadable
from payments.states import AttemptState, merge
from tests.storm.group import Round
from tests.storm.house import House

# So many orders of what was told about a payment are tried.
ORDERS = 3
NAMED = 3
# Half of a token: a text that holds a token has at a multiple of this a piece of this length that is the token's.
PIECE = 32


@dataclass
class Seen:
    """What a wave leaves to look at. `paid` are attempts and `paid_out` payouts that were ever seen paid."""

    house: House
    rounds: list[Round]
    truth: dict[str, Any]
    paid: set[int]
    paid_out: set[int]

    @property
    def moved(self) -> dict[str, dict[str, Any]]:
        return {one["receipt"]: one for one in self.truth["receipts"]}


def every_receipt_is_booked_once(seen: Seen) -> list[str]:
    house = seen.house
    booked = {row["receipt"]: row for row in house.rows("SELECT * FROM receipts")}
    entries = house.rows(
        "SELECT key, count(*) AS entries FROM idempotency_keys WHERE scope = 'receipt' AND seq IS NOT NULL GROUP BY key"
    )
    counted = {row["key"]: row["entries"] for row in entries}
    broken = [f"{one} has {number} entries" for one, number in counted.items() if number != 1]
    for receipt, one in seen.moved.items():
        if receipt in booked and counted.get(receipt) == 1:
            continue
        broken.append(f"{receipt} ({one['kind']}, {one['reference']}) is not booked")
    told = house.rows(
        "SELECT dedupe_key FROM notifications WHERE template = 'contribution_received' "
        "GROUP BY dedupe_key HAVING count(*) <> 1"
    )
    broken += [f"{row['dedupe_key']} is told several times" for row in told]
    ours = {row["receipt"]: row for row in house.rows("SELECT * FROM payouts WHERE state = 'paid'")}
    for one in seen.truth["payouts"]:
        mine = ours.get(one["receipt"])
        if mine is None or mine["paid_cents"] != one["amount_cents"]:
            broken.append(f"the payout {one['receipt']} ({one['originator_conversation_id']}) is not booked")
    return broken


def nothing_is_credited_that_did_not_move(seen: Seen) -> list[str]:
    moved, broken = seen.moved, []
    expected = {receipt: whose for one in seen.rounds for receipt, whose in one.whose.items()}
    rows = seen.house.rows(
        "SELECT r.receipt, r.amount_cents, r.attempt_id, p.credited, a.account_reference, i.member_id "
        "FROM receipts r LEFT JOIN payment_attempts a ON a.id = r.attempt_id "
        "LEFT JOIN payment_intents i ON i.id = a.intent_id CROSS JOIN LATERAL (SELECT sum(p.amount_cents) AS cents, "
        "min(c.owner_member_id) AS credited FROM entries e JOIN postings p ON (p.book_id, p.season, p.seq) = "
        "(e.book_id, e.season, e.seq) JOIN accounts c ON c.id = p.account_id "
        "WHERE (e.book_id, e.seq) = (r.book_id, r.seq) AND p.amount_cents < 0) AS p"
    )
    paid_out = {one["receipt"] for one in seen.truth["payouts"]}
    for row in seen.house.rows("SELECT receipt, originator FROM payouts WHERE state = 'paid'"):
        if row["receipt"] not in paid_out:
            broken.append(f"the payout {row['receipt']} is booked and never moved")
    references = {
        row["account_reference"]: row["member_id"]
        for row in seen.house.rows(
            "SELECT a.account_reference, i.member_id FROM payment_attempts a "
            "JOIN payment_intents i ON i.id = a.intent_id"
        )
    }
    asked = {row["receipt"] for row in seen.house.rows("SELECT receipt FROM inquiries WHERE receipt IS NOT NULL")}
    for row in rows:
        one = moved.get(row["receipt"])
        if one is None:
            broken.append(f"{row['receipt']} is booked and never moved")
        elif one["amount_cents"] != row["amount_cents"]:
            broken.append(f"{row['receipt']} moved {one['amount_cents']}, booked are {row['amount_cents']}")
        else:
            whose = expected.get(row["receipt"], {references.get(one["reference"]), None})
            # Somebody named it before its own notice came, and Safaricom confirmed it without an account: it waits in
            # suspense for its owner, and is nobody else's.
            named = row["credited"] is None and row["receipt"] in asked
            if row["credited"] not in whose and not named:
                broken.append(f"{row['receipt']} is member {row['credited']}'s, and should be one of {whose}")
    return broken


def each_wish_has_one_effect(seen: Seen) -> list[str]:
    """A prompt that is paid twice was sent twice, and a payout too: what the books say of it is another question."""
    paid: dict[str, int] = {}
    for one in seen.truth["receipts"]:
        if one["kind"] == "stk":
            paid[one["reference"]] = paid.get(one["reference"], 0) + 1
    broken = [f"the wish {reference} was paid {times} times" for reference, times in paid.items() if times > 1]
    ordered = {row["originator"] for row in seen.house.rows("SELECT originator FROM payouts")}
    names = [one["originator_conversation_id"] for one in seen.truth["payouts"]]
    broken += [f"nobody ordered the payout {name}" for name in names if name not in ordered]
    return broken + [f"{name} was paid {names.count(name)} times" for name in ordered if names.count(name) > 1]


def the_books_are_sound(seen: Seen) -> list[str]:
    """Postings sum to zero, floats are what came in, and every other check of `pesachama verify`."""
    broken = [f"{one.name}: {one.detail}" for one in checks.all_findings(seen.house.worker) if not one.ok]
    (row,) = seen.house.rows(
        "SELECT coalesce(sum(debits_posted_cents - credits_posted_cents), 0)::bigint AS cents FROM accounts "
        "WHERE code LIKE 'mpesa%%'"
    )
    utility = seen.truth["balances"]["paybill"]["utility_cents"]
    if row["cents"] != utility:
        broken.append(f"Safaricom holds {utility} cents for us, and our floats are {row['cents']}")
    return broken


def any_order_gives_the_same_state(seen: Seen) -> list[str]:
    """What is stored is the merge of all that was told, whatever the order it is taken in."""
    broken = []
    attempts = seen.house.rows("SELECT id, state, send_outcome, parked_reason, sent_at FROM payment_attempts")
    told: dict[int, list[AttemptState]] = {}
    for row in seen.house.rows(
        "SELECT attempt_id, source, body FROM evidence WHERE attempt_id IS NOT NULL "
        "AND verdict IN ('applied', 'repeated', 'late') ORDER BY id"
    ):
        if row["source"] in PUSH_READERS:
            try:
                proposes = PUSH_READERS[row["source"]](row["body"]).proposes
            except Unreadable:
                continue
            told.setdefault(row["attempt_id"], []).append(proposes)
    held = {row["attempt_id"] for row in seen.house.rows("SELECT attempt_id FROM receipts")}
    # Another amount came: its callback is refused, and what it named is booked as nobody's prompt.
    otherwise = {
        row["attempt_id"]
        for row in seen.house.rows(
            "SELECT e.attempt_id FROM evidence e JOIN receipts r USING (receipt) WHERE e.source = 'stk_callback' "
            "AND e.verdict = 'refused' AND e.reason = 'wrong amount' AND r.attempt_id IS NULL"
        )
    }
    for one in attempts:
        heights = [*told.get(one["id"], []), known_at_least(one)]
        # A confirmation or a status result proves money under no token of the push's own.
        heights += [AttemptState.PAID] if one["id"] in held else []
        heights += [AttemptState.PAID_OTHERWISE] if one["id"] in otherwise else []
        ends = set()
        for order in range(ORDERS):
            state = AttemptState.CREATED
            for proposed in Random(order).sample(heights * 2, len(heights) * 2):
                state = merge(state, proposed)
            ends.add(state)
        if ends != {AttemptState(one["state"])}:
            broken.append(f"attempt {one['id']} is {one['state']}, and what was told says {sorted(ends)}")
    return broken


def known_at_least(attempt: dict[str, Any]) -> AttemptState:
    """What the sending itself left behind."""
    if attempt["parked_reason"]:
        return AttemptState.FAILED_FINAL
    if attempt["send_outcome"] == "accepted":
        return AttemptState.PENDING
    if attempt["send_outcome"] == "rejected" and attempt["state"] == "created":
        return AttemptState.CREATED
    if attempt["sent_at"] is None:
        # Answered before it was sent: an earlier prompt turned out to be paid, and this one never leaves.
        return AttemptState.FAILED_FINAL if attempt["send_outcome"] == "rejected" else AttemptState.CREATED
    return AttemptState.UNCLEAR


def paid_stays_paid(seen: Seen) -> list[str]:
    rows = seen.house.rows("SELECT id, state FROM payment_attempts WHERE id = ANY(%s)", sorted(seen.paid))
    rows += seen.house.rows("SELECT id, state FROM payouts WHERE id = ANY(%s)", sorted(seen.paid_out))
    return [f"{row['id']} was paid and is {row['state']}" for row in rows if row["state"] != "paid"]


def what_is_unclear_is_shown(seen: Seen) -> list[str]:
    """Every attempt has an end, or is asked about again, or was asked about for a day and is on the desk's list."""
    house = seen.house
    rows = house.rows(
        "SELECT a.id, a.state, (SELECT count(*) FROM inquiries q WHERE q.attempt_id = a.id AND q.receipt IS NULL "
        "AND (q.due_at IS NOT NULL OR q.kind = 'status')) AS asked FROM payment_attempts a "
        "WHERE a.state IN ('created', 'unclear', 'pending', 'proven')"
    )
    broken = [f"attempt {row['id']} is {row['state']} and nobody asks" for row in rows if not row["asked"]]
    shown = sum(span.count for span in watch.open_money(house.owner, at=house.worker.now()))
    listed = sum(row["state"] != "created" for row in rows)
    rows = house.rows(
        "SELECT id, state FROM payouts WHERE state IN ('sending', 'accepted', 'unknown') AND due_at IS NULL "
        "AND reason IS DISTINCT FROM 'asked for two days: left to people'"
    )
    broken += [f"payout {row['id']} is {row['state']} and nobody asks" for row in rows]
    return broken + ([f"{listed} are unclear, {shown} are shown"] if shown != listed else [])


def secrets_stay_out(seen: Seen) -> list[str]:
    house, own = seen.house, seen.house.settings
    secrets = {
        "a token": [token.encode() for token in house.tokens],
        "the passkey": [own.mpesa_passkey.encode()],
        "the SecurityCredential": [own.mpesa_security_credential.encode()],
        "the consumer secret": [own.mpesa_consumer_secret.encode()],
        "the paybill's secret": [own.callback_secret.encode()],
    }
    places = {"the logs": "\n".join(house.lines).encode()}
    for row in house.rows(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ):
        text = house.rows(f"SELECT string_agg(t::text, chr(10)) AS text FROM {row['name']} t")[0]["text"]  # noqa: S608
        places[row["name"]] = (text or "").encode()
    places["evidence's bodies"] = b"\n".join(row["body"] for row in house.rows("SELECT body FROM evidence"))
    for path in Path(own.spool_dir).glob("**/*.json"):
        places[f"the spool ({path.name[:6]})"] = path.read_bytes()
    index = pieces(secrets["a token"])
    return [
        f"{what} stands in {place}"
        for place, text in places.items()
        for what, values in secrets.items()
        if any(value in text for value in (values if what != "a token" else perhaps(text, index)))
    ]


def pieces(tokens: list[bytes]) -> dict[bytes, bytes]:
    """Whatever stands in a text whole has one of these at a multiple of PIECE there: all pieces of that length of each.

    Thousands of tokens are looked for in megabytes so; one search for each would be most of a wave of payouts.
    """
    return {token[at : at + PIECE]: token for token in tokens for at in range(len(token) - PIECE + 1)}


def perhaps(text: bytes, index: dict[bytes, bytes]) -> set[bytes]:
    """The tokens that may stand in the text; no other one does."""
    return {index[piece] for at in range(0, len(text), PIECE) if (piece := text[at : at + PIECE]) in index}


def leaves_say_nothing(seen: Seen) -> list[str]:
    """No leaf, and none of the hashes that go into one, is or holds a receipt, a number, its hash or Safaricom's id."""
    house = seen.house
    words = [one["receipt"] for one in seen.truth["receipts"]]
    words += [phone[1:] for one in seen.rounds for phone in [*(each.phone for each in one.group.members), one.stranger]]
    words += [row["id"] for row in house.rows("SELECT checkout_request_id AS id FROM payment_attempts") if row["id"]]
    forbidden = {hashlib.sha256(word.encode()).digest() for word in words}
    forbidden |= {hashlib.sha256(one).digest() for one in forbidden}
    found = house.rows("SELECT leaf AS hash FROM batch_leaves UNION ALL SELECT hash FROM entries")
    found += house.rows("SELECT commitment AS hash FROM entries UNION ALL SELECT root FROM batches")
    hashes = [bytes(row["hash"]) for row in found]
    broken = [f"{one.hex()[:12]} is the hash of something personal" for one in hashes if one in forbidden]
    kinds = " ".join({row["kind"] for row in house.rows("SELECT DISTINCT kind FROM entries")})
    return broken + [f"{word} stands in a kind of entry" for word in words if word in kinds]


PROPERTIES: dict[str, tuple[str, Callable[[Seen], list[str]]]] = {
    "P1": ("every receipt that Safaricom moved is in the books exactly once", every_receipt_is_booked_once),
    "P2": ("nothing is credited that did not move, and to nobody else", nothing_is_credited_that_did_not_move),
    "P3": ("each wish, and each payout, has at most one effect at Safaricom's", each_wish_has_one_effect),
    "P4": ("postings sum to zero, and our floats are what Safaricom holds for us", the_books_are_sound),
    "P5": ("any order and repetition of evidence gives the same state", any_order_gives_the_same_state),
    "P6": ("what is paid stays paid", paid_stays_paid),
    "P7": ("what is unclear is asked about, or shown to people", what_is_unclear_is_shown),
    "P8": ("no row and no log holds a secret or a whole token", secrets_stay_out),
    "P9": ("no leaf gives away a receipt, a number, its hash or an id of Safaricom's", leaves_say_nothing),
}


def broken(seen: Seen) -> dict[str, list[str]]:
    """The properties that do not hold, with a few of the exceptions each."""
    found = {name: look(seen) for name, (_, look) in PROPERTIES.items()}
    return {name: exceptions[:NAMED] for name, exceptions in found.items() if exceptions}
