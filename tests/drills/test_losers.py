"""Deadlocks and serialization failures: whoever writes the books loses at every statement, and all happens once.

The first drill has PostgreSQL end each loop's transaction at every statement, as it ends the loser of two. The others
are the real thing: somebody holds a book's head and asks for what its reader holds, or writes what the reader wants.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from chamas.arriving import arrivals
from gateway.commands.migrate import register_first_shortcode
from gateway.wiring import Wiring
from ledger.retries import LOST, TRIES
from payments import evidence
from tests import district
from tests.drills.fuse import Losing
from tests.drills.happened import everything_happened
from tests.drills.one_loop import STATEMENTS, Scene, bring_work, finish, members, scene
from tests.instruments import SeededChance
from tests.loop.test_two_readers import callback_waits
from tests.whole import Seeded

# Those that write the books, or rows beside them that others lock. What speaks to others has the drill of all loops.
SAMPLE = ("evidence", "settlements", "rounds")
OTHERS = ("expiries", "seals", "checkpoints", "confirmations")


@pytest.mark.parametrize("name", [*SAMPLE, *(pytest.param(name, marks=pytest.mark.full) for name in OTHERS)])
def test_a_loop_that_loses_at_every_statement_does_its_work_once(
    name: str, village_url: str, redis_url: str, tmp_path: Path, seeded: Seeded
) -> None:
    losing = Losing()
    with scene(name, village_url, redis_url, tmp_path, seeded, fuse=losing) as at:
        bring_work(at)
        assert run_until_it_wins(at, losing) > 1
        finish(at)
        everything_happened(at)
        if name not in ("rounds", "settlements"):
            assert len(at.whole.truth()) == len(members(at.whole))
            assert [len(at.whole.codes(person)) for person in members(at.whole)] == [1] * len(members(at.whole))
        # Nobody was blamed for it.
        assert at.whole.rows("SELECT FROM evidence WHERE tries > 1 OR verdict <> 'applied'") == []


def run_until_it_wins(at: Scene, losing: Losing) -> int:
    """Loses at every statement in turn; returns how often it lost."""
    losing.light(1)
    for _ in range(STATEMENTS):
        before = losing.losses
        try:
            at.loop.turn()
        except LOST:
            # Only what loses again and again is given up, until the loop comes by the next time.
            assert losing.losses - before >= TRIES
            continue
        if losing.losses == before:
            losing.light(None)
            return losing.losses
    raise AssertionError("it loses for ever")


class Counting:
    """Books as the house does, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0

    def __call__(self, *given: Any, **named: Any) -> object:
        self.begun += 1
        return arrivals.book(*given, **named)


def wait_for_a_lock(conn: Connection[Any], reader: Future[int]) -> None:
    """Until the reader waits for one."""
    asked = "SELECT TRUE FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not conn.execute(asked).fetchone():
        assert not reader.done(), reader.result()


@pytest.fixture
def one_callback(wiring: Wiring) -> district.Member:
    """A member whose payment waits for its reader."""
    with wiring.transaction() as conn:
        register_first_shortcode(conn, wiring)
    member = district.settle(wiring, 1)[0]
    callback_waits(wiring, 1, member)
    return member


def booked_once(wiring: Wiring) -> None:
    with wiring.transaction() as conn:
        assert conn.execute("SELECT count(*) FROM receipts WHERE seq IS NOT NULL").fetchone() == (1,)
        assert conn.execute("SELECT verdict, tries, reason FROM evidence").fetchall() == [("applied", 1, None)]


def test_a_reader_that_loses_a_real_deadlock_begins_again(
    wiring: Wiring, postgres_url: str, conn: Connection[Any], one_callback: district.Member
) -> None:
    book = Counting()
    with psycopg.connect(postgres_url, dbname=conn.info.dbname) as enemy, ThreadPoolExecutor(1) as hand:
        # Of the two the first to look is ended: the reader.
        enemy.execute("SET deadlock_timeout = '1min'")
        enemy.execute("SELECT FROM heads ORDER BY book_id FOR UPDATE")
        reader = hand.submit(evidence.read_due, wiring, book)
        wait_for_a_lock(conn, reader)
        enemy.execute("SELECT FROM payment_attempts FOR UPDATE")
        enemy.commit()
        assert reader.result() == 1
    assert book.begun == 2
    booked_once(wiring)


def test_a_reader_whose_snapshot_is_too_old_begins_again(
    wiring: Wiring, conn: Connection[Any], one_callback: district.Member, database_url: str
) -> None:
    """A hosted database may isolate transactions more strictly than PostgreSQL does by itself."""
    book = Counting()
    strictly = sql.SQL("ALTER DATABASE {} SET default_transaction_isolation = 'repeatable read'")
    conn.execute(strictly.format(sql.Identifier(conn.info.dbname)))
    strict = Wiring(wiring.settings, "worker", wiring.clock, SeededChance(3))
    with psycopg.connect(database_url) as enemy, ThreadPoolExecutor(1) as hand:
        enemy.execute("UPDATE heads SET verified_seq = verified_seq")
        reader = hand.submit(evidence.read_due, strict, book)
        wait_for_a_lock(conn, reader)
        enemy.commit()
        assert reader.result() == 1
    assert book.begun == 2
    booked_once(strict)
    strict.close()
