"""The half-years of Nairobi."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from ledger import seasons


@pytest.mark.parametrize(
    ("at", "season"),
    [
        ("2026-11-20T11:02:00", 20262),
        ("2026-06-30T20:59:59.999999", 20261),
        ("2026-06-30T21:00:00", 20262),
        ("2026-12-31T20:59:59.999999", 20262),
        ("2026-12-31T21:00:00", 20271),
    ],
)
def test_a_season_begins_at_midnight_in_nairobi(at: str, season: int) -> None:
    assert seasons.season_at(datetime.fromisoformat(at).replace(tzinfo=UTC)) == season


def test_each_season_begins_where_the_one_before_ends() -> None:
    season = 20262
    for _ in range(6):
        opening = seasons.opens_at(seasons.season_after(season))
        assert seasons.season_at(opening - timedelta(microseconds=1)) == season
        season = seasons.season_after(season)
        assert seasons.season_at(opening) == season


def test_opening_ahead_makes_this_season_and_the_next_once(conn: Connection[Any]) -> None:
    at = seasons.opens_at(20281)
    assert seasons.open_ahead(conn, at) == [20281, 20282]
    assert seasons.open_ahead(conn, at) == []
    for parent in ("entries", "postings"):
        partitions = conn.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1", [parent]
        ).fetchall()
        assert {(f"{parent}_20281",), (f"{parent}_20282",)} <= set(partitions)
