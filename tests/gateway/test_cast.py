"""The people of the demo are whole: in the register, in the books, and no trace of M-PESA."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.cycle import rounds
from chamas.dues import holdings, owing
from chamas.members import pins, register, standing
from chamas.members.pins import PinCheck
from chamas.verify import verify
from gateway.demo import cast
from gateway.desk import board, passwords
from gateway.wiring import Wiring
from ledger.nairobi import EAT
from tests.instruments import START, HandClock

PASSWORD = "a password for this test"


@pytest.fixture
def people(wiring: Wiring) -> list[dict[str, Any]]:
    return cast.seed(wiring, admin_password=PASSWORD)


def test_the_cast_has_everybody_it_promises(people: list[dict[str, Any]]) -> None:
    assert all(set(one) == {"id", "name", "phone", "role", "chama", "pin", "language"} for one in people)
    assert [(one["name"], one["role"]) for one in people[:3]] == [
        ("Amina", "chairperson"),
        ("Baraka", "treasurer"),
        ("Chebet", "secretary"),
    ]
    assert Counter(one["chama"] for one in people) == {"Umoja": 12, "Tumaini": 3, None: 1}
    assert Counter(one["role"] for one in people if one["chama"] == "Umoja")["member"] == 9
    assert {one["language"] for one in people} == {"en", "sw"}
    assert all(re.fullmatch(r"\+2547000000\d\d", one["phone"]) for one in people)
    assert all(len(one["name"]) <= 10 for one in people)
    assert (people[-1]["name"], people[-1]["phone"], people[-1]["role"]) == ("Daudi", "+254700000099", "stranger")


def test_the_stranger_is_a_stranger(conn: Connection[Any], people: list[dict[str, Any]]) -> None:
    assert register.find_by_phone(conn, "+254700000099") is None


def test_umoja_is_in_its_seventh_round_and_some_have_paid(conn: Connection[Any], people: list[dict[str, Any]]) -> None:
    amina = register.find_by_phone(conn, "+254700000001")
    assert amina is not None
    [home] = standing.memberships(conn, amina.id)
    assert (home.chama_number, home.chama_status) == ("48213", "active")
    listed = owing.who_has_paid(conn, home.chama_id, START)
    assert listed.round_number == 7
    assert [line.first_name for line in listed.paid] == ["Kiprop", "Akinyi", "Wairimu"]
    assert (listed.paid_cents, listed.due_cents) == (175_000, 600_000)
    dues = owing.dues(conn, home.id, START)
    assert (dues.owed_cents, dues.arrears_cents) == (50_000, 0)
    assert dues.turn_at == dues.closes_at


def test_tumaini_is_looking_for_members(conn: Connection[Any], people: list[dict[str, Any]]) -> None:
    zawadi = register.find_by_phone(conn, "+254700000010")
    assert zawadi is not None
    [home] = standing.memberships(conn, zawadi.id)
    assert (home.chama_number, home.chama_status, home.role) == ("51907", "recruiting", "chairperson")
    assert rounds.active_round(conn, home.chama_id) is None


def test_the_money_is_in_the_books_and_m_pesa_never_saw_it(conn: Connection[Any], people: list[dict[str, Any]]) -> None:
    assert all(finding.ok for finding in verify(conn))
    entries, receipts, notices = conn.execute(
        "SELECT (SELECT count(*) FROM entries WHERE kind = 'opening'), (SELECT count(*) FROM receipts), "
        "(SELECT count(*) FROM notifications)"
    ).fetchall()[0]
    assert (entries, receipts, notices) == (12 + 6, 0, 0)


def test_everybody_has_the_pin_of_the_list(conn: Connection[Any], wiring: Wiring, people: list[dict[str, Any]]) -> None:
    for one in people[:-1]:
        person = register.find_by_phone(conn, one["phone"])
        assert person is not None
        checked = pins.check_pin(conn, person.id, one["pin"], pepper=wiring.settings.pin_pepper, at=START)
        assert checked is PinCheck.RIGHT


def test_the_admin_signs_in(conn: Connection[Any], people: list[dict[str, Any]]) -> None:
    [(password_hash, role)] = conn.execute(
        "SELECT password_hash, platform_role FROM users WHERE email = 'admin@umoja.example'"
    ).fetchall()
    assert role == "admin"
    assert passwords.matches(password_hash, PASSWORD)


def test_a_second_start_finds_everything_there(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, people: list[dict[str, Any]]
) -> None:
    clock.advance(3_600)
    assert cast.seed(wiring, admin_password=PASSWORD) == people
    assert conn.execute("SELECT count(*) FROM users").fetchall() == [(16,)]
    assert conn.execute("SELECT count(*) FROM entries").fetchall() == [(12 + 6,)]


def test_a_start_without_somebody_lists_the_others(
    conn: Connection[Any], wiring: Wiring, people: list[dict[str, Any]]
) -> None:
    conn.execute("UPDATE users SET phone = NULL, status = 'erased' WHERE first_name = 'Barasa'")
    again = cast.seed(wiring, admin_password=PASSWORD)
    assert [one["name"] for one in people if one not in again] == ["Barasa"]


@pytest.mark.parametrize("hours", range(0, 7 * 24, 5))
def test_the_seventh_round_is_open_and_leaves_some_days(hours: int) -> None:
    at = START + timedelta(hours=hours)
    closes = cast._first_opening(at) + timedelta(weeks=7)
    assert closes.astimezone(EAT).hour == 18
    assert timedelta(days=4) <= closes - at <= timedelta(days=6)


def test_the_seventh_round_has_opened(conn: Connection[Any], people: list[dict[str, Any]]) -> None:
    rows = conn.execute("SELECT opens_at, closes_at FROM rounds WHERE state = 'active'").fetchall()
    assert [opens < START < closes for opens, closes in rows] == [True]


def test_the_board_and_the_phones_name_the_same_sum(conn: Connection[Any], people: list[dict[str, Any]]) -> None:
    held = board.read(conn, START).held
    # Six pots of twelve have left: what is there is of the open round.
    assert (held.mpesa_cents, held.forward_cents, held.box_cents) == (0, 175_000, 0)
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE number = '48213'").fetchall()
    assert holdings.of_group(conn, book_id).cents == held.cents
    njeri = next(one["id"] for one in people if one["name"] == "Njeri")
    assert holdings.of_member(conn, njeri) == holdings.Hers(6 * 50_000, 12 * 50_000)
