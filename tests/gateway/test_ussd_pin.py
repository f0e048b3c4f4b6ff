"""The chama PIN on the phone: chosen, changed, asked for, counted; and nowhere to be found afterwards."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from flask import Flask
from psycopg import Connection, sql

from chamas.members import pins, presence
from gateway import log
from gateway.app import create_app
from gateway.wiring import Wiring
from menus.phone import Phone
from tests.gateway.turns import NJERI
from tests.instruments import START, HandClock, SeededChance
from tests.menus import village
from tests.phones import phone_on
from tests.rows import tables

ASKED = "CON Type your CHAMA PIN (5 digits). Never your M-PESA PIN.\n1 Forgotten\n0 Back"
WRONG = "CON That CHAMA PIN is wrong.\nType your CHAMA PIN (5 digits). Never your M-PESA PIN.\n1 Forgotten\n0 Back"
PIN, OTHER = "73519", "60428"


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


def give_pin(wiring: Wiring, conn: Connection[Any], *, private: bool = False) -> None:
    pins.set_pin(conn, 4, PIN, phone=NJERI, pepper=wiring.settings.pin_pepper, at=START, chance=SeededChance())
    conn.execute("UPDATE users SET private_phone = %s WHERE id = 4", [private])


def is_hers(wiring: Wiring, conn: Connection[Any], pin: str) -> bool:
    found = pins.check_pin(conn, 4, pin, pepper=wiring.settings.pin_pepper, at=START)
    return found is pins.PinCheck.RIGHT


def test_she_chooses_one_and_it_is_written_nowhere(
    phone: Phone, conn: Connection[Any], web_wiring: Wiring, store: "redis.Redis", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone.dial("*384*123*6*4#")
    assert phone.screen.startswith("CON Choose a CHAMA PIN: 5 digits. It is not your M-PESA PIN.")
    for weak in ("12345", "33333", "00004"):
        assert phone.press(weak).startswith("CON Choose 5 digits that nobody guesses")
    assert phone.press(PIN) == "CON Type the same CHAMA PIN once more.\n0 Back"
    assert phone.press(OTHER).startswith("CON They differed.\nChoose a CHAMA PIN")
    assert phone.press(PIN) == "CON Type the same CHAMA PIN once more.\n0 Back"
    assert phone.press(PIN) == (
        "END Your CHAMA PIN is set. Tell nobody, no official either. Forgotten? Call 0800 000 000"
    )
    assert is_hers(web_wiring, conn, PIN)
    event = {"sessionId": phone.session, "phoneNumber": NJERI, "status": "Success", "input": phone.text}
    create_app(web_wiring).test_client().post("/ussd/events", data=event)
    names = list(store.scan_iter())
    readers = {b"hash": store.hgetall, b"stream": store.xrange}
    kept = [str(readers.get(store.type(name), store.get)(name)) for name in names]
    rows = [
        str(conn.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))).fetchall())
        for table in tables(conn)
    ]
    lines = [log.JsonLines().format(record) for record in caplog.records]
    for pin in (PIN, OTHER):
        assert [text for text in (*kept, *rows, *lines) if pin in text] == []


def test_a_dialled_pin_is_never_taken(phone: Phone, conn: Connection[Any], web_wiring: Wiring) -> None:
    assert phone.dial(f"*384*123*6*4*{PIN}*{PIN}#").startswith("CON Choose a CHAMA PIN")
    give_pin(web_wiring, conn, private=True)
    assert phone.dial(f"*384*123*2*{PIN}#") == ASKED
    assert conn.execute("SELECT tries FROM pins").fetchone() == (0,)


def test_a_changed_pin_needs_the_old_one(phone: Phone, conn: Connection[Any], web_wiring: Wiring) -> None:
    give_pin(web_wiring, conn)
    phone.dial("*384*123*6*4#")
    assert phone.press("1") == ASKED
    assert phone.press(OTHER) == WRONG
    assert phone.press(PIN).startswith("CON Choose a CHAMA PIN")
    phone.press(OTHER)
    assert phone.press(OTHER).startswith("END Your CHAMA PIN is set.")
    assert is_hers(web_wiring, conn, OTHER)
    assert not is_hers(web_wiring, conn, PIN)


def test_names_and_balances_stand_behind_it_on_a_private_phone(
    phone: Phone, conn: Connection[Any], web_wiring: Wiring
) -> None:
    give_pin(web_wiring, conn, private=True)
    home = phone.dial("*384*123#")
    assert home.startswith("CON Umoja: names and amounts after your CHAMA PIN\n1 Contribute")
    for errand in ("2", "3", "5"):
        assert phone.dial(f"*384*123*{errand}#") == ASKED, errand
    assert phone.press("9999") == f"CON A CHAMA PIN has 5 digits. Never type your M-PESA PIN here.\n{ASKED[4:]}"
    assert phone.press(PIN).startswith("CON No payment of yours is here yet")
    assert phone.press("0").startswith("CON Umoja: paid 0 of 500")
    # She is the owner for the rest of this session, and contributing asked for nothing.
    assert phone.press("2").startswith("CON You in Umoja")
    assert phone.dial("*384*123*1*500#").startswith("CON Pay KES 500 to Umoja")


def test_three_wrong_ones_lock_it_over_all_sessions_and_repeats_count_once(
    phone: Phone, conn: Connection[Any], web_wiring: Wiring, clock: HandClock, store: "redis.Redis"
) -> None:
    give_pin(web_wiring, conn, private=True)
    for wrong in ("11112", "22223"):
        phone.dial("*384*123*2#")
        assert phone.press(wrong) == WRONG
        assert phone.repeat() == WRONG
        store.flushall()
        assert phone.repeat() == WRONG
    assert conn.execute("SELECT tries FROM pins").fetchone() == (2,)
    phone.dial("*384*123*2#")
    words = "CON Three wrong CHAMA PINs: locked until 2:17 PM. You can still contribute. Help: 0800 000 000"
    locked = f"{words}\n1 Forgotten\n0 Back"
    assert phone.press("33334") == locked
    assert phone.dial("*384*123*2#") == locked
    clock.advance(15 * 60)
    assert phone.dial("*384*123*2#") == ASKED
    assert phone.press(PIN).startswith("CON You in Umoja")


def test_nobody_is_led_past_a_pin_by_going_on(phone: Phone, conn: Connection[Any], web_wiring: Wiring) -> None:
    give_pin(web_wiring, conn, private=True)
    phone.dial("*384*123*2#")
    phone.press(PIN)
    phone.press("1")
    assert phone.dial("*384*123#").startswith("CON Umoja: names and amounts")


def test_a_session_lost_after_the_pin_asks_again_or_finds_that_it_was_right(
    phone: Phone, conn: Connection[Any], web_wiring: Wiring, store: "redis.Redis"
) -> None:
    give_pin(web_wiring, conn, private=True)
    phone.dial("*384*123*3#")
    shown = phone.press(PIN)
    store.flushall()
    assert phone.repeat() == shown
    assert phone.press("1").startswith("CON Not yet, 1-5 of 7")
    conn.execute("DELETE FROM ussd_actions")
    store.flushall()
    assert phone.press("0") == ASKED


def test_private_phone_is_turned_on_and_off(phone: Phone, conn: Connection[Any], web_wiring: Wiring) -> None:
    give_pin(web_wiring, conn)
    phone.dial("*384*123*6*4*2#")
    assert phone.press("1") == "END Private phone is on from your next dial."
    assert phone.dial("*384*123*2#") == ASKED
    phone.dial("*384*123*6*4#")
    assert phone.press("3") == ASKED
    assert phone.press(PIN).startswith("CON Show names and balances without a CHAMA PIN")
    assert phone.press("1") == "END Private phone is off from your next dial."
    assert phone.dial("*384*123*2#").startswith("CON You in Umoja")


def test_after_sixty_silent_days_the_number_may_be_somebody_elses(
    phone: Phone, conn: Connection[Any], web_wiring: Wiring, clock: HandClock
) -> None:
    assert phone.dial("*384*123*2#").startswith("CON You in Umoja")
    clock.advance(presence.SILENT_FOR / timedelta(seconds=1))
    assert phone.dial("*384*123*2#").startswith("CON You in Umoja")
    clock.advance(presence.SILENT_FOR / timedelta(seconds=1) + 1)
    assert phone.dial("*384*123*2#") == (
        "CON This number was silent for long and has no CHAMA PIN. An official must say that it is you.\n"
        "2 Go on\n0 Back 00 Home"
    )
    give_pin(web_wiring, conn)
    assert phone.dial("*384*123*2#") == ASKED
    # To dial proves nothing.
    assert phone.dial("*384*123*2#") == ASKED
    assert phone.press(PIN).startswith("CON You in Umoja")
    assert phone.dial("*384*123*2#").startswith("CON You in Umoja")


def test_a_dial_is_written_down_once_a_day(phone: Phone, conn: Connection[Any], clock: HandClock) -> None:
    seen = "SELECT user_id, seen_at FROM phones_seen"
    clock.advance(timedelta(days=2).total_seconds())
    phone.dial("*384*123#")
    first = conn.execute(seen).fetchall()
    assert first == [(4, clock.now())]
    clock.advance(3_600)
    phone.dial("*384*123#")
    assert conn.execute(seen).fetchall() == first
