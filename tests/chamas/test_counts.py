"""`pesachama assert-balance` and `pesachama positions` as an operator types them, by their effects on the rows."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection

from gateway import cli
from gateway.commands import environment
from gateway.settings import Settings
from gateway.wiring import Wiring
from tests.chamas.conftest import Till, Village
from tests.instruments import HandClock, SeededChance

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(
    settings: Settings, clock: HandClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Types a command and returns its exit status and what it printed."""
    monkeypatch.setattr(environment, "wiring", lambda process: Wiring(settings, process, clock, SeededChance()))

    def run(*words: str) -> tuple[int, str]:
        status = cli.main(words)
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return run


@pytest.fixture
def paid(till: Till, village: Village) -> Village:
    """KES 600 of a group, and KES 70 that belong to nobody yet."""
    till.arrive("QKA000001X", 600, village.member_ids[0])
    till.arrive("QKA000002X", 70, None)
    return village


def kept(conn: Connection[Any]) -> list[tuple[Any, ...]]:
    asked = "SELECT source, asserted_cents, found_cents, result, corrects_id FROM balance_assertions ORDER BY id"
    return conn.execute(asked).fetchall()


def test_what_mpesa_says_is_held_against_all_floats(conn: Connection[Any], paid: Village, typed: Typed) -> None:
    number = conn.execute("SELECT number FROM shortcodes").fetchall()[0][0]
    status, told = typed("assert-balance", "--shortcode", number, "--kes", "600")
    assert (status, "FAILED: KES 600 were there, the books held KES 670" in told) == (1, True)
    # Of the paybill's own KES 70, KES 70 are missing when M-PESA has what is the group's alone.
    line = "what was counted is what the books hold (1 looked at): not so for count 1 (mpesa_balance) of mpesa in book"
    assert f"FAIL {line}" in typed("verify")[1]
    assert typed("assert-balance", "--shortcode", number, "--kes", "670") == (
        0,
        "held: KES 670 were there and in the books (count 2)\n",
    )
    assert kept(conn) == [("mpesa_balance", 0, 7_000, "failed", None), ("mpesa_balance", 7_000, 7_000, "held", 1)]
    assert "ok   what was counted is what the books hold (2 looked at)" in typed("verify")[1]


def test_a_counted_cash_box_is_held_against_the_groups_account(
    conn: Connection[Any], paid: Village, typed: Typed
) -> None:
    group = ("--chama", str(paid.chama_id))
    status, told = typed("assert-balance", *group, "--account", "cash", "--kes", "0", "--source", "cash_count")
    assert (status, told) == (1, "This book has no such account.\n")
    [[code]] = conn.execute("SELECT code FROM accounts WHERE code LIKE 'mpesa:%%'").fetchall()
    group += ("--account", code, "--source", "cash_count")
    assert typed("assert-balance", *group, "--kes", "599.50")[0] == 1
    assert typed("assert-balance", *group, "--kes", "0", "--page", "0")[0] == 0
    assert typed("assert-balance", *group, "--kes", "600", "--corrects", "1")[0] == 0
    assert kept(conn) == [
        ("cash_count", 59_950, 60_000, "failed", None),
        ("cash_count", 0, 0, "held", None),
        ("cash_count", 60_000, 60_000, "held", 1),
    ]


def test_what_was_typed_wrong_is_said_and_keeps_nothing(conn: Connection[Any], paid: Village, typed: Typed) -> None:
    for words in (
        ("--chama", "1", "--kes", "5"),
        ("--chama", "1", "--kes", "5", "--account", "cash"),
        ("--shortcode", "600123", "--kes", "5", "--corrects", "1"),
        ("--shortcode", "600123", "--kes", "5", "--page", "1"),
        ("--shortcode", "600123", "--kes", "5", "--account", "cash"),
    ):
        assert typed("assert-balance", *words)[0] == 2
    for words, why in (
        (("--shortcode", "999999"), "there is no shortcode 999999"),
        (("--chama", "99", "--account", "cash", "--source", "cash_count"), "there is no chama 99"),
        (("--shortcode", "600123", "--by", "nobody@house.example"), "nobody signs in with the address of --by"),
    ):
        status, told = typed("assert-balance", "--kes", "5", *words)
        assert (status, told) == (1, why + "\n")
    with pytest.raises(SystemExit):
        typed("assert-balance", "--shortcode", "600123", "--kes", "five")
    assert kept(conn) == []


def test_positions_that_differ_are_named_and_made_anew(conn: Connection[Any], paid: Village, typed: Typed) -> None:
    rows = "SELECT * FROM positions ORDER BY book_id, account_id, season"
    right = conn.execute(rows).fetchall()
    assert typed("positions") == (0, "ok   I16 positions equal their postings\n")
    conn.execute("UPDATE positions SET debits_cents = debits_cents + 5 WHERE debits_cents > 0")
    status, told = typed("positions")
    assert (status, told.count("FAIL account "), "FAIL I16" in told) == (1, 2, True)
    status, told = typed("positions", "--rebuild")
    assert (status, told.count("1 rows made anew"), told.endswith("ok   I16 positions equal their postings\n")) == (
        0,
        2,
        True,
    )
    assert conn.execute(rows).fetchall() == right
