"""Every guard, taken away alone, lets something through that it kept out; docs/ledger-guards.md is their list."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test
from psycopg import Connection

from ledger import books, holds, refusals
from ledger.holds import Request
from tests.instruments import START, SeededChance
from tests.ledger import mutations
from tests.ledger.machine import Machine
from tests.ledger.mutation import Mutation, take_away
from tests.ledger.mutations import ASKED, CROWD, KNOT, MACHINE, PLAYED
from tests.ledger.schema_guards import SCHEMA
from tests.ledger.umoja import Umoja, open_umoja


@pytest.fixture
def scene(conn: Connection[Any], umoja: Umoja, chance: SeededChance) -> Umoja:
    """Book 1: 500 shillings in, a hold of 300, a hold that was voided, and a contribution that was reversed."""
    later = START + timedelta(minutes=10)

    def ask(key: str) -> Request:
        return Request("scene", key, START)

    books.post(conn, umoja.contribution("in", 50_000), at=START, chance=chance)
    for key, cents in (("held", -30_000), ("voided", -10_000)):
        books.post(conn, umoja.contribution(key, cents, expires_at=later), at=START, chance=chance)
    holds.void(conn, umoja.book_id, 3, ask("void"), at=START, chance=chance)
    books.post(conn, umoja.contribution("wrong", 900), at=START, chance=chance)
    holds.reverse(conn, umoja.book_id, 5, ask("reverse"), at=START, chance=chance)
    assert (umoja.book_id, umoja.mpesa, umoja.wanjiku) == (1, 1, 2)
    return umoja


def comes_through(conn: Connection[Any], attack: str) -> bool:
    """Whether the attack could be committed."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(attack.encode())
            conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error:
        return False
    return True


def test_every_guard_of_the_schema_keeps_something_out(conn: Connection[Any], scene: Umoja) -> None:
    kept_out, still_kept_out = [], []
    for mutation in SCHEMA:
        if comes_through(conn, mutation.attack):
            kept_out.append(mutation.guard)
        with conn.transaction(force_rollback=True):
            take_away(conn, mutation)
            if not comes_through(conn, mutation.attack):
                still_kept_out.append(mutation.guard)
    assert kept_out == [], "comes through although the guard stands"
    assert still_kept_out == [], "does not come through without the guard"


def steps(conn: Connection[Any], url: str) -> None:
    rules = settings(
        max_examples=80,  # each plays some of the rules only; most mutations are seen within the first ten
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with conn.transaction(force_rollback=True):
        # Who finds a key taken decides again; without the guard of the keys he does so for ever.
        conn.execute("SET LOCAL statement_timeout = '15s'")
        run_state_machine_as_test(lambda: Machine(conn, []), settings=rules)


def crowd(conn: Connection[Any], url: str) -> None:
    umoja = open_umoja(conn)
    at_once(url, lambda own, hand, turn: post(own, [umoja.contribution(f"{hand}-{turn}", 5)], hand, turn), 8)


def knot(conn: Connection[Any], url: str) -> None:
    """One writer waits for the second book; another has the first by then, and waits for the second behind him."""
    first, second = open_umoja(conn), open_umoja(conn, "Tumaini")

    def cross(hand: int, *order: Umoja) -> None:
        with psycopg.connect(url, autocommit=True) as own:
            post(own, [book.contribution(f"{hand}-{book.book_id}", 5) for book in order], hand, 0)

    with ThreadPoolExecutor(2) as pool:
        with conn.transaction():
            conn.execute("SELECT FROM heads WHERE book_id = %s FOR UPDATE", [second.book_id])
            crossing = [pool.submit(cross, 0, second, first)]
            wait_for_waiting(conn, 1)
            crossing.append(pool.submit(cross, 1, first, second))
            wait_for_waiting(conn, 2)
        for one in crossing:
            one.result()


def wait_for_waiting(conn: Connection[Any], writers: int) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    while conn.execute(waiting, [conn.info.dbname]).fetchone() != (writers,):
        time.sleep(0.01)
        conn.execute("SELECT pg_stat_clear_snapshot()")


def post(conn: Connection[Any], drafts: list[books.Draft], hand: int, turn: int) -> None:
    books.post_all(conn, drafts, at=START, chance=SeededChance(1_000 * hand + turn))


def at_once(url: str, work: Callable[[Connection[Any], int, int], None], writers: int) -> None:
    ready = threading.Barrier(writers)

    def hand(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as own:
            ready.wait()
            for turn in range(60):
                work(own, number, turn)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(hand, range(writers)))


def ask_for_more(conn: Connection[Any], _url: str) -> None:
    """A hold of 300, of which somebody posts 450: refused, so no trigger has to speak."""
    umoja, chance = open_umoja(conn), SeededChance()
    books.post(conn, umoja.contribution("in", 50_000), at=START, chance=chance)
    hold = umoja.contribution("hold", -30_000, expires_at=START + timedelta(minutes=1))
    seq = books.post(conn, hold, at=START, chance=chance).seq
    lines = (books.Line(umoja.mpesa, -45_000), books.Line(umoja.wanjiku, 45_000))
    with suppress(refusals.MoreThanHeld):
        request = Request("more", "more", START)
        holds.settle(conn, umoja.book_id, seq, request, lines=lines, at=START, chance=chance)


PLAYS = {MACHINE: steps, ASKED: ask_for_more, CROWD: crowd, KNOT: knot}


@pytest.mark.parametrize("way", [ASKED, CROWD, KNOT])
def test_nothing_is_seen_while_the_guards_stand(conn: Connection[Any], database_url: str, way: str) -> None:
    PLAYS[way](conn, database_url)


@pytest.mark.parametrize("mutation", [one for one in PLAYED if one.attack != MACHINE], ids=lambda one: one.guard)
def test_without_it_writers_come_to_grief(conn: Connection[Any], database_url: str, mutation: Mutation) -> None:
    take_away(conn, mutation)
    with pytest.raises(psycopg.Error):
        PLAYS[mutation.attack](conn, database_url)


@pytest.mark.long
@pytest.mark.parametrize("mutation", [one for one in PLAYED if one.attack == MACHINE], ids=lambda one: one.guard)
def test_without_a_guard_the_machine_sees_other_books(
    conn: Connection[Any], database_url: str, mutation: Mutation
) -> None:
    take_away(conn, mutation)
    # Hypothesis calls it inconsistent that after an error the transaction takes nothing more.
    with pytest.raises((AssertionError, psycopg.Error, HypothesisException)):
        steps(conn, database_url)


@pytest.mark.long
def test_with_all_guards_the_machine_sees_the_childs_books(conn: Connection[Any], database_url: str) -> None:
    steps(conn, database_url)


def test_the_page_of_guards_is_up_to_date() -> None:
    assert mutations.DOCUMENT.read_text() == mutations.drawn(), "run python -m tests.ledger.mutations"
