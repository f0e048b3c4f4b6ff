"""What a member is told when Redis or PostgreSQL is away, and that nothing is done twice or in silence."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from psycopg import Connection

from embedded.ports import free_port
from gateway import log
from gateway.app import create_app
from gateway.wiring import Wiring
from menus.phone import Phone
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on

NJERI = village.phone_of(4)
SORRY = "END Sorry, not possible now. Try later. Paying? Wait for our SMS. 0800 000 000, say "


@pytest.fixture
def umoja(conn: Connection[Any]) -> village.Village:
    return village.settle(conn, START)


@pytest.fixture
def without_redis(web_wiring: Wiring, umoja: village.Village) -> Iterator[Phone]:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    wiring = replace(web_wiring, settings=replace(web_wiring.settings, redis_url=nowhere))
    yield phone_on(create_app(wiring), NJERI)
    wiring.close()


@pytest.fixture
def without_postgres(web_wiring: Wiring) -> Iterator[Phone]:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    wiring = replace(web_wiring, settings=replace(web_wiring.settings, database_url=nowhere))
    yield phone_on(create_app(wiring), NJERI)
    wiring.close()


def references(conn: Connection[Any]) -> list[tuple[str, int | None]]:
    return conn.execute("SELECT reference, user_id FROM incidents WHERE place = 'ussd'").fetchall()


def test_without_redis_she_can_look(without_redis: Phone) -> None:
    assert without_redis.dial("*384*123#").startswith("CON Umoja: paid 0 of 500")
    assert without_redis.press("3").startswith("CON Umoja round 7")
    assert without_redis.press("1").startswith("CON Not yet, 1-5 of 9")
    assert without_redis.press("98").startswith("CON Not yet, 6-9 of 9")


def test_without_redis_nothing_is_done(without_redis: Phone, conn: Connection[Any]) -> None:
    assert without_redis.dial("*384*123*1*500#").startswith("CON Pay KES 500")
    said = without_redis.press("1")
    assert said.startswith(SORRY)
    ((reference, user),) = references(conn)
    assert user == 4
    assert reference in said
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (0,)


def test_without_postgres_a_new_dial_ends_in_both_languages(without_postgres: Phone) -> None:
    said = without_postgres.dial("*384*123#")
    assert said.startswith("END Samahani, jaribu tena baadaye. 0800 000 000, namba ")
    assert "\nSorry, try again later. 0800 000 000, say " in said


def test_without_postgres_screens_that_need_none_still_come(
    web_wiring: Wiring, without_postgres: Phone, umoja: village.Village
) -> None:
    here = phone_on(create_app(web_wiring), NJERI)
    here.dial("*384*123#")
    gone = replace(without_postgres, session=here.session, screen=here.screen, turns=1)
    assert gone.press("6").startswith("CON More\n1 Language")
    assert gone.press("3").startswith("CON Help: call 0800 000 000.")
    assert gone.press("0").startswith("CON More")
    assert gone.press("2").startswith(SORRY)


def test_a_turn_that_failed_can_be_sent_again(
    web_wiring: Wiring, umoja: village.Village, conn: Connection[Any]
) -> None:
    phone = phone_on(create_app(web_wiring), NJERI)
    phone.dial("*384*123*1*500#")
    conn.execute("ALTER TABLE payment_attempts RENAME TO hidden")
    assert phone.press("1").startswith(SORRY)
    ((_reference, user),) = references(conn)
    assert user == umoja.users[3]
    conn.execute("ALTER TABLE hidden RENAME TO payment_attempts")
    assert phone.repeat().startswith("END Now M-PESA asks: 500")
    assert conn.execute("SELECT count(*) FROM payment_intents").fetchone() == (1,)


def test_redis_that_comes_back_is_used_again(web_wiring: Wiring, umoja: village.Village, redis_url: str) -> None:
    phone = phone_on(create_app(web_wiring), NJERI)
    phone.dial("*384*123#")
    with redis.Redis.from_url(redis_url) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert phone.press("6").startswith("CON More")


def test_no_log_line_holds_a_phone_a_text_or_a_screen(
    web_wiring: Wiring, umoja: village.Village, conn: Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = phone_on(create_app(web_wiring), NJERI)
    phone.dial("*384*123#")
    phone.press("1")
    phone.press("73519")
    conn.execute("ALTER TABLE payment_attempts RENAME TO hidden")
    phone.press("1")
    lines = "\n".join(log.JsonLines().format(record) for record in caplog.records)
    assert '"screen": "contribute.confirm"' in lines
    assert '"way": "broken"' in lines
    for private in (NJERI[1:], NJERI[4:], "73519", phone.session, "Umoja", "Njeri"):
        assert private not in lines
