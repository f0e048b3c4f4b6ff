"""SMS through a provider: everybody is told, nobody twice at once, and trouble with one message stays with it."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from chamas.members import register
from chamas.telling import couriers, notices
from chamas.telling.notices import Notice
from gateway import texts
from gateway.settings import Settings
from gateway.texts import send_due
from gateway.wiring import Wiring
from tests.gateway.test_texts_words import NEWS
from tests.instruments import START, HandClock
from tests.simulator.client import Simulator
from tests.simulator.gateway_double import Answer, GatewayDouble, Heard

WANJIKU = "+254700000005"


@pytest.fixture(scope="module")
def provider() -> Iterator[GatewayDouble]:
    """A provider that says whatever a test wants, and hears delivery reports as the gateway would."""
    double = GatewayDouble()
    yield double
    double.close()


@pytest.fixture(scope="module")
def simulator(provider: GatewayDouble) -> Iterator[Simulator]:
    started = Simulator(provider.url).start()
    yield started
    started.kill()


@pytest.fixture
def settings(settings: Settings, simulator: Simulator, provider: GatewayDouble) -> Settings:
    provider.reset()
    simulator.post("/control/reset", seed=1)
    return replace(
        settings, at_base_url=f"{simulator.url}/version1", at_username="sandbox", at_api_key="simulated-at-key"
    )


@pytest.fixture
def person(conn: Connection[Any]) -> int:
    return register.create_person(conn, phone=WANJIKU, first_name="Wanjiku", language="sw", at=START)


@pytest.fixture
def tell(conn: Connection[Any], person: int) -> Callable[[str], bool]:
    def queue(key: str) -> bool:
        return notices.queue(conn, [Notice(key, "contribution_received", person, None, NEWS)], at=START) == 1

    return queue


def state(conn: Connection[Any]) -> tuple[Any, ...]:
    return conn.execute("SELECT state, tries, failure FROM notifications").fetchall()[0]


def elsewhere(wiring: Wiring, url: str) -> Wiring:
    return replace(wiring, settings=replace(wiring.settings, at_base_url=url))


def test_an_sms_arrives_once_and_its_report_makes_it_delivered(
    conn: Connection[Any],
    wiring: Wiring,
    simulator: Simulator,
    provider: GatewayDouble,
    tell: Callable[[str], bool],
) -> None:
    assert [tell("receipt:A"), tell("receipt:A")] == [True, False]
    assert [send_due(wiring), send_due(wiring)] == [1, 0]
    [sms] = simulator.get("/control/sms", phone=WANJIKU)
    assert sms["text"].startswith("Umoja: tumepokea KES 500, Wanjiku 20/11. M-PESA TKK7RT61SV.")
    assert conn.execute("SELECT state, cost_cents, language FROM notifications").fetchall() == [("sent", 80, "sw")]
    simulator.advance(5)
    [report] = provider.wait("/sms/reports")
    assert notices.record_report(
        conn, provider_id=report.form["id"], status=report.form["status"], failure=None, at=START
    )
    assert state(conn)[0] == "delivered"


def test_a_member_who_blocked_the_sender_is_not_asked_again(
    conn: Connection[Any], wiring: Wiring, simulator: Simulator, clock: HandClock, tell: Callable[[str], bool]
) -> None:
    tell("receipt:A")
    simulator.wish("blacklist", api="sms")
    assert send_due(wiring) == 1
    assert state(conn) == ("failed", 1, "UserInBlacklist")
    clock.advance(3_600)
    assert send_due(wiring) == 0


def test_nobody_at_home_means_not_sent(
    conn: Connection[Any], wiring: Wiring, simulator: Simulator, clock: HandClock, tell: Callable[[str], bool]
) -> None:
    tell("receipt:A")
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        nobody = elsewhere(wiring, f"http://127.0.0.1:{unheard.getsockname()[1]}")
        for seconds in (30, 60, 120):
            assert send_due(nobody) == 1
            assert state(conn)[:2] == ("queued", 0)
            clock.advance(seconds)
    assert send_due(wiring) == 1
    assert len(simulator.get("/control/sms", phone=WANJIKU)) == 1


def test_a_wrong_key_loses_nothing(conn: Connection[Any], wiring: Wiring, tell: Callable[[str], bool]) -> None:
    tell("receipt:A")
    send_due(replace(wiring, settings=replace(wiring.settings, at_api_key="wrong")))
    assert state(conn) == ("queued", 0, "key refused")


@pytest.mark.parametrize(
    "answer",
    [
        (500, "Oops", {}),
        (200, "<html>", {"Content-Type": "text/html"}),
        (200, "{", {"Content-Type": "application/json"}),
        (302, "", {"Location": "/elsewhere"}),
    ],
)
def test_what_is_unclear_is_sent_once_more_after_a_quarter_of_an_hour_and_never_again(
    *,
    conn: Connection[Any],
    wiring: Wiring,
    provider: GatewayDouble,
    clock: HandClock,
    tell: Callable[[str], bool],
    answer: Answer,
) -> None:
    tell("receipt:A")
    provider.say = lambda _: answer
    puzzling = elsewhere(wiring, provider.url)
    sent = []
    for _ in range(60):
        sent.append(send_due(puzzling))
        clock.advance(60)
    assert [minute for minute, one in enumerate(sent) if one] == [0, 15]
    assert state(conn)[:2] == ("unclear", 2)
    assert len(provider.on("/messaging")) == 2


def test_a_provider_that_does_not_answer_in_time_leaves_it_unclear(
    conn: Connection[Any],
    wiring: Wiring,
    provider: GatewayDouble,
    tell: Callable[[str], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(texts, "TIMEOUT_SECONDS", (0.2, 0.2))

    def slow(_: Heard) -> Answer:
        time.sleep(0.5)
        return 200, "", {}

    tell("receipt:A")
    provider.say = slow
    send_due(elsewhere(wiring, provider.url))
    assert state(conn) == ("unclear", 1, "ReadTimeout")


def test_everybody_sees_the_claim_while_the_provider_is_called(
    conn: Connection[Any], wiring: Wiring, provider: GatewayDouble, tell: Callable[[str], bool]
) -> None:
    tell("receipt:A")
    seen = []

    def look(_: Heard) -> Answer:
        seen.append(state(conn))
        return 500, "", {}

    provider.say = look
    send_due(elsewhere(wiring, provider.url))
    assert seen == [("unclear", 1, None)]


def test_a_crash_after_the_claim_sends_it_once_in_the_end(
    wiring: Wiring, simulator: Simulator, clock: HandClock, tell: Callable[[str], bool]
) -> None:
    tell("receipt:A")
    with wiring.transaction() as conn:
        couriers.claim_due(conn, at=clock.now(), limit=10)
    assert send_due(wiring) == 0
    clock.advance(15 * 60)
    assert [send_due(wiring), send_due(wiring)] == [1, 0]
    assert len(simulator.get("/control/sms", phone=WANJIKU)) == 1


def test_two_workers_share_the_work(wiring: Wiring, simulator: Simulator, tell: Callable[[str], bool]) -> None:
    for number in range(20):
        tell(f"receipt:{number}")
    workers = [threading.Thread(target=send_due, args=[wiring]) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(simulator.get("/control/sms", phone=WANJIKU)) == 20


def test_a_puzzling_notice_does_not_hold_up_the_next(
    conn: Connection[Any], wiring: Wiring, simulator: Simulator, tell: Callable[[str], bool]
) -> None:
    for key in ("receipt:A", "receipt:B", "receipt:C"):
        tell(key)
    conn.execute("UPDATE notifications SET template = 'unheard_of' WHERE dedupe_key = 'receipt:A'")
    conn.execute("UPDATE notifications SET arguments = '{}' WHERE dedupe_key = 'receipt:B'")
    assert send_due(wiring) == 3
    assert conn.execute("SELECT dedupe_key, state FROM notifications ORDER BY 1").fetchall() == [
        ("receipt:A", "failed"),
        ("receipt:B", "failed"),
        ("receipt:C", "sent"),
    ]
    assert len(simulator.get("/control/sms", phone=WANJIKU)) == 1


def test_a_person_without_a_phone_is_not_called(
    conn: Connection[Any], wiring: Wiring, person: int, tell: Callable[[str], bool]
) -> None:
    tell("receipt:A")
    conn.execute("UPDATE users SET phone = NULL WHERE id = %s", [person])
    assert send_due(wiring) == 1
    assert state(conn) == ("failed", 1, "no phone")


def test_the_number_stands_in_no_row_and_no_line(
    conn: Connection[Any], wiring: Wiring, tell: Callable[[str], bool], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tell("receipt:A")
    send_due(wiring)
    rows = conn.execute("SELECT notifications::text FROM notifications").fetchall()
    lines = [str(record.__dict__) for record in caplog.records]
    assert lines
    assert not [text for text in [*lines, str(rows)] if WANJIKU.lstrip("+") in text]
