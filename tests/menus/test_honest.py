"""Sentences that said what is not so, told by people who tried the phone: each is asked for as they did."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from psycopg import Connection

from chamas.members import pins
from gateway.app import create_app
from gateway.wiring import Wiring
from menus.phone import Phone
from tests.instruments import START, SeededChance
from tests.menus import village
from tests.phones import phone_on

PIN = "61834"


@pytest.fixture
def app(web_wiring: Wiring) -> Flask:
    return create_app(web_wiring)


def chosen(conn: Connection[Any], wiring: Wiring, user_id: int) -> None:
    """She has a PIN since long."""
    at = START - timedelta(days=30)
    pins.set_pin(conn, user_id, PIN, phone=None, pepper=wiring.settings.pin_pepper, at=at, chance=SeededChance())


def dialled(phone: Phone, keys: str, *answers: str) -> str:
    screen = phone.dial(f"*384*123*{keys}#" if keys else "*384*123#")
    for answer in answers:
        screen = phone.press(answer)
    return screen


def test_what_she_paid_of_an_older_round_is_said_and_not_only_taken_off(app: Flask, conn: Connection[Any]) -> None:
    settled = village.settle(conn, START)
    phone = phone_on(app, village.phone_of(4))
    conn.execute(
        "INSERT INTO contributions (round_id, member_id, due_cents, paid_cents, state) "
        "SELECT id, %s, 50000, 2000, 'pending' FROM rounds WHERE chama_id = %s AND number = 6",
        [settled.members[3], settled.chama_id],
    )
    assert "Umoja: paid 20 of 1,000, by " in dialled(phone, "")
    assert "Umoja, due 980" in dialled(phone, "1")
    conn.execute("UPDATE contributions SET paid_cents = 50000, state = 'paid' WHERE paid_cents = 2000")
    assert "Umoja: paid 0 of 500, by " in phone.press("00")


def test_before_the_start_nobody_is_told_a_turn_as_if_it_were_settled(app: Flask, conn: Connection[Any]) -> None:
    upendo = village.recruiting(conn, START)
    founder, second = (phone_on(app, village.phone_of(place)) for place in (10, 11))
    conn.execute("UPDATE chama_members SET status = 'confirmed' WHERE chama_id = %s", [upendo])
    conn.execute("UPDATE users SET language = 'en'")
    assert "Upendo has not started. So far you are number 1 of 3." in dialled(founder, "6*6")
    assert "Upendo has not started. So far you are number 3 of 3." in dialled(second, "6*6")
    assert "1. Zawadi\n2. Halima\n3. Juma" in dialled(second, "6*6*1").replace("Order, 1-3 of 3\n", "")
    conn.execute("""UPDATE rule_sets SET more = '{"order": "ballot"}' WHERE chama_id = %s""", [upendo])
    for phone in (founder, second):
        assert "you have no place in the order of payout yet" in dialled(phone, "6*6")


def test_a_turn_that_is_over_is_not_said_to_have_come(app: Flask, conn: Connection[Any]) -> None:
    village.settle(conn, START)
    conn.execute("UPDATE users SET language = 'en'")
    for place, said in (
        (7, "You had your turn. The next comes"),
        (4, "Your turn is now: 26 Nov"),
        (5, "Your turn: 3 Dec"),
    ):
        assert said in dialled(phone_on(app, village.phone_of(place)), "6*6"), place


def test_where_nobody_else_can_agree_nobody_is_said_to_be_asked(
    app: Flask, conn: Connection[Any], web_wiring: Wiring
) -> None:
    pair = village.settle(conn, START, people=("Amina", "Baraka"))
    conn.execute("UPDATE users SET language = 'en'")
    conn.execute("UPDATE chama_members SET role = 'member' WHERE number = 2")
    chosen(conn, web_wiring, pair.users[0])
    amina = phone_on(app, village.phone_of(1))
    told = dialled(amina, "7*3", "5", PIN)
    assert told == "END No other official is there to agree. Name one within 7 days: More, Rules, Officials."
    assert "Name Baraka as the treasurer? Baraka must accept." in dialled(amina, "7*6", "2", "1", "2")
    assert amina.press(PIN) == "END Asked. Nobody else has to agree: the member must accept."
    assert conn.execute("SELECT kind, needed FROM motions").fetchall() == [("naming", 0)]
    # With a second one in office the first order can be agreed on, and says so.
    conn.execute("UPDATE chama_members SET role = 'treasurer' WHERE number = 2")
    assert dialled(amina, "7*3", "6", PIN).startswith("END Another official must agree within 7 days")


def test_whoever_is_in_seven_chamas_can_pay_into_each(app: Flask, conn: Connection[Any]) -> None:
    for number in range(7):
        village.settle(
            conn, START + timedelta(minutes=number), name=f"Chama {number}", number=f"4821{number}", people=("Amina",)
        )
    amina = phone_on(app, village.phone_of(1))
    assert "98 More" in dialled(amina, "1", "3")
    assert "My chamas, 6-7 of 7\n6 Chama 5\n7 Chama 6" in amina.press("98")
    assert amina.press("7").startswith("CON Chama 6, due 500")
    assert "from this phone?" in amina.press("1")
    assert amina.press("1").startswith("END Now M-PESA asks: 500")
    assert conn.execute("SELECT c.name FROM payment_intents i JOIN chamas c ON c.id = i.chama_id").fetchall() == [
        ("Chama 6",)
    ]
