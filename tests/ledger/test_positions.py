"""Positions follow the postings, on the parent and on a partition, and it is found out when they do not."""

from typing import Any

import pytest
from psycopg import Connection, errors, sql

from ledger import books, positions, seasons
from ledger.positions import Difference, SeasonPosition
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja

WANJIKU = 5


def rows(conn: Connection[Any]) -> list[tuple[Any, ...]]:
    return conn.execute("SELECT * FROM positions ORDER BY book_id, account_id, season").fetchall()


def test_a_position_runs_over_all_seasons(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    books.post(conn, umoja.contribution("A", 50_000), at=START, chance=chance)
    books.post(conn, umoja.contribution("B", 20_000), at=START, chance=chance)
    books.post(conn, umoja.contribution("C", -30_000), at=seasons.opens_at(20271), chance=chance)
    [hers] = positions.positions(conn, WANJIKU)
    assert (hers.account_id, hers.kind, hers.balance_cents) == (umoja.wanjiku, "liability", 40_000)
    assert hers.seasons == (SeasonPosition(20262, 0, 70_000, 2, 1, 2), SeasonPosition(20271, 30_000, 0, 1, 3, 3))
    [other] = positions.positions(conn, 6)
    assert (other.balance_cents, other.seasons) == (0, ())
    assert positions.positions(conn, WANJIKU, after=umoja.wanjiku) == []
    assert positions.differences(conn) == []


def test_a_repeated_and_a_refused_request_change_nothing(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    drafts = [umoja.contribution(str(number), 100) for number in range(20)]
    books.post_set(conn, drafts, at=START, chance=chance)
    before = rows(conn)
    assert [row[5] for row in before] == [20, 20]
    again = books.post_set(conn, [*drafts, umoja.contribution("too much", -9_000_000)], at=START, chance=chance)
    assert [getattr(answer, "repeated", None) for answer in again] == [True] * 20 + [None]
    assert rows(conn) == before


def test_what_is_undone_leaves_no_trace(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    with pytest.raises(errors.DivisionByZero), conn.transaction():
        books.post(conn, umoja.contribution("A", 50_000), at=START, chance=chance)
        conn.execute("SELECT 1 / 0")
    assert rows(conn) == []


@pytest.mark.parametrize("suffix", ["", "_20262"])
def test_the_trigger_stands_on_the_table_and_on_each_partition(
    conn: Connection[Any], umoja: Umoja, suffix: str
) -> None:
    conn.execute(
        sql.SQL(
            "WITH entry AS (INSERT INTO {entries} (book_id, season, seq, kind, occurred_at, recorded_at, commitment,"
            " prev_hash, hash) VALUES (%(book)s, 20262, 1, 'contribution', %(at)s, %(at)s, %(h)s, %(h)s, %(h)s))"
            " INSERT INTO {postings} (book_id, season, seq, line, account_id, amount_cents, balance_after_cents,"
            " account_version) VALUES (%(book)s, 20262, 1, 1, %(debit)s, 7, 7, 1),"
            " (%(book)s, 20262, 1, 2, %(credit)s, -7, -7, 1)"
        ).format(entries=sql.Identifier("entries" + suffix), postings=sql.Identifier("postings" + suffix)),
        {"book": umoja.book_id, "at": START, "h": bytes(32), "debit": umoja.mpesa, "credit": umoja.wanjiku},
    )
    assert [row[3:6] for row in rows(conn)] == [(7, 0, 1), (0, 7, 1)]
    assert positions.differences(conn) == []


def test_each_kind_of_difference_is_found_and_mended(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    books.post(conn, umoja.contribution("A", 50_000), at=START, chance=chance)
    right = rows(conn)
    hers = Difference(umoja.book_id, umoja.wanjiku, 20262)
    for change, difference in (
        ("UPDATE positions SET credits_cents = credits_cents + 1 WHERE credits_cents > 0", hers),
        ("DELETE FROM positions WHERE credits_cents > 0", hers),
        (
            "INSERT INTO positions SELECT book_id, account_id, 20271, 1, 0, 1, 2, 2 FROM positions"
            " WHERE credits_cents > 0",
            Difference(umoja.book_id, umoja.wanjiku, 20271),
        ),
    ):
        conn.execute(change)
        assert positions.differences(conn) == [difference]
        assert not positions.finding(conn).ok
        assert f"account {umoja.wanjiku} of book {umoja.book_id}" in positions.finding(conn).detail
        assert positions.rebuild(conn, umoja.book_id) == 1
        assert rows(conn) == right
    assert positions.rebuild(conn, umoja.book_id) == 0
    assert positions.finding(conn).ok


@pytest.mark.parametrize("role", ["pesachama_web", "pesachama_worker"])
def test_no_process_writes_positions(conn: Connection[Any], umoja: Umoja, role: str) -> None:
    conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    for attack in ("INSERT INTO positions DEFAULT VALUES", "UPDATE positions SET season = 1", "DELETE FROM positions"):
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute(attack)


def test_a_new_partition_keeps_positions_too(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    conn.execute("SET ROLE pesachama_worker")
    seasons.open_ahead(conn, seasons.opens_at(20281))
    books.post(conn, umoja.contribution("A", 5), at=seasons.opens_at(20281), chance=chance)
    conn.execute("RESET ROLE")
    missing = conn.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits i WHERE inhparent = 'postings'::regclass AND NOT EXISTS ("
        " SELECT FROM pg_trigger t WHERE t.tgrelid = i.inhrelid AND t.tgname = 'positions')"
    ).fetchall()
    assert missing == []
    assert positions.differences(conn) == []
