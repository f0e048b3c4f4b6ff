"""`pesachama verify` as an operator types it: its lines, its exit status, its JSON, its bar."""

import io
import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from gateway import cli
from gateway.commands import environment, verify
from gateway.settings import Settings
from gateway.wiring import Wiring
from ledger import books
from tests.instruments import START, HandClock, SeededChance

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(
    settings: Settings, clock: HandClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Types a command and returns its exit status and what it printed."""
    monkeypatch.setattr(environment, "wiring", lambda process: Wiring(settings, process, clock, SeededChance()))

    def run(*words: str) -> tuple[int, str]:
        return cli.main(words), capsys.readouterr().out

    return run


def post(conn: psycopg.Connection[Any], numbers: range) -> None:
    """Entries of a book that concerns no other room: no member owns its accounts."""
    if numbers.start == 1:
        assert books.open_book(conn, kind="chama", name="Umoja", at=START) == 1
        for code in ("cash", "bank"):
            books.open_account(conn, book_id=1, code=code, kind="asset")
    lines = (books.Line(1, 100), books.Line(2, -100))
    for number in numbers:
        draft = books.Draft(1, "deposit", START, lines, "count", str(number))
        books.post(conn, draft, at=START, chance=SeededChance(number))


def test_a_sound_run_is_noted_and_the_next_takes_only_new_pages(conn: psycopg.Connection[Any], typed: Typed) -> None:
    post(conn, range(1, 6))
    status, told = typed("verify")
    assert status == 0
    assert "ok   I5 hashes are those of what entries say (5 looked at)" in told
    post(conn, range(6, 8))
    status, told = typed("verify", "--new")
    assert status == 0
    assert "ok   I5 hashes are those of what entries say (2 looked at)" in told
    assert "5 pages that an earlier run found sound were not hashed again" in told
    assert conn.execute("SELECT verified_seq FROM heads").fetchone() == (7,)


def test_a_broken_book_is_told_and_not_noted(conn: psycopg.Connection[Any], typed: Typed) -> None:
    post(conn, range(1, 4))
    conn.execute("ALTER TABLE entries_20262 DISABLE TRIGGER USER")
    conn.execute("UPDATE entries_20262 SET kind = 'x' WHERE seq = 2")
    status, told = typed("verify", "--all", "--json")
    answer = json.loads(told)
    assert (status, answer["ok"], answer["not_seen"]) == (1, False, "")
    [hashes] = [one for one in answer["findings"] if one["name"].startswith("I5")]
    assert hashes["detail"] == "not so for entry 2 of book 1, 1 in all"
    assert conn.execute("SELECT verified_seq FROM heads").fetchone() == (0,)
    assert typed("verify")[0] == 1


def test_the_bar_is_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for screen, drawn in (Terminal(), True), (io.StringIO(), False):
        monkeypatch.setattr(verify.sys, "stderr", screen)
        verify.bar(250, 1_000)
        assert ("##########.............................. 250 of 1,000 pages" in screen.getvalue()) is drawn
        verify.bar(1_000, 1_000)
        assert screen.getvalue().endswith("\r" if drawn else "")
