"""A thousand turns delivered twice, five hundred callbacks delivered three times: no double effect, none lost.

`make test` takes a twelfth of both, `make test-full` all.
"""

import io
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from payments import pushes
from tests import district
from tests.whole import Seeded, Whole, running

HANDS = 8
TURNS = (80, pytest.param(1_000, marks=pytest.mark.full))
CALLBACKS = (40, pytest.param(500, marks=pytest.mark.full))

# What a member types in one session: reading errands, and a contribution in every fifth.
ERRANDS = (["2", "0", "3", "0", "6"], ["3", "1", "0", "0"], ["6", "0", "2", "0", "6"], ["5", "0", "3", "2", "0"])
CONTRIBUTION = ["1", "500", "1"]


@pytest.fixture
def hands() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(HANDS) as pool:
        yield pool


def post_turn(whole: Whole, session: str, phone: str, text: str) -> str:
    """One turn as Africa's Talking posts it; the answer must be a screen."""
    body = urlencode(
        {"phoneNumber": phone, "serviceCode": "*384*123#", "text": text, "sessionId": session, "networkCode": "63902"}
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(f"{whole.url}/ussd", data=body, headers=headers, timeout=20)
    assert answer.status_code == 200 and answer.text[:4] in ("CON ", "END ")
    return answer.text


def played_twice(whole: Whole, hands: ThreadPoolExecutor, session: str, phone: str, keys: list[str]) -> int:
    """One session, every turn from two hands at once; both must hear the same. Returns the number of turns."""
    texts = ["", *("*".join(keys[: count + 1]) for count in range(len(keys)))]
    for text in texts:
        first, second = hands.map(lambda _, said=text: post_turn(whole, session, phone, said), range(2))
        assert first == second, f"{text!r} was answered in two ways"
    return len(texts)


@pytest.mark.parametrize("least", TURNS)
def test_turns_each_delivered_twice(whole: Whole, hands: ThreadPoolExecutor, least: int) -> None:
    members = [person["phone"] for person in whole.people if person["chama"] == "Umoja"]
    random.Random(4).shuffle(members)
    # Contributions first: whom an errand left half-way is asked at her next dial whether to go on there.
    scripts = [(phone, CONTRIBUTION) for phone in members]
    turns = sum(len(keys) + 1 for _, keys in scripts)
    while turns < least:
        scripts.append((members[len(scripts) % len(members)], ERRANDS[len(scripts) % len(ERRANDS)]))
        turns += len(scripts[-1][1]) + 1

    def play(numbered: tuple[int, tuple[str, list[str]]]) -> int:
        number, (phone, keys) = numbered
        return played_twice(whole, hands, f"ATUid_{number:032x}", phone, keys)

    with ThreadPoolExecutor(HANDS // 2) as sessions:
        assert sum(sessions.map(play, enumerate(scripts))) >= least
    assert whole.value("SELECT count(*) FROM payment_intents") == len(members)
    whole.settle()
    pushed = whole.rows("SELECT count(*) AS pushes FROM payment_attempts WHERE sent_at IS NOT NULL")
    assert pushed == [{"pushes": len(members)}]
    assert whole.equals_truth()


@dataclass
class Recorder:
    """Stands between Safaricom and the app and keeps every STK callback, to deliver it again."""

    kept: list[tuple[str, bytes]] = field(default_factory=list)

    def around(self, app: Callable[..., Any]) -> Callable[..., Any]:
        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["PATH_INFO"].startswith("/pay/stk/"):
                body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                self.kept.append((environ["PATH_INFO"], body))
                environ["wsgi.input"] = io.BytesIO(body)
            return app(environ, start_response)

        return answer


@pytest.mark.parametrize("callbacks", CALLBACKS)
def test_callbacks_each_delivered_three_times(
    village_url: str, redis_url: str, tmp_path: Path, seeded: Seeded, hands: ThreadPoolExecutor, *, callbacks: int
) -> None:
    early = callbacks // 10
    recorder = Recorder()
    with running(village_url, redis_url, tmp_path, seeded.people, recorder.around) as whole:
        members = district.settle(whole.worker, callbacks)
        whole.simulator.wish("callback_early", phone="*", times=early)
        whole.simulator.wish("pays", phone="*", times=callbacks - early)
        with whole.worker.transaction() as conn:
            for member in members:
                pushes.wish(conn, wish_of(member), at=whole.worker.now(), chance=whole.worker.chance)
        whole.simulator.advance(pushes.PROMPT_AFTER.total_seconds())
        whole.refresh()
        while pushes.send_due(whole.worker):
            whole.refresh()
        whole.simulator.advance(5)
        assert len(recorder.kept) == callbacks
        deliveries = recorder.kept * 2
        random.Random(7).shuffle(deliveries)
        half = len(deliveries) // 2
        list(hands.map(lambda delivery: deliver(whole, delivery), deliveries[:half]))
        whole.settle()
        list(hands.map(lambda delivery: deliver(whole, delivery), deliveries[half:]))
        whole.settle()
        assert len(whole.truth()) == callbacks
        assert whole.equals_truth()
        assert whole.value("SELECT count(*) FROM allocations WHERE amount_cents = 50000") >= callbacks
        assert whole.value("SELECT min(seen_count) FROM evidence WHERE source = 'stk_callback'") == 3
        assert whole.value("SELECT count(*) FROM notifications") == callbacks


def wish_of(member: district.Member) -> pushes.Wish:
    return pushes.Wish(
        shortcode_id=member.shortcode_id,
        chama_id=member.chama_id,
        member_id=member.member_id,
        payer_id=member.user_id,
        phone=member.phone,
        amount_cents=district.SHILLINGS * 100,
        chama_name=member.chama_name,
        purpose="contribution",
        wish_key=member.user_id.to_bytes(32, "big"),
    )


def deliver(whole: Whole, delivery: tuple[str, bytes]) -> None:
    path, body = delivery
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    assert requests.post(whole.url + path, data=body, headers=headers, timeout=20).status_code == 200
