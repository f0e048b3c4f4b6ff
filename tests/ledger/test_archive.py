"""Seasons put away and brought back: nothing is lost, what is left stays right, what cannot be shown says so."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection, errors, sql

from ledger import archive, books, history, positions, refusals, seasons, statements
from ledger.statements import Wanted
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja

NEW_YEAR = seasons.opens_at(20271)
LATER = seasons.opens_at(20272)


@pytest.fixture
def posted(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Two pages in 20262, two in 20271, all sealed."""
    for number, at in enumerate((START, START, NEW_YEAR, NEW_YEAR), 1):
        books.post(conn, umoja.contribution(str(number), number * 100), at=at, chance=chance)
    conn.execute("DELETE FROM sealing_queue")
    return umoja


def test_a_season_leaves_and_comes_back(conn: Connection[Any], posted: Umoja) -> None:
    before = {
        "statement": statements.of_book(conn, posted.book_id, Wanted()),
        "hers": statements.of_member(conn, 5, Wanted()),
        "positions": positions.positions(conn, 5),
        "trial": [history.trial_balance(conn, posted.book_id, seq=seq) for seq in (1, 2, 3, 4)],
    }
    archive.archive(conn, 20262, at=LATER)
    assert [(each.number, each.attached) for each in archive.all_seasons(conn)] == [(20262, False), (20271, True)]
    # Its rows are there, and still nobody changes them.
    assert conn.execute("SELECT count(*) FROM postings_20262").fetchone() == (4,)
    with pytest.raises(errors.RestrictViolation):
        conn.execute("DELETE FROM entries_20262")
    # What is at hand is whole, and the balances carry on over what is not.
    assert statements.of_book(conn, posted.book_id, Wanted()) == before["statement"][:2]
    assert statements.of_member(conn, 5, Wanted()) == before["hers"][:2]
    assert positions.positions(conn, 5) == before["positions"]
    assert positions.finding(conn).ok
    assert history.trial_balance(conn, posted.book_id, seq=3) == before["trial"][2]
    assert history.balance_at(conn, posted.wanjiku, seq=3) == 600
    for question in (1, 2):
        with pytest.raises(refusals.SeasonArchived):
            history.trial_balance(conn, posted.book_id, seq=question)
    with pytest.raises(refusals.SeasonArchived):
        history.balance_at(conn, posted.wanjiku, occurred=LATER)
    with conn.transaction():
        archive.attach(conn, 20262)
    assert statements.of_book(conn, posted.book_id, Wanted()) == before["statement"]
    assert [history.trial_balance(conn, posted.book_id, seq=seq) for seq in (1, 2, 3, 4)] == before["trial"]
    with conn.transaction():
        assert [finding.name for finding in verify(conn) if not finding.ok] == []


def test_an_account_that_moved_only_long_ago_keeps_its_balance(
    conn: Connection[Any], posted: Umoja, chance: SeededChance
) -> None:
    lines = (books.Line(posted.mpesa, 50), books.Line(posted.otieno, -50))
    bank = books.open_account(conn, book_id=posted.book_id, code="bank", kind="asset")
    only_once = posted.contribution("bank", 0, lines=(books.Line(bank, 70), books.Line(posted.otieno, -70)))
    conn.execute("DELETE FROM sealing_queue")
    seasons.open_ahead(conn, LATER)
    books.post(conn, only_once, at=NEW_YEAR + timedelta(days=1), chance=chance)
    books.post(conn, posted.contribution("new", 0, lines=lines), at=LATER, chance=chance)
    conn.execute("DELETE FROM sealing_queue")
    newest = statements.of_book(conn, posted.book_id, Wanted(limit=1))
    for season in (20262, 20271):
        archive.archive(conn, season, at=seasons.opens_at(20281))
    assert statements.of_book(conn, posted.book_id, Wanted(limit=1)) == newest
    assert newest[0].balance_after_cents == 1_000 + 70 + 50
    assert history.balance_at(conn, bank) == 70
    assert history.balance_at(conn, posted.wanjiku, recorded=seasons.opens_at(20281)) == 1_000
    with pytest.raises(refusals.SeasonInUse), conn.transaction():
        archive.attach(conn, 20262)
    for season in (20271, 20262):
        with conn.transaction():
            archive.attach(conn, season)
    assert positions.differences(conn) == []


def test_a_season_in_use_stays(conn: Connection[Any], posted: Umoja, chance: SeededChance) -> None:
    for season, at in ((20262, NEW_YEAR - timedelta(seconds=1)), (20271, seasons.opens_at(20281)), (20199, LATER)):
        with pytest.raises(refusals.SeasonInUse):
            archive.archive(conn, season, at=at)
    conn.execute("INSERT INTO sealing_queue VALUES (%s, 20262, 1)", [posted.book_id])
    with pytest.raises(refusals.SeasonInUse):
        archive.archive(conn, 20262, at=LATER)
    assert all(season.attached and season.archived_at is None for season in archive.all_seasons(conn))


def test_half_a_departure_is_finished_by_the_same_call(conn: Connection[Any], posted: Umoja) -> None:
    conn.execute("UPDATE seasons SET archived_at = %s WHERE number = 20262", [LATER])
    conn.execute("ALTER TABLE postings DETACH PARTITION postings_20262 CONCURRENTLY")
    archive.archive(conn, 20262, at=LATER)
    assert not archive.all_seasons(conn)[0].attached
    with conn.transaction():
        archive.attach(conn, 20262)
    assert positions.differences(conn) == []


@pytest.mark.parametrize("role", ["pesachama_web", "pesachama_worker"])
def test_no_process_reads_what_is_put_away(conn: Connection[Any], posted: Umoja, role: str) -> None:
    archive.archive(conn, 20262, at=LATER)
    conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    with pytest.raises(errors.InsufficientPrivilege):
        conn.execute("SELECT * FROM postings_20262")
    with pytest.raises(errors.InsufficientPrivilege):
        archive.archive(conn, 20271, at=seasons.opens_at(20281))


def test_a_missing_season_refuses_and_is_named(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    assert seasons.missing(conn, START) == []
    assert seasons.missing(conn, LATER) == [20272, 20281]
    with pytest.raises(refusals.NoSeason):
        books.post(conn, umoja.contribution("A", 5), at=LATER, chance=chance)
    conn.execute("ALTER TABLE postings DETACH PARTITION postings_20271")
    assert seasons.missing(conn, START) == [20271]
