"""After a drop: the next empty dial offers to go on, at a screen that only asks, and for a few minutes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from flask import Flask
from psycopg import Connection

from gateway.app import create_app
from gateway.ussd import sessions
from gateway.wiring import Wiring
from menus.phone import Phone
from tests.gateway.turns import GOOD, NJERI, post
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on

LOST = "END We have lost the place where you were. Nothing was done. Dial *384*123# again."
OFFER = "CON You were cut off at: {}. Go on there?\n8 Go on\n9 Menu"


@pytest.fixture(autouse=True)
def umoja(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START, paid=(1, 2))


@pytest.fixture
def app(web_wiring: Wiring) -> Flask:
    return create_app(web_wiring)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return phone_on(app, NJERI)


@pytest.fixture
def store(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def test_she_goes_on_where_she_was_and_back_leads_where_it_led(phone: Phone) -> None:
    phone.dial("*384*123#")
    phone.press("1")
    asked = phone.press("500")
    assert phone.dial("*384*123#") == OFFER.format("Contribute")
    assert phone.press("8") == asked
    assert phone.press("0").startswith("CON Umoja, due 500")
    assert phone.press("0").startswith("CON Umoja: paid 0 of 500")


def test_nothing_is_paid_by_going_on(phone: Phone, conn: Connection[Any]) -> None:
    phone.dial("*384*123*1*500#")
    phone.dial("*384*123#")
    phone.press("8")
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (0,)
    assert phone.press("1").startswith("END Now M-PESA asks: 500")
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (1,)


def test_the_menu_is_one_key_away_and_the_offer_is_made_once_more_only_after_a_drop(phone: Phone) -> None:
    phone.dial("*384*123*1*500#")
    assert phone.dial("*384*123#") == OFFER.format("Contribute")
    assert phone.dial("*384*123#") == OFFER.format("Contribute")
    assert phone.press("9").startswith("CON Umoja: paid 0 of 500")
    assert phone.dial("*384*123#").startswith("CON Umoja: paid 0 of 500")


@pytest.mark.parametrize("read", ["2", "3", "3*1", "6", "6*3", "6*6", "6*6*1", "6*2"])
def test_who_has_read_what_she_asked_for_is_offered_nothing(phone: Phone, read: str) -> None:
    phone.dial(f"*384*123*{read}#")
    assert phone.dial("*384*123#").startswith("CON Umoja: paid 0 of 500")


def test_an_answer_to_the_offer_is_never_taken_for_one_to_the_menu(phone: Phone, store: "redis.Redis") -> None:
    phone.dial("*384*123*1*300#")
    phone.dial("*384*123#")
    assert phone.press("8").startswith("CON Pay KES 300")
    store.flushall()
    assert phone.press("1") == LOST
    assert phone.dial("*384*123*1*300#").startswith("CON Pay KES 300")


def test_the_menu_chosen_at_an_offer_is_the_menu_when_the_offer_is_lost(phone: Phone, store: "redis.Redis") -> None:
    phone.dial("*384*123*1*300#")
    phone.dial("*384*123#")
    phone.press("9")
    store.flushall()
    assert phone.press("1").startswith("CON Umoja, due 500")
    store.flushall()
    assert phone.press("500").startswith("CON Pay KES 500")


def test_what_was_said_to_one_question_never_answers_another_when_old_turns_come_again(
    app: Flask, store: "redis.Redis", conn: Connection[Any]
) -> None:
    def turn(text: str) -> str:
        return post(app, urlencode({**GOOD, "text": text}))

    for text in ("", "1", "1*5"):
        shown = turn(text)
    assert shown.startswith("CON Type whole shillings")
    store.flushall()
    # The walk stops at the wrong amount: the 500 is left behind, and key 1 is the way to the question, not its yes.
    assert turn("1*5*500").startswith("CON Type whole shillings")
    assert turn("1*5*500*1").startswith("CON Pay KES 500")
    assert turn("1*5*500*1*2").startswith("CON Umoja, due 500")
    # The same turns once more, of which nobody knows that they were heard: now the 500 leads to the question.
    store.flushall()
    assert turn("1*5").startswith("CON Type whole shillings")
    assert turn("1*5*500").startswith("CON Pay KES 500")
    assert turn("1*5*500*1") == LOST
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (0,)


def test_a_dialled_string_is_never_stopped_by_it(phone: Phone) -> None:
    phone.dial("*384*123*1*500#")
    assert phone.dial("*384*123*1*500#").startswith("CON Pay KES 500")


def test_nobody_goes_back_behind_an_effect(phone: Phone, conn: Connection[Any]) -> None:
    phone.dial("*384*123*1*500#")
    phone.press("1")
    conn.execute("UPDATE payment_attempts SET state = 'failed_final'")
    assert phone.dial("*384*123#").startswith("CON Umoja: paid 0 of 500")
    phone.press("6")
    phone.press("1")
    phone.press("1")
    phone.press("3")
    assert phone.dial("*384*123#").startswith("CON Umoja: umelipa 0 kati ya 500")


def test_a_payment_that_waits_is_said_first(phone: Phone, conn: Connection[Any], umoja: village.Village) -> None:
    phone.dial("*384*123*1*500#")
    village.push_out(conn, umoja, place=4, cents=500_00, at=START)
    assert phone.dial("*384*123#").startswith("CON KES 500 to Umoja (2:02 PM) is still waiting for M-PESA.")
    assert phone.press("2").startswith("CON Umoja: paid 0 of 500")


def test_what_was_dialled_ahead_of_a_prompt_is_never_used(
    app: Flask, store: "redis.Redis", conn: Connection[Any], umoja: village.Village
) -> None:
    """The prompt has ended, the session is lost, and the network delivers the dialled turn, or a later one, again."""

    def turn(text: str) -> str:
        return post(app, urlencode({**GOOD, "text": text}))

    waiting = village.push_out(conn, umoja, place=4, cents=500_00, at=START)
    notice = turn("1*500")
    assert "still waiting for M-PESA" in notice
    assert "1 Check now" in notice
    conn.execute("UPDATE payment_attempts SET state = 'failed_final', due_at = NULL WHERE id = %s", [waiting.id])
    store.flushall()
    assert turn("1*500") == notice
    checked = turn("1*500*1")
    assert checked.startswith("CON Not paid: KES 500 to Umoja")
    store.flushall()
    assert turn("1*500*1") == checked
    turn("1*500*1*1")
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (1,)


def test_another_phone_is_offered_nothing(app: Flask, phone: Phone) -> None:
    phone.dial("*384*123*1*500#")
    assert phone_on(app, village.phone_of(3)).dial("*384*123#").startswith("CON Umoja: paid 0 of 500")
    assert phone_on(app, village.STRANGER).dial("*384*123#").startswith("CON Karibu.")


def test_it_is_forgotten_after_a_few_minutes_and_holds_no_phone(phone: Phone, store: "redis.Redis") -> None:
    phone.dial("*384*123*1*500#")
    (name,) = store.keys("ussd-left:*")
    assert 0 < store.ttl(name) <= 300
    assert NJERI[4:].encode() not in name + store.get(name)
    store.delete(name)
    assert phone.dial("*384*123#").startswith("CON Umoja: paid 0 of 500")


def test_who_is_out_of_the_chama_meanwhile_is_led_home(phone: Phone, conn: Connection[Any]) -> None:
    village.settle(conn, START, name="Tumaini", number="48214", people=("Njeri",), first_phone=4)
    phone.dial("*384*123*1*500#")
    phone.dial("*384*123#")
    conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE user_id = 4 AND chama_id = 2")
    assert phone.dial("*384*123#") == OFFER.format("Contribute")
    assert phone.press("8").startswith("CON Umoja: paid")


def test_an_erased_person_leaves_nothing_behind(phone: Phone, store: "redis.Redis") -> None:
    phone.dial("*384*123*1*500#")
    sessions.forget(store, 4)
    # The trail knows ids only, and who writes it down looks whether they are somebody.
    assert store.keys("*") == [b"ussd-trail"]
