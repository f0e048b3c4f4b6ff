"""Sets of entries: each is answered as if it had come alone, and no two sets wait for each other."""

import itertools
import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from psycopg import Connection, errors

from ledger import books, refusals
from ledger.books import Draft, Posted
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.test_model import REQUESTS, draft
from tests.ledger.umoja import Umoja, open_umoja

Request = tuple[int, list[str], int, bool]


def drafts_of(umoja: Umoja, requests: Sequence[Request]) -> list[Draft]:
    """The first request under each key: a key stands once in a set."""
    firsts = {key: (names, cents, split) for key, names, cents, split in reversed(requests)}
    drafts = []
    for key, ((first, second, third), cents, split) in firsts.items():
        moves = {first: 2 * cents, second: -cents, third: -cents} if split else {first: cents, second: -cents}
        drafts.append(draft(umoja, key, moves))
    return drafts


def told(answer: Posted | refusals.Refusal) -> object:
    return (answer.seq, answer.repeated) if isinstance(answer, Posted) else type(answer)


def alone(conn: Connection[Any], one: Draft, chance: SeededChance) -> Posted | refusals.Refusal:
    try:
        return books.post(conn, one, at=START, chance=chance)
    except refusals.Refusal as refusal:
        return refusal


def state(conn: Connection[Any], book_id: int) -> list[tuple[Any, ...]]:
    """Every posting of a book with what it left behind, and the accounts."""
    postings = conn.execute(
        "SELECT seq, line, code, amount_cents, balance_after_cents, account_version FROM postings p "
        "JOIN accounts a ON a.id = account_id WHERE p.book_id = %s ORDER BY seq, line",
        [book_id],
    ).fetchall()
    accounts = conn.execute(
        "SELECT code, debits_posted_cents, credits_posted_cents, version FROM accounts WHERE book_id = %s ORDER BY 1",
        [book_id],
    ).fetchall()
    return [*postings, *accounts]


def all_is_well(conn: Connection[Any]) -> bool:
    with conn.transaction():
        return [finding for finding in verify(conn) if not finding.ok] == []


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=REQUESTS, then=REQUESTS)
def test_a_set_is_answered_as_one_by_one(
    conn: Connection[Any], chance: SeededChance, before: list[Request], then: list[Request]
) -> None:
    together, single = open_umoja(conn), open_umoja(conn, "Tumaini")
    for umoja in (together, single):
        for one in drafts_of(umoja, before):
            alone(conn, one, chance)
    answers = books.post_set(conn, drafts_of(together, then), at=START, chance=chance)
    expected = [alone(conn, one, chance) for one in drafts_of(single, then)]
    assert [told(answer) for answer in answers] == [told(answer) for answer in expected]
    assert state(conn, together.book_id) == state(conn, single.book_id)
    assert all_is_well(conn)


def test_one_that_is_refused_stops_no_other(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    stranger = open_umoja(conn, "Tumaini")
    one_sided = umoja.contribution("D", 0, lines=(books.Line(umoja.mpesa, 5), books.Line(umoja.wanjiku, -4)))
    foreign = umoja.contribution("E", 0, lines=(books.Line(umoja.mpesa, 5), books.Line(stranger.wanjiku, -5)))
    drafts = [
        umoja.contribution("A", 500),
        umoja.contribution("B", -501),
        stranger.contribution("C", 700),
        one_sided,
        foreign,
        Umoja(99, 1, 2, 3).contribution("F", 5),
        umoja.contribution("G", -500),
    ]
    answers = books.post_set(conn, drafts, at=START, chance=chance)
    assert [told(answer) for answer in answers] == [
        (1, False),
        refusals.OutOfBounds,
        (1, False),
        refusals.Unbalanced,
        refusals.UnknownAccount,
        refusals.UnknownBook,
        (2, False),
    ]
    assert [key for (key,) in conn.execute("SELECT key FROM idempotency_keys ORDER BY key")] == ["A", "B", "C", "G"]
    with pytest.raises(refusals.OutOfBounds):
        books.post_all(conn, drafts, at=START, chance=chance)
    assert all_is_well(conn)


def test_a_key_stands_once_in_a_set(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> None:
    with pytest.raises(errors.CardinalityViolation):
        books.post_set(conn, [umoja.contribution("A", 5), umoja.contribution("A", 5)], at=START, chance=chance)
    assert books.post_set(conn, [], at=START, chance=chance) == []
    assert books.page(conn, umoja.book_id) is None


def test_a_key_that_another_book_takes_meanwhile_leaves_no_gap(
    conn: Connection[Any], database_url: str, umoja: Umoja
) -> None:
    rival = open_umoja(conn, "Tumaini")
    answers: list[Posted | refusals.Refusal] = []

    def post_three() -> None:
        with psycopg.connect(database_url, autocommit=True) as own:
            drafts = [umoja.contribution(key, 500) for key in "ABC"]
            answers.extend(books.post_set(own, drafts, at=START, chance=SeededChance(2)))

    late = threading.Thread(target=post_three)
    with conn.transaction():
        books.post(conn, rival.contribution("B", 500), at=START, chance=SeededChance(3))
        late.start()
        # Long enough for the other to have decided everything and to wait for the key.
        late.join(timeout=0.5)
        assert late.is_alive()
    late.join()
    assert [told(answer) for answer in answers] == [(1, False), refusals.KeyReused, (2, False)]
    assert all_is_well(conn)


def test_eight_hands_with_sets_that_cross_wait_for_nobody(conn: Connection[Any], database_url: str) -> None:
    """Sets of keys that all hands have, over eight books in an order of each hand's own."""
    groups = [open_umoja(conn, f"Group {number}") for number in range(8)]
    ready = threading.Barrier(8)

    def hand(number: int) -> list[tuple[str, int]]:
        order, chance, answers = random.Random(number), SeededChance(number), []
        with psycopg.connect(database_url, autocommit=True) as own:
            ready.wait()
            for turn in range(12):
                pairs = list(itertools.product(groups, range(3)))
                order.shuffle(pairs)
                drafts = [group.contribution(f"{group.book_id}-{turn}-{key}", 500) for group, key in pairs]
                drafts += [
                    group.contribution(f"own-{number}-{turn}-{group.book_id}", 500) for group in groups[number % 3 :]
                ]
                posted = books.post_all(own, drafts, at=START, chance=chance)
                answers += [(one.key, entry.seq) for one, entry in zip(drafts, posted, strict=True)]
        return answers

    with ThreadPoolExecutor(8) as hands:
        answers = [answer for each in hands.map(hand, range(8)) for answer in each]
    assert len(set(answers)) == len({key for key, _ in answers})
    assert all_is_well(conn)
