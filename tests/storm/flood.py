"""Spoilt bodies at every door where others call: none makes a 5xx, and each that was taken is there afterwards.

A wave is ten thousand POSTs to the app with a payment of every kind under way, so that some tokens are known. Then the
worker reads them all, and the books must be sound and as Safaricom's.
"""

import hashlib
import time
from collections import Counter
from random import Random

from payments import evidence
from payments.evidence.store import UNSETTLED
from payments.tokens import token_hash
from tests.storm.actions import push
from tests.storm.bodies import Sent, sent
from tests.storm.guard import Guard
from tests.storm.house import House
from tests.storm.people import Stage
from tests.storm.post import post
from tests.storm.wave import Report, a_house, rounds_of

BODIES = 10_000
GROUPS = 8
# Refused with words: no door, not this way, too large, cut off, too many, not a turn.
REFUSED = frozenset({400, 404, 405, 411, 413, 414, 415, 429})
# What we asked for ourselves.
OURS = ["stk_query", "pull"]
SOURCES = {
    ("stk", ""): "stk_callback",
    ("c2b", "validation"): "c2b_validation",
    ("c2b", "confirmation"): "c2b_confirmation",
}

Kept = Counter[tuple[str, bytes, bytes]]


def play(stage: Stage, seed: int, wave: int, count: int = BODIES, without: Guard | None = None) -> Report:
    """One wave of so many bodies."""
    begun = time.perf_counter()
    name = f"bodies {seed}/{wave}"
    draw = Random(name)
    report = Report(seed, wave, count)
    with a_house(stage, name, draw, GROUPS, without=without) as (house, people):
        for one in rounds_of(house, people, name):
            push(one)
        house.advance(5)
        house.work(draw)
        kept: Kept = Counter()
        before = stored(house)
        for number in range(count):
            one_post(house, draw, number, kept, report)
        house.work(draw)
        lost(before + kept, stored(house), report)
        puzzles(house, report)
    report.seconds = time.perf_counter() - begun
    return report


def one_post(house: House, draw: Random, number: int, kept: Kept, report: Report) -> None:
    one = sent(draw, house.settings.callback_secret, house.tokens)
    # Another address every few bodies: who sends a hundred strange ones is turned away, as another test shows.
    address = f"10.{number // 5_000}.{number // 20 % 250}.7"
    address = "127.0.0.1" if one.path in ("/ussd", "/ussd/events", "/sms/reports", "/sms/incoming") else address
    if number % 500 == 0:
        house.advance(301)
    more = dict(one.more) | {"CONTENT_LENGTH": "" if one.length is None else str(one.length)}
    status, answer = post(house.post.app, one.path, one.body, one.kind, address, **more)
    report.counts[f"answered {status}"] += 1
    if status == 200:
        identity = as_kept(one)
        if identity:
            kept[identity] += 1
        return
    if status not in REFUSED or not answer:
        report.broken.setdefault("no 5xx", []).append(f"{status} for {one.path[:20]} {one.body[:80]!r}")


def as_kept(one: Sent) -> tuple[str, bytes, bytes] | None:
    """How evidence knows this delivery; None for doors that keep nothing."""
    parts = one.path.split("/")
    if parts[1] != "pay":
        return None
    event = parts[4] if len(parts) > 4 else ""
    source = SOURCES.get((parts[2], event), f"{parts[2]}_{event}")
    token = parts[3].encode("latin-1").decode("utf-8", "replace")
    ready = evidence.receive(
        source=source,
        token=token,
        body=one.body[: 4 * evidence.BODY_BYTES],
        headers={},
        remote_ip=None,
        at=None,  # type: ignore[arg-type]
    )
    return source, token_hash(token), ready.body_sha256


def stored(house: House) -> Kept:
    rows = house.rows(
        "SELECT source, token_hash, body_sha256, seen_count FROM evidence WHERE NOT source = ANY(%s)", OURS
    )
    return Counter({(row["source"], row["token_hash"], row["body_sha256"]): row["seen_count"] for row in rows})


def lost(told: Kept, there: Kept, report: Report) -> None:
    """What was answered with 200 is stored, once each, with how often it came; a spooled question counts once."""
    report.counts["distinct bodies"] += len(there)
    for identity, times in told.items():
        if not there[identity] or (there[identity] != times and identity[0] != "c2b_validation"):
            report.broken.setdefault("no lost body", []).append(
                f"{identity[0]} {identity[2].hex()[:12]} came {times} times and is there {there[identity]} times"
            )
    for identity in there - told:
        report.broken.setdefault("no lost body", []).append(f"{identity[0]} is there and never came")


def puzzles(house: House, report: Report) -> None:
    """Everything is read or set aside with a reason, and none of it broke the reader."""
    rows = house.rows("SELECT source, reason FROM evidence WHERE starts_with(reason, %s)", UNSETTLED)
    rows += house.rows(
        "SELECT source, 'no reason' AS reason FROM evidence "
        "WHERE verdict NOT IN ('applied', 'repeated') AND reason IS NULL"
    )
    for row in rows:
        report.broken.setdefault("all is read", []).append(f"{row['source']}: {row['reason']}")
    for row in house.rows("SELECT verdict, count(*) AS many FROM evidence GROUP BY verdict"):
        report.counts[f"found {row['verdict']}"] += row["many"]
    incidents = house.rows("SELECT * FROM incidents")
    if incidents:
        report.broken["no incident"] = [str(row)[:200] for row in incidents]
    told = hashlib.sha256()
    for one in sorted(stored(house).items()):
        told.update(repr(one).encode())
    report.digest = told.hexdigest()[:16]
