"""The jobs of the calendar that look at the books: what they find becomes an incident."""

from typing import Any

import pytest
from psycopg import Connection

from gateway.commands import seasons as command
from gateway.jobs import periodic
from gateway.wiring import Wiring
from ledger import books
from ledger import seasons as calendar
from tests.instruments import START, HandClock, SeededChance
from tests.ledger.umoja import open_umoja


def incidents(conn: Connection[Any]) -> list[tuple[str, str]]:
    return conn.execute("SELECT place, kind FROM incidents ORDER BY happened_at").fetchall()


def test_positions_that_differ_raise_an_incident(wiring: Wiring, conn: Connection[Any]) -> None:
    umoja = open_umoja(conn)
    books.post(conn, umoja.contribution("A", 500), at=START, chance=SeededChance())
    periodic.compare_positions(wiring, 0)
    assert incidents(conn) == []
    conn.execute("UPDATE positions SET debits_cents = debits_cents + 1 WHERE debits_cents > 0")
    periodic.compare_positions(wiring, 0)
    assert incidents(conn) == [("compare_positions", "PositionsDiffer")]
    # Nobody tidied the evidence away.
    assert conn.execute("SELECT max(debits_cents) FROM positions").fetchone() == (501,)


def test_seasons_are_opened_before_they_begin(wiring: Wiring, conn: Connection[Any], clock: HandClock) -> None:
    clock.at = calendar.opens_at(20271)
    periodic.open_ahead(wiring, 0)
    assert calendar.missing(conn, clock.at) == []
    assert incidents(conn) == []


def test_a_season_that_cannot_be_opened_raises_an_incident(
    wiring: Wiring, conn: Connection[Any], clock: HandClock
) -> None:
    clock.at = calendar.opens_at(20271)
    conn.execute("CREATE TABLE entries_20272 ()")
    periodic.open_ahead(wiring, 0)
    assert sorted(incidents(conn)) == [("open_seasons", "DuplicateTable"), ("open_seasons", "SeasonMissing")]


def test_the_jobs_stand_in_the_calendar(wiring: Wiring) -> None:
    assert {"open_seasons", "compare_positions", "verify_books"} <= set(periodic.build(wiring).tasks)


def test_the_operator_lists_and_moves_seasons(
    wiring: Wiring, conn: Connection[Any], clock: HandClock, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    clock.at = calendar.opens_at(20272)
    monkeypatch.setattr(command.environment, "wiring", lambda _process: wiring)
    assert told("archive", 20271) == 1
    assert told("archive", 20262) == 0
    assert "20262 from 01 Jul 2026: archived" in capsys.readouterr().out
    assert told("attach", 20262) == 0
    assert "20262 from 01 Jul 2026: over" in capsys.readouterr().out
    assert told("attach", None) == 2


def told(what: str, season: int | None) -> int:
    import argparse

    return command.run(argparse.Namespace(what=what, season=season))
