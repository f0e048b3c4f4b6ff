"""Writers and servers that end at any statement: no half an entry, and whoever comes again finds or finishes it."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection, Cursor, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import embedded.postgres
from embedded.server import Server
from ledger import books, holds, refusals
from ledger.books import Line
from ledger.holds import Request
from ledger.pairs import post_pair
from ledger.seasons import open_ahead
from ledger.verify import verify
from migrations import runner
from tests.instruments import START, SeededChance, a_free_name
from tests.ledger.umoja import Umoja, open_umoja

# More statements than the work below has.
STATEMENTS = 100


class Hunted(Cursor[Any]):
    """Is shot at before one statement: the first that is sent after `left` others."""

    left: int | None = None
    # Is given the process of PostgreSQL that serves this connection.
    shoot: Callable[[int], object]

    def execute(self, *given: Any, **named: Any) -> "Hunted":
        if Hunted.left == 0:
            Hunted.shoot(self.connection.info.backend_pid)
        if Hunted.left is not None:
            Hunted.left -= 1
        super().execute(*given, **named)
        return self


def work(conn: Connection[Any], here: Umoja, there: Umoja, chance: SeededChance) -> None:
    """All that writes books, in transactions of one and of several; again and again with the same end."""

    def ask(key: str) -> Request:
        return Request("work", key, START)

    books.post(conn, here.contribution("in", 50_000), at=START, chance=chance)
    expires_at = START + timedelta(minutes=1)
    drafts = [here.contribution(f"hold {number}", -1_000, expires_at=expires_at) for number in range(3)]
    held = [posted.seq for posted in books.post_all(conn, drafts, at=START, chance=chance)]
    with conn.transaction():
        holds.settle(conn, here.book_id, held[0], ask("settle"), at=START, chance=chance)
        holds.void(conn, here.book_id, held[1], ask("void"), at=START, chance=chance)
        post_pair(
            conn,
            here.contribution("pair", 0, lines=(Line(here.wanjiku, 700),)),
            [Line(there.wanjiku, -700)],
            other_book_id=there.book_id,
            at=START,
            chance=chance,
        )
    with conn.transaction(), suppress(refusals.OutOfBounds):
        books.post(conn, here.contribution("too much", -(10**9)), at=START, chance=chance)
    holds.expire(conn, at=expires_at, chance=chance)
    drafts = [here.contribution(f"set {number}", 10) for number in range(20)]
    books.post_set(conn, drafts, at=START, chance=chance)


def done(conn: Connection[Any], here: Umoja, there: Umoja) -> bool:
    """Everything once: 50,000 in, 1,000 settled, 700 moved, 20 times 10; nothing held."""
    return (
        books.balance(conn, here.wanjiku) == holds.available(conn, here.wanjiku) == 50_000 - 1_000 - 700 + 200
        and books.balance(conn, there.wanjiku) == 700
        and conn.execute("SELECT count(*) FROM open_holds").fetchone() == (0,)
    )


def is_sound(conn: Connection[Any]) -> bool:
    with conn.transaction():
        return [finding for finding in verify(conn) if not finding.ok] == []


def test_a_writer_that_ends_at_every_statement_leaves_whole_entries(conn: Connection[Any], database_url: str) -> None:
    here, there = open_umoja(conn), open_umoja(conn, "Tumaini")
    Hunted.shoot = lambda pid: conn.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    deaths = 0
    for statement in range(STATEMENTS):
        Hunted.left = statement
        with psycopg.connect(database_url, autocommit=True, cursor_factory=Hunted) as hunted:
            try:
                work(hunted, here, there, SeededChance(1_000 + statement))
            except psycopg.OperationalError:
                deaths += 1
            else:
                break
            finally:
                Hunted.left = None
        assert is_sound(conn)
    assert deaths > 5
    assert done(conn, here, there)


def test_writers_that_are_shot_in_the_middle_leave_whole_entries(conn: Connection[Any], database_url: str) -> None:
    """Not between statements but in them, and in commits: whenever the hunter happens to shoot."""
    group = open_umoja(conn)
    luck, over = random.Random(7), threading.Event()
    posted: list[set[int]] = [set() for _ in range(3)]

    def write(hand: int) -> None:
        chance, number = SeededChance(50 + hand), 0
        while not over.is_set():
            try:
                with psycopg.connect(database_url, autocommit=True, application_name="hunted") as own:
                    while not over.is_set():
                        drafts = [group.contribution(f"{hand}-{number}-{part}", 1) for part in range(10)]
                        posted[hand] |= {one.seq for one in books.post_all(own, drafts, at=START, chance=chance)}
                        number += 1
            except psycopg.OperationalError:
                continue

    writers = [threading.Thread(target=write, args=[hand]) for hand in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(25):
        over.wait(luck.random() / 10)
        conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hunted'")
    over.set()
    for writer in writers:
        writer.join()
    told = set().union(*posted)
    assert sum(map(len, posted)) == len(told) == books.balance(conn, group.wanjiku)
    assert told == set(range(1, len(told) + 1))
    assert is_sound(conn)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of these tests' own, which may be killed; durable, as in production."""
    with embedded.postgres.start(tmp_path_factory.mktemp("killed") / "postgres") as server:
        runner.migrate(server.url, START)
        with psycopg.connect(server.url, autocommit=True) as conn:
            open_ahead(conn, START)
        yield server


