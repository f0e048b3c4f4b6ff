"""The USSD door against a real Redis and a real PostgreSQL: repeats, races, losses and bad input, by their effects."""

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from flask import Flask
from psycopg import Connection

from gateway.app import create_app
from gateway.wiring import Wiring
from menus.phone import Phone
from tests.gateway.turns import GOOD, NJERI, post
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on


@pytest.fixture
def umoja(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START, paid=(1, 2))


@pytest.fixture
def app(web_wiring: Wiring, umoja: village.Village) -> Iterator[Flask]:
    yield create_app(web_wiring)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return phone_on(app, NJERI)


@pytest.fixture
def store(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def wishes(conn: Connection[Any]) -> list[tuple[int, str]]:
    """Every push that was asked for: cents and state."""
    return conn.execute(
        "SELECT a.amount_cents, a.state FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id"
    ).fetchall()


def test_a_member_contributes(phone: Phone, conn: Connection[Any]) -> None:
    assert phone.dial("*384*123#").startswith("CON Umoja: paid 0 of 500, by Thu\n")
    phone.press("1")
    phone.press("1")
    assert wishes(conn) == []
    assert phone.press("1").startswith("END Now M-PESA asks: 500 to PESACHAMA, account UMOJA")
    assert wishes(conn) == [(500_00, "created")]


def test_a_repeated_turn_gets_its_answer_again(phone: Phone, conn: Connection[Any]) -> None:
    for keys in ("*384*123#", "1", "500", "1"):
        first = phone.dial(keys) if keys.startswith("*") else phone.press(keys)
        assert phone.repeat() == first
    assert wishes(conn) == [(500_00, "created")]


def test_a_repeated_turn_is_told_the_same_although_the_world_moved_on(phone: Phone, conn: Connection[Any]) -> None:
    first = phone.dial("*384*123#")
    conn.execute("UPDATE contributions SET paid_cents = due_cents, state = 'paid'")
    assert phone.repeat() == first
    assert phone.dial("*384*123#").startswith("CON Umoja: paid 500 of 500")


def test_eight_copies_of_every_turn_make_one_wish(app: Flask, conn: Connection[Any]) -> None:
    for text in ("", "1", "1*500", "1*500*1"):
        shown = []

        def deliver(text: str = text, shown: list[str] = shown) -> None:
            shown.append(post(app, urlencode({**GOOD, "text": text})))

        threads = [threading.Thread(target=deliver) for _copy in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(shown) == 8
        assert len(set(shown)) == 1, shown
    assert wishes(conn) == [(500_00, "created")]


@pytest.mark.parametrize("lost_after", [1, 2, 3, 4])
def test_a_lost_session_costs_nothing_and_never_pays_twice(
    phone: Phone, store: "redis.Redis", conn: Connection[Any], lost_after: int
) -> None:
    for turn, keys in enumerate(("*384*123#", "1", "500", "1"), 1):
        shown = phone.dial(keys) if turn == 1 else phone.press(keys)
        if turn == lost_after:
            store.flushall()
            again = phone.repeat()
            assert again == shown
    if phone.open:
        # What was lost was the screen that asks: it is asked again, and only an answer to it acts.
        phone.press("1")
    assert wishes(conn) == [(500_00, "created")]


def test_a_session_lost_before_the_yes_is_asked_again(
    phone: Phone, store: "redis.Redis", conn: Connection[Any]
) -> None:
    phone.dial("*384*123#")
    phone.press("1")
    asked = phone.press("500")
    store.flushall()
    assert phone.press("1") == asked
    assert wishes(conn) == []
    assert phone.press("1").startswith("END Now M-PESA asks: 500")
    assert wishes(conn) == [(500_00, "created")]


def test_a_turn_that_was_asked_again_never_acts_when_it_is_repeated(
    phone: Phone, store: "redis.Redis", conn: Connection[Any]
) -> None:
    phone.dial("*384*123#")
    phone.press("1")
    asked = phone.press("500")
    store.flushall()
    assert phone.press("1") == asked
    store.flushall()
    for text in ("", "1", "1*500", "1*500*1"):
        phone.text = text
        shown = phone.repeat()
    assert shown == asked
    assert wishes(conn) == []


def test_a_dialled_yes_is_not_taken(phone: Phone, conn: Connection[Any]) -> None:
    assert phone.dial("*384*123*1*500*1#").startswith("CON Pay KES 500 to Umoja from this phone?")
    assert wishes(conn) == []
    assert phone.press("1").startswith("END Now M-PESA asks: 500")
    assert len(wishes(conn)) == 1


def test_a_prompt_that_is_out_stops_a_dialled_string(phone: Phone, conn: Connection[Any]) -> None:
    phone.dial("*384*123*1*500#")
    phone.press("1")
    waiting = phone.dial("*384*123*1*500#")
    assert waiting.startswith("CON KES 500 to Umoja (2:02 PM) is still waiting for M-PESA.")
    assert phone.press("2").startswith("CON Umoja: paid 0 of 500")
    assert len(wishes(conn)) == 1


def test_a_refusal_is_said_on_the_same_screen(phone: Phone, conn: Connection[Any]) -> None:
    phone.dial("*384*123*1*500#")
    phone.press("1")
    conn.execute("UPDATE payment_attempts SET state = 'paid'")
    phone.dial("*384*123*1*500#")
    shown = phone.press("1")
    assert shown.startswith("CON You have just paid this amount. To pay the same again, wait 2 minutes.")
    assert len(wishes(conn)) == 1
    assert phone.press("0").startswith("CON Umoja, due 500")


def test_a_chama_that_does_not_run_takes_no_money(phone: Phone, conn: Connection[Any]) -> None:
    conn.execute("UPDATE chamas SET status = 'recruiting'")
    assert phone.dial("*384*123*1*500#").startswith("CON Umoja: nothing is asked for now.")
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (0,)


def test_another_phone_with_the_same_session_id_sees_itself(app: Flask, conn: Connection[Any]) -> None:
    post(app, urlencode({**GOOD, "text": ""}))
    other = post(app, urlencode({**GOOD, "phoneNumber": village.STRANGER, "text": "1"}))
    assert "Andika namba ya chama" in other


def test_a_text_that_was_never_continued_is_walked(phone: Phone) -> None:
    phone.dial("*384*123#")
    phone.press("2")
    phone.text = "3*1"
    assert phone.repeat().startswith("CON Not yet, 1-5 of 7")
    assert phone.press("0").startswith("CON Umoja round 7")


def test_an_older_text_does_not_move_the_session_back(phone: Phone, app: Flask) -> None:
    phone.dial("*384*123#")
    phone.press("3")
    phone.press("1")
    late = {**GOOD, "sessionId": phone.session, "networkCode": "99999", "text": "6"}
    assert post(app, urlencode(late)).startswith("CON More")
    assert phone.press("0").startswith("CON Umoja round 7")


def test_turns_that_were_never_delivered_are_walked_through(phone: Phone) -> None:
    phone.dial("*384*123#")
    phone.text = "3*1"
    assert phone.press("0").startswith("CON Umoja round 7")


def test_a_typed_star_is_an_answer_like_any_other(phone: Phone) -> None:
    phone.dial("*384*123#")
    phone.press("1")
    assert phone.press("*").startswith("CON Type whole shillings, digits only, 10 to 250,000.\nUmoja, due 500")
    assert phone.press("500").startswith("CON Pay KES 500")


def test_the_language_she_chose_is_spoken_from_then_on(phone: Phone, store: "redis.Redis") -> None:
    phone.dial("*384*123*6*1#")
    assert phone.press("1").startswith("CON Umoja: umelipa 0 kati ya 500")
    store.flushall()
    assert phone.press("1").startswith("CON Umoja, unadaiwa 500")
    assert phone.dial("*384*123#").startswith("CON Umoja: umelipa")


def test_redis_holds_no_phone_no_text_and_forgets(phone: Phone, store: "redis.Redis") -> None:
    phone.dial("*384*123#")
    phone.press("1")
    phone.press("73519")
    (name,) = store.keys("ussd:*")
    kept = store.hgetall(name)
    values = {field: value for field, value in kept.items() if not value.startswith((b"CON ", b"END "))}
    for secret in (b"1*73519", NJERI.encode(), NJERI[4:].encode(), phone.session.encode()):
        assert all(secret not in each for pair in kept.items() for each in (*pair, name))
    assert b"contribute.confirm" in values[b"state"]
    assert 0 < store.ttl(name) <= 300


def test_airtel_is_told_what_to_do_instead(app: Flask, conn: Connection[Any]) -> None:
    airtel = phone_on(app, NJERI, network="63903")
    shown = airtel.dial("*384*123*1*500#")
    assert shown == (
        "END This line has no M-PESA. Pay KES 500 from an M-PESA line: paybill 600123, account 482134. "
        "Our SMS will come. Help: 0800 000 000"
    )
    assert wishes(conn) == []


def test_an_end_event_is_kept_once(app: Flask, conn: Connection[Any], phone: Phone) -> None:
    event = {
        "sessionId": "ATUid_1",
        "phoneNumber": NJERI,
        "status": "Incomplete",
        "cost": "KES 0.80",
        "durationInMillis": "192",
        "hopsCount": "3",
        "input": "1*12345",
        "date": "2026-10-09 12:17:37",
    }
    for status in ("Incomplete", "Success"):
        assert app.test_client().post("/ussd/events", data={**event, "status": status}).status_code == 200
    assert app.test_client().post("/ussd/events", data={"sessionId": "", "input": "x"}).status_code == 200
    rows = conn.execute("SELECT user_id, status, hops, duration_ms, cost_cents, ended_at FROM ussd_sessions").fetchall()
    assert rows == [(4, "Incomplete", 3, 192, 80, START)]
