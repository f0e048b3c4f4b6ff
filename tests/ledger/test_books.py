"""Posting and reading, as every caller sees them; the effects are asserted in the tables."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from ledger import books, passbook, refusals, seasons
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja


def rows(conn: Connection[Any], table: str) -> int:
    [count] = conn.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))).fetchone()
    return count


def test_a_contribution_moves_both_accounts_and_leaves_its_whole_trace(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    posted = books.post(conn, umoja.contribution("TKK7RT61SV", 50_000), at=START, chance=chance)

    assert (posted.season, posted.seq, posted.repeated) == (20262, 1, False)
    assert re.fullmatch("[2-9A-HJKMNP-Z]{8}", posted.code)
    assert books.balance(conn, umoja.mpesa) == books.balance(conn, umoja.wanjiku) == 50_000
    assert conn.execute("SELECT line, account_id, amount_cents, balance_after_cents FROM postings").fetchall() == [
        (1, umoja.mpesa, 50_000, 50_000),
        (2, umoja.wanjiku, -50_000, -50_000),
    ]
    assert conn.execute("SELECT next_seq, season, head_hash FROM heads").fetchone() == (2, 20262, posted.hash)
    assert conn.execute("SELECT book_id, season, seq FROM sealing_queue").fetchone() == (umoja.book_id, 20262, 1)
    assert conn.execute("SELECT note FROM entry_notes").fetchone() == ({"payer": "Wanjiku Njoroge", "round": 7},)


def test_the_same_request_gets_the_same_answer_and_moves_nothing(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    first = books.post(conn, umoja.contribution("A", 50_000), at=START, chance=chance)
    long_after = seasons.opens_at(20301)
    again = books.post(conn, umoja.contribution("A", 50_000, note={}), at=long_after, chance=chance)
    assert again == books.Posted(first.book_id, first.season, first.seq, first.hash, first.code, repeated=True)
    assert rows(conn, "entries") == 1


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kind": "fine"}, id="kind"),
        pytest.param({"occurred_at": START - timedelta(microseconds=1)}, id="time"),
        pytest.param({"actor_id": 9}, id="actor"),
        pytest.param({"about_season": 20261}, id="season"),
    ],
)
def test_another_request_under_the_key_is_refused(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance, changes: dict[str, Any]
) -> None:
    books.post(conn, umoja.contribution("A", 50_000), at=START, chance=chance)
    with pytest.raises(refusals.KeyReused):
        books.post(conn, umoja.contribution("A", 50_000, **changes), at=START, chance=chance)
    with pytest.raises(refusals.KeyReused):
        books.post(conn, umoja.contribution("A", 50_001), at=START, chance=chance)
    assert rows(conn, "entries") == 1


def test_a_key_is_one_over_all_books(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    books.post(conn, umoja.contribution("A", 50_000), at=START, chance=chance)
    with pytest.raises(refusals.KeyReused):
        books.post(conn, open_umoja(conn, "Tumaini").contribution("A", 50_000), at=START, chance=chance)


def test_a_refused_request_stays_refused_when_there_is_money_later(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    for _ in range(2):
        with conn.transaction(), pytest.raises(refusals.OutOfBounds):
            books.post(conn, umoja.contribution("out", -100), at=START, chance=chance)
        books.post(conn, umoja.contribution("in", 50_000), at=START, chance=chance)
    assert conn.execute("SELECT seq, refusal FROM idempotency_keys WHERE key = 'out'").fetchone() == (
        None,
        "out_of_bounds",
    )
    assert books.balance(conn, umoja.wanjiku) == 50_000
    assert books.post(conn, umoja.contribution("out again", -100), at=START, chance=chance).seq == 2


def test_a_ceiling_holds_to_the_cent(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    capped = books.open_account(conn, book_id=umoja.book_id, code="float", kind="asset", ceiling_cents=1_000)
    lines = (books.Line(capped, 1_001), books.Line(umoja.wanjiku, -1_001))
    with pytest.raises(refusals.OutOfBounds):
        books.post(conn, umoja.contribution("A", 0, lines=lines), at=START, chance=chance)
    lines = (books.Line(capped, 1_000), books.Line(umoja.wanjiku, -1_000))
    books.post(conn, umoja.contribution("B", 0, lines=lines), at=START, chance=chance)
    assert books.balance(conn, capped) == 1_000


def test_what_no_entry_can_be_is_refused_without_a_trace(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    stranger = open_umoja(conn, "Tumaini").wanjiku
    for refusal, lines in (
        (refusals.Unbalanced, (books.Line(umoja.mpesa, 5), books.Line(umoja.wanjiku, -4))),
        (refusals.Unbalanced, (books.Line(umoja.mpesa, 0), books.Line(umoja.wanjiku, 0))),
        (refusals.Unbalanced, (books.Line(umoja.mpesa, 0),)),
        (refusals.Unbalanced, ()),
        (refusals.UnknownAccount, (books.Line(umoja.mpesa, 5), books.Line(stranger, -5))),
    ):
        with pytest.raises(refusal):
            books.post(conn, umoja.contribution("A", 0, lines=lines), at=START, chance=chance)
    with pytest.raises(refusals.UnknownBook):
        books.post(conn, Umoja(99, 1, 2, 3).contribution("A", 5), at=START, chance=chance)
    with pytest.raises(ValueError, match="once"):
        umoja.contribution("A", 0, lines=(books.Line(umoja.mpesa, 5), books.Line(umoja.mpesa, -5)))
    assert rows(conn, "idempotency_keys") == rows(conn, "entries") == 0


def test_a_season_is_followed_never_fallen_back_from_and_never_invented(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    new_year = seasons.opens_at(20271)
    assert books.post(conn, umoja.contribution("A", 5), at=new_year, chance=chance).season == 20271
    with pytest.raises(refusals.NoSeason):
        books.post(conn, umoja.contribution("B", 5), at=new_year - timedelta(microseconds=1), chance=chance)
    with pytest.raises(refusals.NoSeason):
        books.post(conn, umoja.contribution("B", 5), at=seasons.opens_at(20272), chance=chance)
    late = umoja.contribution("B", 5, occurred_at=START, about_season=20262)
    assert books.post(conn, late, at=new_year, chance=chance).seq == 2


def test_a_closed_account_takes_nothing(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    conn.execute("UPDATE accounts SET closed_at = %s WHERE id = %s", [START, umoja.wanjiku])
    with pytest.raises(refusals.AccountClosed):
        books.post(conn, umoja.contribution("A", 5), at=START, chance=chance)
    assert books.balance(conn, umoja.mpesa) == 0


def test_a_code_that_is_taken_is_drawn_again(conn: Connection[Any], umoja: Umoja) -> None:
    first = books.post(conn, umoja.contribution("A", 5), at=START, chance=SeededChance(3))
    second = books.post(conn, umoja.contribution("B", 5), at=START, chance=SeededChance(3))
    assert first.code != second.code
    assert rows(conn, "entry_codes") == 2


def test_a_statement_runs_backwards_page_by_page_with_the_balance_of_its_side(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    for number, cents in enumerate((100, 200, -50, 400), start=1):
        at = seasons.opens_at(20271) if number == 4 else START
        books.post(conn, umoja.contribution(str(number), cents), at=at, chance=chance)
    page = passbook.statement(conn, umoja.wanjiku, limit=3)
    assert [(line.seq, line.amount_cents, line.balance_after_cents) for line in page] == [
        (4, 400, 650),
        (3, -50, 250),
        (2, 200, 300),
    ]
    [oldest] = passbook.statement(conn, umoja.wanjiku, after_seq=page[-1].seq, limit=3)
    assert (oldest.seq, oldest.balance_after_cents, oldest.note) == (1, 100, {"payer": "Wanjiku Njoroge", "round": 7})
    assert passbook.statement(conn, umoja.otieno) == []


def test_a_page_is_the_newest_or_the_one_asked_for(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    assert books.page(conn, umoja.book_id) is None
    first, second = (books.post(conn, umoja.contribution(key, 5), at=START, chance=chance) for key in "AB")
    newest = books.page(conn, umoja.book_id)
    assert newest is not None
    assert (newest.seq, newest.hash, newest.recorded_at) == (2, second.hash, START)
    older = books.page(conn, umoja.book_id, 1)
    assert older is not None
    assert older.hash == first.hash
    assert re.fullmatch("[A-Z]{3,7} [A-Z]{3,7}", older.words)
    assert books.page(conn, umoja.book_id, 3) is None


def test_an_account_is_opened_once_and_found_by_its_code(conn: Connection[Any], umoja: Umoja) -> None:
    again = books.open_account(conn, book_id=umoja.book_id, code="mpesa:600100", kind="asset")
    assert again == umoja.mpesa == books.account_id(conn, umoja.book_id, "mpesa:600100")
    assert books.account_id(conn, umoja.book_id, "mpesa:1") is None
    with pytest.raises(refusals.UnknownAccount):
        books.balance(conn, 999)


@pytest.mark.parametrize("note", [{"share": 0.5}, {"name": "a\0b"}, {"list": [{"x": 1.0}]}, {1: "x"}])
def test_a_note_that_would_not_come_back_the_same_is_not_taken(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance, note: dict[Any, Any]
) -> None:
    with pytest.raises((TypeError, ValueError), match="note"):
        books.post(conn, umoja.contribution("A", 5, note=note), at=START, chance=chance)
    assert rows(conn, "entries") == 0


def test_what_no_database_keeps_is_named_before_it_is_asked(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    """The transaction goes on: nothing was said in it."""
    with conn.transaction():
        for cents in (True, 5.0):
            lines = (books.Line(umoja.mpesa, cents), books.Line(umoja.wanjiku, -cents))  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="whole cents"):
                books.post(conn, umoja.contribution("A", 0, lines=lines), at=START, chance=chance)
        for strange in ({"key": "a\0b"}, {"scope": "\0"}, {"kind": "a\0b"}):
            with pytest.raises(ValueError, match="NUL"):
                draft = replace(umoja.contribution("A", 5), **strange)  # type: ignore[arg-type]
                books.post(conn, draft, at=START, chance=chance)
        assert books.post(conn, umoja.contribution("A", 5), at=START, chance=chance).seq == 1
    assert rows(conn, "idempotency_keys") == rows(conn, "entries") == 1