@pytest.fixture
def own_url(own_server: Server) -> str:
    """A database of this test's own on that server."""
    name, template = a_free_name(), conninfo_to_dict(own_server.url)["dbname"]
    with psycopg.connect(own_server.url, dbname="postgres", autocommit=True) as conn:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        conn.execute(copy.format(sql.Identifier(name), sql.Identifier(str(template))))
    return make_conninfo(own_server.url, dbname=name)


@pytest.mark.parametrize("step", [pytest.param(5, id="some"), pytest.param(1, id="each", marks=pytest.mark.full)])
def test_a_server_that_is_killed_at_statements_leaves_whole_entries(
    own_server: Server, own_url: str, step: int
) -> None:
    """SIGKILL, to the server and all that serves from it, before every `step`th statement of the same work in turn."""
    with psycopg.connect(own_url, autocommit=True) as conn:
        here, there = open_umoja(conn), open_umoja(conn, "Tumaini")
    Hunted.shoot, deaths = lambda _pid: own_server.kill(), 0
    for statement in range(0, STATEMENTS, step):
        Hunted.left = statement
        with psycopg.connect(own_url, autocommit=True, cursor_factory=Hunted) as hunted:
            try:
                work(hunted, here, there, SeededChance(2_000 + statement))
            except psycopg.OperationalError:
                deaths += 1
            else:
                break
            finally:
                Hunted.left = None
        own_server.restart()
        with psycopg.connect(own_url, autocommit=True) as conn:
            assert is_sound(conn)
    assert deaths * step > 5
    with psycopg.connect(own_url, autocommit=True) as conn:
        assert done(conn, here, there)


def test_a_server_that_is_killed_under_load_keeps_what_it_confirmed(own_server: Server, own_url: str) -> None:
    with psycopg.connect(own_url, autocommit=True) as conn:
        groups = [open_umoja(conn, f"Group {number}") for number in range(2)]
    confirmed: dict[str, int] = {}

    def write(hand: int) -> None:
        chance, number = SeededChance(90 + hand), 0
        try:
            with psycopg.connect(own_url, autocommit=True) as own:
                while True:
                    group, key = groups[number % 2], f"{hand}-{number}"
                    confirmed[key] = books.post(own, group.contribution(key, 5), at=START, chance=chance).seq
                    number += 1
        except psycopg.OperationalError:
            return

    writers = [threading.Thread(target=write, args=[hand]) for hand in range(4)]
    for writer in writers:
        writer.start()
    while len(confirmed) < 80:
        assert any(writer.is_alive() for writer in writers)
        time.sleep(0.01)
    own_server.kill()
    for writer in writers:
        writer.join()
    own_server.restart()
    with psycopg.connect(own_url, autocommit=True) as conn:
        kept = dict(conn.execute("SELECT key, seq FROM idempotency_keys").fetchall())
        assert confirmed.items() <= kept.items()
        assert is_sound(conn)
        assert sum(books.balance(conn, group.wanjiku) for group in groups) == 5 * len(kept)
