"""Mail and push over the wire: a real SMTP client and server, and the push service's HTTP v1 with its OAuth."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from psycopg import Connection

from chamas.members import register
from chamas.telling import inbox, notices, preferences
from chamas.telling.notices import Notice
from chamas.telling.preferences import Preferences, UnfitAddress, UnfitDevice
from gateway import mails
from gateway.delivery import Fate
from gateway.pushing import Pusher, read_answer
from gateway.settings import Settings
from gateway.wiring import Wiring
from tests.gateway.test_texts_words import NEWS
from tests.instruments import START, HandClock
from tests.simulator.client import Simulator

ADDRESS, DEVICE = "njeri@mail.example", "device-of-njeri"
RECEIPT = "Umoja: KES 500 received from Wanjiku 20/11. M-PESA TKK7RT61SV."


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    started = Simulator("http://127.0.0.1:1", ("--clock", START.isoformat())).start()
    yield started
    started.kill()


@pytest.fixture
def settings(settings: Settings, simulator: Simulator, clock: HandClock) -> Settings:
    simulator.post("/control/reset", seed=1)
    clock.at = datetime.fromisoformat(simulator.get("/control/clock")["now"])
    told = simulator.get("/control/messengers")
    account = json.dumps(told["firebase_config"])
    return replace(settings, smtp_url=told["smtp_url"], fcm_base_url=told["fcm_base_url"], firebase_config=account)


@pytest.fixture
def njeri(conn: Connection[Any]) -> int:
    """A member who wants mail and push, and no SMS."""
    person = register.create_person(conn, phone="+254700000004", first_name="Njeri", language="en", at=START)
    preferences.register_device(conn, person, DEVICE, at=START)
    preferences.choose(conn, person, Preferences(sms=False, email=ADDRESS, push=True), at=START)
    return person


@pytest.fixture
def tell(conn: Connection[Any], njeri: int, clock: HandClock) -> Callable[[str], int]:
    def queue(key: str) -> int:
        return notices.queue(conn, [Notice(key, "contribution_received", njeri, None, NEWS)], at=clock.now())

    return queue


def fates(conn: Connection[Any]) -> dict[str, tuple[str, int, str | None]]:
    rows = conn.execute("SELECT channel, state, tries, failure FROM notifications ORDER BY id").fetchall()
    return {channel: (state, tries, failure) for channel, state, tries, failure in rows}


def test_one_thing_is_told_once_by_each_way_that_she_wants(
    conn: Connection[Any], wiring: Wiring, simulator: Simulator, tell: Callable[[str], int]
) -> None:
    pusher = Pusher(wiring)
    assert [tell("receipt:A"), tell("receipt:A")] == [2, 0]
    assert [mails.send_due(wiring), pusher.send_due(), mails.send_due(wiring), pusher.send_due()] == [1, 1, 0, 0]
    [mail], [pushed] = simulator.get("/control/mail", to=ADDRESS), simulator.get("/control/push", to=DEVICE)
    assert mail["text"].startswith(RECEIPT) and mail["subject"] == pushed["title"] == "Umoja"
    assert pushed["body"] == mail["text"]
    assert fates(conn) == {"email": ("sent", 1, None), "push": ("sent", 1, None)}
    # A changed mind tells nothing a second time by another way.
    preferences.choose(conn, 1, Preferences(), at=START)
    assert tell("receipt:A") == 0


@pytest.mark.parametrize(
    ("api", "outcome", "state", "failure", "again"),
    [
        ("mail", "refused", "failed", "address refused 550", False),
        ("mail", "later", "queued", "address refused 451", True),
        ("mail", "answer_lost", "unclear", "SMTPServerDisconnected", True),
        ("push", "unregistered", "failed", "UNREGISTERED", False),
        ("push", "busy", "queued", "UNAVAILABLE", True),
        ("push", "token_invalid", "queued", "UNAUTHENTICATED", True),
        ("push", "answer_lost", "unclear", "ConnectionError", True),
    ],
)
def test_what_an_answer_proves_decides_whether_it_is_sent_again(
    *,
    conn: Connection[Any],
    wiring: Wiring,
    simulator: Simulator,
    clock: HandClock,
    tell: Callable[[str], int],
    api: str,
    outcome: str,
    state: str,
    failure: str,
    again: bool,
) -> None:
    send = {"mail": lambda: mails.send_due(wiring), "push": Pusher(wiring).send_due}[api]
    channel = {"mail": "email", "push": "push"}[api]
    tell("receipt:A")
    simulator.wish(outcome, api=api, phone="*")
    assert send() == 1
    assert (fates(conn)[channel][0], fates(conn)[channel][2]) == (state, failure)
    clock.advance(15 * 60)
    simulator.advance(15 * 60)
    assert send() == int(again)
    got = simulator.get(f"/control/{api}")
    # What was lost was taken all the same, so that it comes twice; never three times.
    assert len(got) == {"answer_lost": 2, "refused": 0, "unregistered": 0}.get(outcome, 1)
    assert len({mail.get("message_id") for mail in got}) <= 1
    assert send() == 0
    if outcome == "unregistered":
        assert preferences.devices(conn, 1) == []


def test_a_letter_that_cannot_be_written_holds_no_other_up(
    conn: Connection[Any], wiring: Wiring, simulator: Simulator, tell: Callable[[str], int]
) -> None:
    for key in ("receipt:A", "receipt:B", "receipt:C"):
        tell(key)
    conn.execute("UPDATE notifications SET arguments = '[]' WHERE dedupe_key = 'receipt:A'")
    conn.execute("UPDATE notifications SET template = 'unheard_of' WHERE dedupe_key = 'receipt:B'")
    assert [mails.send_due(wiring), Pusher(wiring).send_due()] == [3, 3]
    assert len(simulator.get("/control/mail")) == len(simulator.get("/control/push")) == 1
    failed = conn.execute("SELECT DISTINCT dedupe_key FROM notifications WHERE state = 'failed' ORDER BY 1").fetchall()
    assert failed == [("receipt:A",), ("receipt:B",)]


def test_without_server_device_or_address_it_is_said_on_the_screen(
    conn: Connection[Any], wiring: Wiring, njeri: int, tell: Callable[[str], int]
) -> None:
    poor = replace(wiring, settings=replace(wiring.settings, smtp_url="", firebase_config=""))
    tell("receipt:A")
    assert [mails.send_due(poor), Pusher(poor).send_due()] == [1, 1]
    assert {failure for _, _, failure in fates(conn).values()} == {"no mail server", "no push service"}
    conn.execute("UPDATE notifications SET state = 'queued', due_at = queued_at, tries = 0 WHERE channel = 'push'")
    preferences.lose_device(conn, DEVICE)
    assert Pusher(wiring).send_due() == 1
    assert fates(conn)["push"][2] == "no device"
    assert [one.template for one in inbox.unseen(conn, njeri)] == ["contribution_received"] * 2


def test_a_password_goes_to_nobody_in_the_open(
    conn: Connection[Any], wiring: Wiring, tell: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell("receipt:A")
    # As if the simulator, which offers no TLS, were not on this machine.
    monkeypatch.setattr(mails, "LOOPBACK", frozenset())
    mails.send_due(wiring)
    assert fates(conn)["email"] == ("queued", 0, "NoTls")


@pytest.mark.parametrize("answer", [None, [], {}, {"error": "x"}, {"error": {"details": "x"}}, {"name": 7}])
def test_an_answer_of_any_shape_is_read(answer: object) -> None:
    assert read_answer(200, answer).fate is Fate.SENT
    assert read_answer(404, answer).fate in (Fate.UNCLEAR, Fate.FAILED)


def test_only_addresses_and_tokens_are_kept(conn: Connection[Any], njeri: int) -> None:
    for address in ("", "njeri", "a@b\nBcc: all@x", "a b@c", "njëri@mail.example", "a@" + "b" * 300):
        with pytest.raises(UnfitAddress):
            preferences.choose(conn, njeri, Preferences(email=address), at=START)
    for token in ("", "x" * 4097, "a\nb", "ü"):
        with pytest.raises(UnfitDevice):
            preferences.register_device(conn, njeri, token, at=START)
    assert preferences.of(conn, njeri).email == ADDRESS
