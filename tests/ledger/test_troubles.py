"""What is no refusal: statements that die of one entry, and transactions that lose to others."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from gateway.wiring import Wiring
from ledger import books, refusals
from ledger.bisection import Culprit, post_bisected
from ledger.books import Line
from ledger.retries import TRIES, transact
from ledger.verify import verify
from tests.instruments import START, SeededChance
from tests.ledger.umoja import Umoja, open_umoja


def all_is_well(conn: Connection[Any]) -> bool:
    with conn.transaction():
        return [finding for finding in verify(conn) if not finding.ok] == []


def test_a_set_that_dies_is_halved_until_the_culprits_stand_alone(
    conn: Connection[Any], umoja: Umoja, chance: SeededChance
) -> None:
    """One account that no bigint holds any more, one text that no database keeps, one note of floats; and a refusal."""
    full = books.open_account(conn, book_id=umoja.book_id, code="full", kind="asset")
    big = 2**63 - 1
    books.post(
        conn,
        umoja.contribution("big", 0, lines=(Line(full, big), Line(umoja.mpesa, -big))),
        at=START,
        chance=chance,
    )
    drafts = [umoja.contribution(str(number), 500) for number in range(40)]
    drafts[7] = umoja.contribution("over", 0, lines=(Line(full, 1), Line(umoja.wanjiku, -1)))
    drafts[19] = umoja.contribution("nul", 500, kind="a\0b")
    drafts[20] = umoja.contribution("float", 500, note={"share": 0.5})
    drafts[33] = umoja.contribution("poor", 0, lines=(Line(umoja.otieno, 1), Line(umoja.mpesa, -1)))
    with pytest.raises(ValueError, match="NUL"):
        books.post_set(conn, drafts, at=START, chance=chance)
    assert conn.execute("SELECT count(*) FROM entries").fetchone() == (1,)

    with conn.transaction():
        answers = post_bisected(conn, drafts, at=START, chance=chance)
    culprits = {answer.draft.key: type(answer.error) for answer in answers if isinstance(answer, Culprit)}
    assert culprits.keys() == {"over", "nul", "float"}
    assert culprits["over"] is errors.NumericValueOutOfRange
    assert [number for number, answer in enumerate(answers) if isinstance(answer, Culprit)] == [7, 19, 20]
    assert isinstance(answers[33], refusals.OutOfBounds)
    posted = [answer.seq for answer in answers if isinstance(answer, books.Posted)]
    assert posted == list(range(2, 38))
    assert books.balance(conn, umoja.wanjiku) == 36 * 500
    assert conn.execute("SELECT count(*) FROM idempotency_keys").fetchone() == (38,)
    assert all_is_well(conn)


def test_a_lost_connection_is_nobodys_fault(
    conn: Connection[Any], database_url: str, umoja: Umoja, chance: SeededChance
) -> None:
    with psycopg.connect(database_url, autocommit=True) as own:
        conn.execute("SELECT pg_terminate_backend(%s)", [own.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            post_bisected(own, [umoja.contribution(key, 5) for key in "ab"], at=START, chance=chance)
    assert conn.execute("SELECT count(*) FROM entries").fetchone() == (0,)


def test_an_outage_is_never_sticky(
    conn: Connection[Any], database_url: str, umoja: Umoja, chance: SeededChance
) -> None:
    """The statement is over, its transaction not committed: the same request goes through later."""
    own = psycopg.connect(database_url)
    books.post(own, umoja.contribution("A", 500), at=START, chance=chance)
    conn.execute("SELECT pg_terminate_backend(%s)", [own.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        own.commit()
    own.close()
    again = books.post(conn, umoja.contribution("A", 500), at=START, chance=chance)
    assert (again.seq, again.repeated) == (1, False)


def test_who_loses_a_deadlock_is_begun_again(conn: Connection[Any], wiring: Wiring, umoja: Umoja) -> None:
    """Two transactions take two books in opposite order on purpose, as a caller with other locks might."""
    other = open_umoja(conn, "Tumaini")
    both_hold_one = threading.Barrier(2)
    begun: list[int] = []

    def cross(number: int) -> None:
        order = [umoja, other] if number else [other, umoja]

        def work(own: Connection[Any]) -> None:
            begun.append(number)
            for step, book in enumerate(order):
                key = f"{number}-{book.book_id}"
                books.post(own, book.contribution(key, 500), at=START, chance=SeededChance(len(begun) * 9 + number))
                if step == 0 and begun.count(number) == 1:
                    both_hold_one.wait()

        transact(wiring, work)

    with ThreadPoolExecutor(2) as hands:
        list(hands.map(cross, range(2)))
    assert len(begun) > 2
    assert [books.balance(conn, book.wanjiku) for book in (umoja, other)] == [1_000, 1_000]
    assert all_is_well(conn)


def test_a_transaction_that_always_loses_says_so_in_the_end(wiring: Wiring) -> None:
    tries = []

    def work(_conn: Connection[Any]) -> None:
        tries.append(1)
        raise errors.SerializationFailure

    with pytest.raises(errors.SerializationFailure):
        transact(wiring, work)
    assert len(tries) == TRIES
    with pytest.raises(ZeroDivisionError):
        transact(wiring, lambda _conn: 1 // 0)


def test_one_key_in_many_hands_at_once_has_one_answer(conn: Connection[Any], database_url: str, umoja: Umoja) -> None:
    """Half of the hands ask for another amount under the key: they are told so, whoever comes first."""
    ready = threading.Barrier(8)

    def hand(number: int) -> list[tuple[int, object]]:
        told: list[tuple[int, object]] = []
        chance = SeededChance(number)
        with psycopg.connect(database_url, autocommit=True) as own:
            ready.wait()
            for key in range(20):
                try:
                    draft = umoja.contribution(str(key), 500 + number % 2)
                    posted = books.post(own, draft, at=START, chance=chance)
                    told.append((key, (posted.seq, posted.repeated)))
                except refusals.KeyReused:
                    told.append((key, refusals.KeyReused))
        return told

    with ThreadPoolExecutor(8) as hands:
        told = [one for each in hands.map(hand, range(8)) for one in each]
    for key in range(20):
        answers = [answer for known, answer in told if known == key]
        assert answers.count(refusals.KeyReused) == 4
        assert sorted(answer[1] for answer in answers if isinstance(answer, tuple)) == [False, True, True, True]
        assert len({answer[0] for answer in answers if isinstance(answer, tuple)}) == 1
    assert all_is_well(conn)
