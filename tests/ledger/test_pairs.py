"""Money between books: both entries or none, and what the books owe each other adds up to nothing."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from ledger import books, refusals
from ledger.books import Line
from ledger.pairs import post_pair
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja


def move(
    conn: Connection[Any], giver: Umoja, taker: Umoja, key: str, cents: int, *, chance: SeededChance
) -> tuple[books.Posted, books.Posted]:
    """Wanjiku of one book gives to Wanjiku of the other."""
    gives = giver.contribution(key, 0, kind="transfer", lines=(Line(giver.wanjiku, cents),))
    return post_pair(conn, gives, [Line(taker.wanjiku, -cents)], other_book_id=taker.book_id, at=START, chance=chance)


def all_is_well(conn: Connection[Any]) -> bool:
    with conn.transaction():
        return [finding for finding in verify(conn) if not finding.ok] == []


@pytest.fixture
def two(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> tuple[Umoja, Umoja]:
    """Umoja, where Wanjiku has 500 shillings, and Tumaini, where nobody has anything."""
    books.post(conn, umoja.contribution("in", 50_000), at=START, chance=chance)
    return umoja, open_umoja(conn, "Tumaini")


def test_a_pair_moves_money_and_both_books_say_so(
    conn: Connection[Any], two: tuple[Umoja, Umoja], chance: SeededChance
) -> None:
    umoja, tumaini = two
    first, second = move(conn, umoja, tumaini, "one", 20_000, chance=chance)
    assert (first.book_id, second.book_id, second.seq) == (umoja.book_id, tumaini.book_id, 1)
    assert (books.balance(conn, umoja.wanjiku), books.balance(conn, tumaini.wanjiku)) == (30_000, 20_000)
    assert conn.execute(
        "SELECT book_id, balance_cents FROM accounts WHERE starts_with(code, 'due:') ORDER BY book_id"
    ).fetchall() == [(umoja.book_id, -20_000), (tumaini.book_id, 20_000)]
    again = move(conn, umoja, tumaini, "one", 20_000, chance=chance)
    assert [one.repeated for one in again] == [True, True]
    move(conn, tumaini, umoja, "back", 5_000, chance=chance)
    assert books.balance(conn, tumaini.wanjiku) == 15_000
    assert all_is_well(conn)


def test_what_one_book_refuses_the_other_does_not_post(
    conn: Connection[Any], two: tuple[Umoja, Umoja], chance: SeededChance
) -> None:
    umoja, tumaini = two
    for _ in range(2):
        with pytest.raises(refusals.OutOfBounds):
            move(conn, umoja, tumaini, "too much", 50_001, chance=chance)
        with pytest.raises(refusals.OutOfBounds):
            # it is the second book that refuses
            post_pair(
                conn,
                umoja.contribution("second", 0, lines=(Line(umoja.wanjiku, -1),)),
                [Line(tumaini.wanjiku, 1)],
                other_book_id=tumaini.book_id,
                at=START,
                chance=chance,
            )
        books.post(conn, tumaini.contribution("later", 900), at=START, chance=chance)
    assert conn.execute("SELECT count(*) FROM entries").fetchone() == (2,)
    kept = conn.execute("SELECT key FROM idempotency_keys WHERE refusal = 'out_of_bounds' ORDER BY 1").fetchall()
    assert [key for (key,) in kept] == ["second", "second/other", "too much", "too much/other"]
    assert all_is_well(conn)


def test_what_is_no_pair_is_not_posted(conn: Connection[Any], two: tuple[Umoja, Umoja], chance: SeededChance) -> None:
    umoja, tumaini = two
    with pytest.raises(ValueError, match="two books"):
        move(conn, umoja, umoja, "self", 5, chance=chance)
    draft = umoja.contribution("uneven", 0, lines=(Line(umoja.wanjiku, 5),))
    with pytest.raises(ValueError, match="comes to the other"):
        post_pair(conn, draft, [Line(tumaini.wanjiku, -4)], other_book_id=tumaini.book_id, at=START, chance=chance)


def test_eight_writers_who_cross_books_lose_nothing(conn: Connection[Any], database_url: str) -> None:
    """Pairs in every direction at once: heads and accounts are locked in one order, so nobody is ended for another."""
    chance = SeededChance()
    groups = [open_umoja(conn, f"Group {number}") for number in range(4)]
    for group in groups:
        books.post(conn, group.contribution(f"in {group.book_id}", 100_000), at=START, chance=chance)
    ready = threading.Barrier(8)

    def hand(number: int) -> int:
        luck, own_chance, done = random.Random(number), SeededChance(100 + number), 0
        with psycopg.connect(database_url, autocommit=True) as own:
            ready.wait()
            for turn in range(25):
                giver, taker = luck.sample(groups, 2)
                with own.transaction():
                    try:
                        move(own, giver, taker, f"{number}-{turn}", luck.choice([1, 500, 60_000]), chance=own_chance)
                        done += 1
                    except refusals.OutOfBounds:
                        pass
        return done

    with ThreadPoolExecutor(8) as hands:
        done = sum(hands.map(hand, range(8)))
    assert conn.execute("SELECT count(*) FROM entries WHERE kind = 'transfer'").fetchone() == (2 * done,)
    assert sum(books.balance(conn, group.wanjiku) for group in groups) == 400_000
    assert all_is_well(conn)
