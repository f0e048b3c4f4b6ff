"""Check a payment: her own ones first, money without a name among them; by page; by M-PESA's code."""

from typing import Any

import pytest
from psycopg import Connection

from gateway.app import create_app
from gateway.wiring import Wiring
from menus.phone import Phone
from tests.gateway.turns import NJERI
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on


@pytest.fixture
def umoja(conn: Connection[Any]) -> village.Village:
    settled = village.settle(conn, START, paid=(1, 2))
    village.settle(conn, START, name="Tumaini", number="48214", people=("Zawadi",), first_phone=50)
    return settled


@pytest.fixture
def phone(web_wiring: Wiring, umoja: village.Village) -> Phone:
    return phone_on(create_app(web_wiring), NJERI)


def test_by_page_and_by_code(phone: Phone, conn: Connection[Any], umoja: village.Village) -> None:
    posted = village.pay(conn, umoja, place=5, cents=500_00, at=START)
    village.receipt(conn, "TKK7RT61SV", (umoja.book_id, posted.seq))
    booked = "CON Booked: KES 500 to Umoja for Wanjiku, 2:02 PM. M-PESA TKK7RT61SV. Page 1 "
    assert phone.dial("*384*123*5*3*1#").startswith(booked)
    phone.dial("*384*123*5*4#")
    assert phone.press("TKK7").startswith("CON An M-PESA code has 10 letters and numbers.\nType the 10 letters")
    assert phone.press("tkk7rt61sv").startswith(booked)
    assert phone.dial("*384*123*5*3*77#").startswith("CON No payment stands on page 77.")
    assert phone.dial("*384*123*5*4*TKK7RT61SX#").startswith("CON We have no such payment. If M-PESA took the money")


def test_money_of_another_group_is_not_there(phone: Phone, conn: Connection[Any], umoja: village.Village) -> None:
    other = village.one(conn, "SELECT book_id FROM chamas WHERE name = 'Tumaini'", [])
    village.receipt(conn, "TKK7RT61SV", (other, 1))
    assert phone.dial("*384*123*5*4*TKK7RT61SV#").startswith("CON We have no such payment.")


def test_money_without_a_name_is_shown_to_whom_it_may_belong(
    phone: Phone, conn: Connection[Any], umoja: village.Village
) -> None:
    village.unmatched(conn, umoja, place=4, code="TKK7RT61SV", cents=500_00)
    listed = phone.dial("*384*123*5#")
    assert listed.startswith("CON Which payment?\nNext time: *384*123*5#\n1 KES 500 2:02 PM, no name yet\n3 Page")
    said = "CON We have KES 500, 2:02 PM. It is not known yet whose it is: two officials of Umoja can give it to you."
    assert phone.press("1").startswith(said)
    assert phone.dial("*384*123*5*4*TKK7RT61SV#").startswith(said)
