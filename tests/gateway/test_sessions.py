"""The live session in Redis: what is stored comes back, and nobody overwrites what he has not seen."""

from collections.abc import Iterator

import pytest
import redis

from gateway.ussd.sessions import Names, Sessions
from menus.dialog import Go
from menus.steps import Session, Typed
from menus.visit import Caller, Membership

NAMES = Names.of(b"a secret", "ATUid_1", "+254700000004")
HERE = Go("contribute.amount", {"chama": 2})
SESSION = Session(
    caller=Caller(4, "Njeri", (Membership(2, "Umoja", 14, 3, True), Membership(5, "Tumaini", 31, 9, False))),
    language="sw",
    path=(Go("home.start", {}), HERE),
    choices={"1": Go("contribute.confirm", {"chama": 2, "cents": 500_00}), "2": Go("home", {}, "en")},
    typed=Typed(Go("contribute.confirm", {"chama": 2}), "cents", "amount"),
    hop=3,
)


@pytest.fixture
def sessions(redis_url: str) -> Iterator[Sessions]:
    with redis.Redis.from_url(redis_url) as client:
        yield Sessions(client)


def store(sessions: Sessions, before: str | None, text: str, session: Session, answer: str) -> bool:
    expected = None if before is None else NAMES.digest(before)
    digest = NAMES.digest(text)
    return sessions.commit(NAMES, expected=expected, digest=digest, length=len(text), session=session, answer=answer)


def test_what_is_stored_comes_back(sessions: Sessions) -> None:
    assert sessions.read(NAMES, NAMES.digest("")) == (None, 0, None, None, ())
    assert store(sessions, None, "1*5", SESSION, "CON Ndiyo?")
    assert sessions.read(NAMES, NAMES.digest("1*5")) == (NAMES.digest("1*5"), 3, SESSION, "CON Ndiyo?", ())
    assert sessions.read(NAMES, NAMES.digest("1*6")).answer is None


def test_a_stranger_keeps_no_card(sessions: Sessions) -> None:
    stranger = Session(None, "sw", (Go("stranger.welcome", {"language": None}),), {}, None, 0)
    assert store(sessions, None, "", stranger, "CON Karibu")
    assert sessions.read(NAMES, NAMES.digest("")).session == stranger


def test_who_comes_second_stores_nothing(sessions: Sessions) -> None:
    assert store(sessions, None, "", SESSION, "CON first")
    assert not store(sessions, None, "", SESSION, "CON second")
    assert store(sessions, "", "1", SESSION, "CON one")
    assert not store(sessions, "", "2", SESSION, "CON two")
    assert sessions.read(NAMES, NAMES.digest("2")) == (NAMES.digest("1"), 1, SESSION, None, ())
    assert sessions.read(NAMES, NAMES.digest("")).answer == "CON first"


def test_a_lost_session_is_not_brought_back_by_who_still_held_it(sessions: Sessions) -> None:
    assert not store(sessions, "1", "1*2", SESSION, "CON late")


def test_names_differ_by_secret_session_phone_and_text() -> None:
    names = {
        Names.of(secret, session_id, phone).digest(text)
        for secret in (b"a", b"b")
        for session_id in ("1", "2")
        for phone in ("+254700000001", "+254700000002")
        for text in ("", "1")
    }
    assert len(names) == 16
