"""Callbacks: accepted at the door, and drained into the books by one worker."""

import json
import time
import urllib.request
from collections.abc import Sequence
from itertools import cycle, islice

import psycopg

from bench import load, village
from bench.load import Sample, Void
from bench.pairs import Effort, Measure, Result, calm, compared, middle
from bench.stage import Stage
from bench.village import Payer
from chamas.arriving import arrivals
from ledger.wires import Connection
from payments import attempts, evidence, shortcodes
from payments.attempts import Attempt, Step
from payments.states import AttemptState
from payments.tokens import token_hash

AMOUNT_CENTS = 50_000
DRAIN_TARGET = 1_000


PAID_AT = 20261120140200


def body(number: str, phone: str) -> str:
    """What Safaricom posts when a member has paid KES 500; `number` makes ids and receipt its own."""
    items = [
        {"Name": "Amount", "Value": AMOUNT_CENTS // 100},
        {"Name": "MpesaReceiptNumber", "Value": f"{number}UK"},
        {"Name": "TransactionDate", "Value": PAID_AT},
        {"Name": "PhoneNumber", "Value": int(phone.lstrip("+"))},
    ]
    told = {
        "MerchantRequestID": f"bench-{number}",
        "CheckoutRequestID": f"ws_CO_{number}",
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": items},
    }
    return json.dumps({"Body": {"stkCallback": told}})


def accepted(stage: Stage, effort: Effort) -> Result:
    return compared(
        effort,
        title="STK callback accepted: stored and answered",
        unit="callbacks/s",
        against="Flask, one INSERT committed",
        least=0.7,
        ours=_delivered(stage, f"{stage.product()}/pay/stk/", effort),
        other=_delivered(stage, f"{stage.floor()}/callback/", effort),
    )


def accepted_calmly(stage: Stage, effort: Effort) -> Result:
    def delivered(per_second: int) -> Sample:
        return _delivered(stage, f"{stage.product()}/pay/stk/", effort, per_second)()

    return calm(effort, title="STK callback accepted, p99 at 500/s", per_second=500, most_ms=100, measure=delivered)


def _delivered(stage: Stage, url: str, effort: Effort, per_second: int | None = None) -> Measure:
    template = body("%s", stage.english_phones()[0])
    probe = urllib.request.Request(url + "f" * 64, b"{}", {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(probe, timeout=10) as answer:  # noqa: S310
        right = answer.read().decode()
    path = "/" + url.split("/", 3)[3]

    def measure() -> Sample:
        before = _kept(stage)
        arguments = [stage.numbers(10_000_000), path, template, right]
        sample = load.run(url, "callbacks", arguments, seconds=effort.seconds, per_second=per_second)
        if _kept(stage) - before < sample.rate * effort.seconds * 0.9:
            raise Void("answered more callbacks than were stored")
        return sample

    return measure


def _kept(stage: Stage) -> int:
    """Rows of evidence, and of the floor's table."""
    with psycopg.connect(stage.database) as conn, psycopg.connect(stage.floor_database) as floor:
        [(ours,)] = conn.execute("SELECT count(*) FROM evidence").fetchall()
        [(other,)] = floor.execute("SELECT count(*) FROM arrived").fetchall()
    return int(ours + other)


def drained(stage: Stage, effort: Effort) -> Result:
    group = village.settle(stage)
    sample = middle([_drain(stage, group, effort.rows) for _ in range(effort.pairs)])
    return Result(
        "Callback to booked and SMS queued, drained by one worker",
        "callbacks/s",
        "the target",
        sample.rate,
        DRAIN_TARGET,
        1.0,
        detail=f"{effort.rows:,} callbacks of {len(group)} members in {village.CHAMAS} chamas",
    )


def _drain(stage: Stage, payers: Sequence[Payer], count: int) -> Sample:
    """Attempts that wait, a callback kept for each, and then the time until all of them are booked."""
    first = stage.numbers(count)
    with stage.worker.transaction() as conn:
        conn.execute("UPDATE evidence SET due_at = NULL WHERE due_at IS NOT NULL")
        _prompt(stage, conn, list(islice(cycle(payers), count)), first)
    with stage.worker.transaction() as conn:
        for number, payer in zip(range(first, first + count), cycle(payers), strict=False):
            _keep(stage, conn, number, payer)
    begun = time.perf_counter()
    while evidence.read_due(stage.worker, arrivals.book):
        pass
    seconds = time.perf_counter() - begun
    with stage.worker.transaction() as conn:
        [(booked,)] = conn.execute(
            "SELECT count(*) FROM receipts JOIN notifications ON dedupe_key = 'receipt:' || receipt "
            "WHERE seq IS NOT NULL AND receipt BETWEEN %s AND %s",
            [f"{first:010d}UK", f"{first + count - 1:010d}UK"],
        ).fetchall()
    if booked != count:
        raise Void(f"{booked} of {count} callbacks were booked")
    return Sample(count / seconds)


def _prompt(stage: Stage, conn: Connection, payers: Sequence[Payer], first: int) -> None:
    """Pending attempts, as after pushes that Daraja accepted."""
    at = stage.worker.now()
    shortcode_id = shortcodes.first_id(conn)
    wished: list[Attempt] = []
    for number, payer in enumerate(payers, first):
        intent = {
            "shortcode_id": shortcode_id,
            "chama_id": payer.chama_id,
            "member_id": payer.member_id,
            "payer_id": payer.user_id,
            "purpose": "contribution",
            "amount_cents": AMOUNT_CENTS,
            "wish_key": number.to_bytes(32, "big"),
        }
        reference = f"{number:012d}"
        wished.append(attempts.add(conn, intent, phone=payer.phone, account_reference=reference, at=at, due_at=at))
    hashes = [token_hash(token(number)) for number in range(first, first + len(wished))]
    sent = attempts.move(
        conn,
        [
            Step(attempt, AttemptState.UNCLEAR, at, token_hash=hashed)
            for attempt, hashed in zip(wished, hashes, strict=True)
        ],
    )
    attempts.move(conn, [Step(attempt, AttemptState.PENDING, at) for attempt in sent])


def _keep(stage: Stage, conn: Connection, number: int, payer: Payer) -> None:
    evidence.keep(
        conn,
        source="stk_callback",
        token=token(number),
        body=body(f"{number:010d}", payer.phone).encode(),
        headers={"Content-Type": "application/json"},
        remote_ip="127.0.0.1",
        at=stage.worker.now(),
    )


def token(number: int) -> str:
    """64 lower-case hex digits, as in callbacks.lua."""
    return f"{number:064d}"
