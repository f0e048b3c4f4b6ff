"""The books as they stood: at every page and instant they say what they said then."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from ledger import books, history, refusals, seasons
from ledger.history import TrialBalance
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja

NEW_YEAR = seasons.opens_at(20271)
TIMES = [START, START + timedelta(days=1), NEW_YEAR, NEW_YEAR + timedelta(days=1)]


def test_every_past_state_is_read_back_as_it_was(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    other = open_umoja(conn, "Another")
    then: list[TrialBalance] = []
    for number, at in enumerate(TIMES, 1):
        books.post(conn, umoja.contribution(str(number), number * 1_000), at=at, chance=chance)
        books.post(conn, other.contribution(f"other {number}", 7), at=at, chance=chance)
        if number == 2:
            back = umoja.contribution("back", -500)
            books.post(conn, back, at=at, chance=chance)
        now = history.trial_balance(conn, umoja.book_id)
        page = books.page(conn, umoja.book_id)
        assert page is not None
        assert (now.entry, now.words, now.debits_cents) == (page.seq, page.words, now.credits_cents)
        assert now.accounts[0].balance_cents == books.balance(conn, umoja.wanjiku)
        then.append(now)
    for number, (at, state) in enumerate(zip(TIMES, then, strict=True), 1):
        assert history.trial_balance(conn, umoja.book_id, seq=state.entry) == state
        assert history.trial_balance(conn, umoja.book_id, recorded=at) == state
        assert history.trial_balance(conn, umoja.book_id, recorded=at + timedelta(hours=3)) == state
        paid_in = 500 * number * (number + 1) - (500 if number > 1 else 0)
        assert history.balance_at(conn, umoja.wanjiku, seq=state.entry) == paid_in
        assert history.balance_at(conn, umoja.wanjiku, recorded=at) == paid_in
    before = history.trial_balance(conn, umoja.book_id, recorded=START - timedelta(seconds=1))
    assert (before.entry, before.accounts, before.debits_cents) == (None, (), 0)
    assert history.balance_at(conn, umoja.wanjiku, recorded=START - timedelta(seconds=1)) == 0
    assert history.balance_at(conn, umoja.otieno) == 0


def test_recorded_and_occurred_are_two_questions(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    books.post(conn, umoja.contribution("A", 100, occurred_at=START), at=START, chance=chance)
    late = umoja.contribution("B", 40, occurred_at=START, about_season=20262)
    books.post(conn, late, at=NEW_YEAR, chance=chance)
    assert history.balance_at(conn, umoja.wanjiku, recorded=START) == 100
    assert history.balance_at(conn, umoja.wanjiku, occurred=START) == 140
    assert history.balance_at(conn, umoja.wanjiku, occurred=START - timedelta(seconds=1)) == 0
    assert history.trial_balance(conn, umoja.book_id, recorded=START).debits_cents == 100
    occurred = history.trial_balance(conn, umoja.book_id, occurred=START)
    assert (occurred.entry, occurred.debits_cents, occurred.credits_cents) == (None, 140, 140)
    assert [(side.account, side.balance_cents) for side in occurred.accounts] == [
        ("member:5", 140),
        ("mpesa:600100", 140),
    ]


def test_a_page_that_is_not_written_has_no_state(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    empty = history.trial_balance(conn, umoja.book_id)
    assert (empty.entry, empty.accounts) == (None, ())
    books.post(conn, umoja.contribution("A", 100), at=START, chance=chance)
    for question in (history.trial_balance, history.point):
        with pytest.raises(refusals.NoPage):
            question(conn, umoja.book_id, seq=2)
    with pytest.raises(refusals.NoPage):
        history.balance_at(conn, umoja.wanjiku, seq=2)
    with pytest.raises(refusals.UnknownAccount):
        history.balance_at(conn, 999, seq=1)
