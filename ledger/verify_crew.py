"""Walks the stretches of a verification: here, or in processes of their own that look at the same snapshot."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.verify_pages import STRETCH_PAGES, Between, Stretch, walk
from ledger.wires import Connection

# A process takes half a second to start: below this many pages for each it is quicker to walk alone.
WORTH_A_PROCESS = 5 * STRETCH_PAGES

Told = Callable[[int, int], None]


@contextmanager
def walking(conn: Connection, stretches: Sequence[Between], processes: int, told: Told) -> Iterator[Iterator[Stretch]]:
    """What the walks over the stretches find, in their order; `told(pages, of)` hears of each.

    The processes walk from the beginning of the block on, so that `conn` can be asked other things meanwhile.
    """
    pages = sum(between.pages for between in stretches)
    if processes < 2 or pages < processes * WORTH_A_PROCESS:
        yield _told((walk(conn, between) for between in stretches), stretches, told)
        return
    [(snapshot, role)] = conn.execute("SELECT pg_export_snapshot(), current_user").fetchall()
    where = make_conninfo(conn.info.dsn, password=conn.info.password)
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_look_at, initargs=(where, role, snapshot)
    ) as crew:
        yield _told(crew.map(_walk, stretches), stretches, told)


def _told(found: Iterator[Stretch], stretches: Sequence[Between], told: Told) -> Iterator[Stretch]:
    done, pages = 0, sum(between.pages for between in stretches)
    for stretch in found:
        done += stretch.pages
        told(done, pages)
        yield stretch


class _Desk:
    """The connection of a process that walks for another one."""

    conn: Connection


def _look_at(where: str, role: str, snapshot: str) -> None:
    # All in the one transaction that this process ever has, so that nothing is left on a connection of a pooler.
    conn = psycopg.connect(where, prepare_threshold=None)
    conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    conn.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
    conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
    conn.execute("SET LOCAL statement_timeout = 0")
    _Desk.conn = conn


def _walk(between: Between) -> Stretch:
    return walk(_Desk.conn, between)
