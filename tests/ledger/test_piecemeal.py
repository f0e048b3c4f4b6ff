"""Piece by piece: what puzzles leaves its name and nothing else, and the others are done."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import DeadlockDetected

from gateway.wiring import Wiring
from ledger.books import open_book
from ledger.piecemeal import work_off

Rows = Connection[Any]


def books(conn: Rows) -> list[str]:
    rows = conn.execute("SELECT name FROM books WHERE kind = 'shortcode' ORDER BY name").fetchall()
    return [name for (name,) in rows]


def test_one_that_puzzles_is_named_and_the_others_are_done(wiring: Wiring, conn: Rows) -> None:
    noted: dict[str, str] = {}
    lost = ["c"]

    def work(own: Rows, name: str) -> None:
        open_book(own, kind="shortcode", name=name, at=wiring.now())
        if name == "b":
            raise ValueError("0712345678 is in the row")
        if name in lost:
            lost.remove(name)
            raise DeadlockDetected

    def note(own: Rows, name: str, failure: str) -> None:
        open_book(own, kind="shortcode", name=f"noted {name}", at=wiring.now())
        noted[name] = failure

    assert work_off(wiring, lambda own: ["a", "b", "c"], work, note) == 3
    assert books(conn) == ["a", "c", "noted b"]
    assert noted == {"b": "ValueError"}


def test_while_postgresql_is_away_nobody_is_to_blame(wiring: Wiring, conn: Rows) -> None:
    def away(own: Rows, name: str) -> None:
        open_book(own, kind="shortcode", name=name, at=wiring.now())
        raise psycopg.OperationalError("away")

    def note(own: Rows, name: str, failure: str) -> None:
        raise AssertionError(name)

    with pytest.raises(psycopg.OperationalError):
        work_off(wiring, lambda own: ["a", "b"], away, note)
    assert books(conn) == []
