"""Statements: what is asked for and nothing else, page by page in both orders, over seasons."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from ledger import books, seasons, statements
from ledger.statements import Entry, Movement, Wanted
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja

NEW_YEAR = seasons.opens_at(20271)
WANJIKU, OTIENO = 5, 6


@pytest.fixture
def year(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Twelve entries: Wanjiku and Otieno pay by turns, every fourth a penalty; from the seventh on in a new season."""
    for number in range(1, 13):
        at = START + timedelta(hours=number) if number < 7 else NEW_YEAR + timedelta(hours=number)
        account = umoja.wanjiku if number % 2 else umoja.otieno
        draft = umoja.contribution(
            str(number),
            number * 100,
            kind="contribution" if number % 4 else "penalty",
            lines=(books.Line(umoja.mpesa, number * 100), books.Line(account, -number * 100)),
            occurred_at=at - timedelta(days=number),
        )
        books.post(conn, draft, at=at, chance=chance)
    return umoja


def walked(conn: Connection[Any], umoja: Umoja, wanted: Wanted, limit: int) -> list[Entry]:
    """The whole statement of the book, page by page."""
    seen: list[Entry] = []
    after = None
    while True:
        page = statements.of_book(conn, umoja.book_id, replace(wanted, after=after, limit=limit))
        seen += page
        if len(page) < limit:
            return seen
        after = page[-1].key


def numbers(rows: list[Entry] | list[Movement]) -> list[int]:
    return [row.entry for row in rows]


@pytest.mark.parametrize("limit", [1, 5, 12, 50])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_book_is_read_page_by_page(conn: Connection[Any], year: Umoja, limit: int, oldest_first: bool) -> None:
    rows = walked(conn, year, Wanted(oldest_first=oldest_first), limit)
    in_order = rows if oldest_first else rows[::-1]
    assert numbers(in_order) == list(range(1, 13))
    assert [row.amount_cents for row in in_order] == [number * 100 for number in range(1, 13)]
    assert [row.balance_after_cents for row in in_order] == [50 * n * (n + 1) for n in range(1, 13)]
    assert [row.season for row in in_order] == [20262] * 6 + [20271] * 6
    assert all(row.account is None and row.batch is None and row.code for row in rows)


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_members_statement_runs_on(conn: Connection[Any], year: Umoja, limit: int, oldest_first: bool) -> None:
    seen: list[Movement] = []
    wanted = Wanted(oldest_first=oldest_first, limit=limit)
    while page := statements.of_member(conn, WANJIKU, wanted):
        seen += page
        wanted = replace(wanted, after=page[-1].key)
    in_order = seen if oldest_first else seen[::-1]
    assert numbers(in_order) == [1, 3, 5, 7, 9, 11]
    balance = 0
    for row in in_order:
        balance += row.amount_cents
        assert (row.balance_after_cents, row.amount_cents) == (balance, row.entry * 100)
        assert (row.account, row.account_id) == ("member:5", year.wanjiku)


def test_a_member_with_two_accounts_loses_no_row_between_pages(
    conn: Connection[Any], year: Umoja, chance: SeededChance
) -> None:
    deposit = books.open_account(
        conn, book_id=year.book_id, code="deposit:5", kind="liability", owner_member_id=WANJIKU
    )
    lines = (books.Line(year.wanjiku, 300), books.Line(deposit, -300))
    books.post(
        conn, year.contribution("both", 0, kind="deposit", lines=lines), at=NEW_YEAR + timedelta(days=9), chance=chance
    )
    for oldest_first in (True, False):
        rows, after = [], None
        while page := statements.of_member(conn, WANJIKU, Wanted(oldest_first=oldest_first, after=after, limit=1)):
            rows += page
            after = page[-1].key
        assert sorted((row.entry, row.account) for row in rows)[-2:] == [(13, "deposit:5"), (13, "member:5")]
        assert len(rows) == len({row.id for row in rows}) == 8


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"kind": "penalty"}, [12, 8, 4]),
        ({"kind": "refund"}, []),
        ({"season": 20262}, [6, 5, 4, 3, 2, 1]),
        ({"season": 20271, "kind": "penalty"}, [12, 8]),
        ({"season": 20261}, []),
        ({"since": NEW_YEAR + timedelta(hours=11)}, [12, 11]),
        ({"until": START + timedelta(hours=3)}, [2, 1]),
        ({"since": START + timedelta(hours=5), "until": NEW_YEAR + timedelta(hours=9)}, [8, 7, 6, 5]),
        ({"until": NEW_YEAR}, [6, 5, 4, 3, 2, 1]),
        ({"time": "occurred", "until": START - timedelta(days=5)}, [6]),
    ],
)
def test_filters_and_pages_go_together(
    conn: Connection[Any], year: Umoja, changes: dict[str, Any], found: list[int]
) -> None:
    wanted = Wanted(**changes)
    assert numbers(walked(conn, year, wanted, 50)) == numbers(walked(conn, year, wanted, 1)) == found
    hers = [number for number in found if number % 2]
    assert numbers(statements.of_member(conn, WANJIKU, wanted)) == hers
    assert numbers(statements.of_account(conn, year.wanjiku, wanted)) == hers
    assert numbers(statements.of_book(conn, year.book_id, wanted, account="member:5")) == hers
    assert numbers(statements.of_book(conn, year.book_id, wanted, member_id=WANJIKU)) == hers


def test_the_statement_of_an_account_shows_the_accounts_own_balance(conn: Connection[Any], year: Umoja) -> None:
    newest = statements.of_book(conn, year.book_id, Wanted(limit=1), account="member:6")[0]
    assert (newest.account, newest.amount_cents, newest.balance_after_cents) == ("member:6", 1200, 4200)
    assert statements.of_book(conn, year.book_id, Wanted(), account="member:5", member_id=OTIENO) == []
    assert statements.of_book(conn, year.book_id, Wanted(), account="nobody") == []


def test_the_order_is_that_of_the_books_whatever_the_day(conn: Connection[Any], year: Umoja) -> None:
    occurred: list[datetime] = [row.occurred_at for row in statements.of_book(conn, year.book_id, Wanted(season=20262))]
    assert occurred == sorted(occurred)
