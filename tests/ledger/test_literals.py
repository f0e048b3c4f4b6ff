"""Arrays as PostgreSQL reads them are the lists that they were made of."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from ledger.literals import hexes, instants, numbers, texts
from tests.instruments import START

INTEGERS = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=5)
WORDS = st.lists(st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=5)
TRICKY = ["", "NULL", "null", '"', "\\", '\\"', "{}", "a,b", " ", "\n", "Wanjikũ \U0001f600", "'", "%s", None]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(integers=INTEGERS, words=WORDS, bodies=st.lists(st.binary(), max_size=5))
def test_what_is_sent_is_what_was_meant(
    conn: Connection[Any], integers: list[int | None], words: list[str | None], bodies: list[bytes]
) -> None:
    row = conn.execute(
        "SELECT %s::bigint[], %s::text[], %s::text[], %s::bytea[]",
        [numbers(integers), texts(words), texts(TRICKY), hexes(bodies)],
    ).fetchone()
    assert row == (integers, words, TRICKY, bodies)


def test_an_instant_keeps_its_microsecond_and_needs_a_zone(conn: Connection[Any]) -> None:
    meant = [START, None, datetime(2026, 1, 1, 3, 0, 0, 1, tzinfo=timezone(timedelta(hours=3)))]
    conn.execute("SET DateStyle = 'German'; SET TimeZone = 'Asia/Kathmandu'")
    row = conn.execute("SELECT %s::timestamptz[] = %s::timestamptz[]", [instants(meant), meant]).fetchone()
    assert row == (True,)
    with pytest.raises(ValueError, match="zone"):
        instants([datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)])


def test_a_nul_is_refused(conn: Connection[Any]) -> None:
    with pytest.raises(psycopg.DataError):
        conn.execute("SELECT %s::text[]", [texts(["a\0b"])])
