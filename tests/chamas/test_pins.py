"""The chama PIN: what may be one, how it is kept, and how guessing slows down."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.members import pins
from chamas.members.pins import PinCheck, WeakPin
from tests.chamas.conftest import Village
from tests.instruments import START, SeededChance

PEPPER = "a pepper for this test"
PHONE = "+254700048271"


@pytest.fixture
def wanjiku(conn: Connection[Any], village: Village, chance: SeededChance) -> int:
    pins.set_pin(conn, village.user_ids[2], "71529", phone=PHONE, pepper=PEPPER, at=START, chance=chance)
    return village.user_ids[2]


def test_a_pin_that_anybody_would_try_is_refused(conn: Connection[Any], village: Village, chance: SeededChance) -> None:
    for pin in ("1234", "123456", "12345", "98765", "77777", "7152a", "٧١٥٢٩", "48271", ""):
        with pytest.raises(WeakPin):
            pins.set_pin(conn, village.user_ids[0], pin, phone=PHONE, pepper=PEPPER, at=START, chance=chance)
    assert conn.execute("SELECT count(*) FROM pins").fetchall() == [(0,)]


def test_the_database_alone_does_not_know_it(conn: Connection[Any], wanjiku: int) -> None:
    digest = conn.execute("SELECT hash FROM pins WHERE user_id = %s", [wanjiku]).fetchall()[0][0]
    assert digest.startswith("$argon2id$v=19$")
    assert "71529" not in digest
    assert pins.check_pin(conn, wanjiku, "71529", pepper="another pepper", at=START) is PinCheck.WRONG


def test_a_hash_copied_to_another_person_matches_nothing(conn: Connection[Any], village: Village, wanjiku: int) -> None:
    conn.execute(
        "INSERT INTO pins (user_id, hash, changed_at) SELECT %s, hash, changed_at FROM pins WHERE user_id = %s",
        [village.user_ids[0], wanjiku],
    )
    assert pins.check_pin(conn, village.user_ids[0], "71529", pepper=PEPPER, at=START) is PinCheck.WRONG


def test_three_wrong_tries_lock_it_for_longer_each_time(conn: Connection[Any], wanjiku: int) -> None:
    at = START
    for lock in (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=1)):
        for _ in range(3):
            assert pins.check_pin(conn, wanjiku, "00000", pepper=PEPPER, at=at) is PinCheck.WRONG
        assert pins.check_pin(conn, wanjiku, "71529", pepper=PEPPER, at=at) is PinCheck.LOCKED
        at += lock - timedelta(seconds=1)
        assert pins.check_pin(conn, wanjiku, "71529", pepper=PEPPER, at=at) is PinCheck.LOCKED
        at += timedelta(seconds=1)
    assert pins.check_pin(conn, wanjiku, "71529", pepper=PEPPER, at=at) is PinCheck.RIGHT


def test_the_right_one_starts_the_count_again(conn: Connection[Any], wanjiku: int) -> None:
    for typed in ("00000", "00000", "71529", "00000", "00000"):
        pins.check_pin(conn, wanjiku, typed, pepper=PEPPER, at=START)
    assert pins.check_pin(conn, wanjiku, "71529", pepper=PEPPER, at=START) is PinCheck.RIGHT


def test_who_has_none_is_told_so(conn: Connection[Any], village: Village) -> None:
    assert pins.check_pin(conn, village.user_ids[0], "71529", pepper=PEPPER, at=START) is PinCheck.NONE
