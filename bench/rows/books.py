"""Posting beside one-row INSERTs and beside transfers of another ledger, and verifying what was posted."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context

import psycopg

from bench.load import Sample, Void
from bench.pairs import Effort, Result, compared, middle
from bench.stage import Stage
from gateway.wiring import SystemChance
from ledger.books import Draft, Line, open_account, open_book, post, post_all
from ledger.findings import Finding
from ledger.verify import links, verify
from ledger.wires import Connection

CENTS = 50_000
SET_TARGET = 15_000
MEMBERS = 100  # the largest groups have that many
# What verify should reach with hashes recomputed, and by its links alone.
HASHING_TARGET = 100_000
LINKING_TARGET = 500_000
# Posted at once: far enough for the speed of sets, and little memory.
SET_ENTRIES = 2_000


@dataclass(frozen=True)
class Client:
    """One client's work: a book of its own to post to, or a table to insert into, for so many seconds."""

    url: str
    seconds: float
    number: int
    at: datetime


def posting_alone(stage: Stage, effort: Effort) -> Result:
    return _posting(stage, effort, "Posting a contribution, 1 client", 1)


def posting_together(stage: Stage, effort: Effort) -> Result:
    return _posting(stage, effort, "Posting contributions, 8 clients, each in a book of its own", 8)


def posting_beside_transfers(stage: Stage, effort: Effort) -> Result:
    return _beside_transfers(stage, effort, "Posting a contribution, 1 client, beside a transfer", 1)


def posting_together_beside_transfers(stage: Stage, effort: Effort) -> Result:
    return _beside_transfers(stage, effort, "Posting contributions, 8 clients, beside transfers", 8)


def _posting(stage: Stage, effort: Effort, title: str, clients: int) -> Result:
    against = f"one-row INSERT committed, {_clients(clients)}"
    return _beside(stage, effort, title, clients, against=against, least=0.25, other=insert_until)


def _beside_transfers(stage: Stage, effort: Effort, title: str, clients: int) -> Result:
    against = f"one transfer of a ledger kept by SQL functions, as pgledger does it, {_clients(clients)}"
    return _beside(stage, effort, title, clients, against=against, least=1.0, other=transfer_until)


def _clients(number: int) -> str:
    return f"{number} client{'s' if number > 1 else ''}"


def _beside(
    stage: Stage,
    effort: Effort,
    title: str,
    clients: int,
    *,
    against: str,
    least: float,
    other: Callable[[Client], int],
) -> Result:
    return compared(
        effort,
        title=title,
        unit="entries/s",
        against=against,
        least=least,
        ours=lambda: _together(stage, effort, clients, stage.database, post_until),
        other=lambda: _together(stage, effort, clients, stage.floor_database, other),
    )


def _together(stage: Stage, effort: Effort, clients: int, url: str, work: Callable[[Client], int]) -> Sample:
    """Clients in processes of their own: the speed of PostgreSQL is wanted, not of one Python."""
    first = stage.numbers(clients)
    wanted = [Client(url, effort.seconds, first + number, stage.worker.now()) for number in range(clients)]
    with ProcessPoolExecutor(clients, mp_context=get_context("spawn")) as processes:
        list(processes.map(ready, wanted))
        return Sample(sum(processes.map(work, wanted)) / effort.seconds)


def ready(client: Client) -> bool:
    """Has a process started and its imports done before the clock runs."""
    with psycopg.connect(client.url) as conn:
        return conn.execute("SELECT TRUE").fetchone() == (True,)


def post_until(client: Client) -> int:
    """Posts contributions to a new book, each in a transaction of its own; returns how many."""
    chance = SystemChance()
    with psycopg.connect(client.url, autocommit=True) as conn:
        with conn.transaction():
            book_id = open_book(conn, kind="chama", name="bench", at=client.at)
            float_id = open_account(conn, book_id=book_id, code="mpesa:600123", kind="asset")
            hers_id = open_account(conn, book_id=book_id, code="member:0", kind="liability", floor_cents=0)
        lines = (Line(float_id, CENTS), Line(hers_id, -CENTS))
        done, end = 0, time.perf_counter() + client.seconds
        while time.perf_counter() < end:
            done += 1
            key = f"{client.number}-{done}"
            draft = Draft(book_id, "contribution", client.at, lines, "bench", key, {"receipt": key})
            if post(conn, draft, at=client.at, chance=chance).seq != done:
                raise RuntimeError("the book has a gap")
    return done


def insert_until(client: Client) -> int:
    """Inserts rows as long as a callback's receipt, each committed; returns how many."""
    done, body = 0, b"x" * 100
    with psycopg.connect(client.url, autocommit=True) as conn:
        end = time.perf_counter() + client.seconds
        while time.perf_counter() < end:
            conn.execute("INSERT INTO arrived (body) VALUES (%s)", [body])
            done += 1
    return done


def transfer_until(client: Client) -> int:
    """Transfers from one purse to another of its own, each in a transaction of its own; returns how many."""
    with psycopg.connect(client.url, autocommit=True) as conn:
        giver, taker = (
            conn.execute(
                "INSERT INTO purses (name, currency, may_owe, may_have, opened_at, moved_at)"
                " VALUES (%s, 'KES', %s, %s, %s, %s) RETURNING id",
                [f"bench {client.number}", owes, not owes, client.at, client.at],
            ).fetchall()[0][0]
            for owes in (True, False)
        )
        done, end = 0, time.perf_counter() + client.seconds
        while time.perf_counter() < end:
            done += 1
            told = f'{{"receipt": "{client.number}-{done}"}}'
            conn.execute("SELECT * FROM give(%s, %s, %s, %s, %s)", [giver, taker, CENTS, client.at, told]).fetchall()
        [(cents,)] = conn.execute("SELECT cents FROM purses WHERE id = %s", [taker]).fetchall()
    if cents != done * CENTS:
        raise RuntimeError("a transfer is missing")
    return done


def posting_sets(stage: Stage, effort: Effort) -> Result:
    return _posting_sets(stage, effort, f"Posting in sets of {SET_ENTRIES:,}, 1 client", 1)


def posting_sets_together(stage: Stage, effort: Effort) -> Result:
    return _posting_sets(stage, effort, f"Posting in sets of {SET_ENTRIES:,}, 2 clients, each in a book of its own", 2)


def _posting_sets(stage: Stage, effort: Effort, title: str, clients: int) -> Result:
    samples = [_together(stage, effort, clients, stage.database, post_sets_until) for _ in range(effort.pairs)]
    return Result(title, "entries/s", "the target", middle(samples).rate, SET_TARGET, 1.0)


def post_sets_until(client: Client) -> int:
    """A distribution or an import into a new book, each set in a transaction of its own; returns how many entries its
    seconds hold at that pace, because the last set ends after them.
    """
    chance = SystemChance()
    with psycopg.connect(client.url, autocommit=True) as conn:
        with conn.transaction():
            book_id = open_book(conn, kind="chama", name="bench", at=client.at)
            float_id = open_account(conn, book_id=book_id, code="mpesa:600123", kind="asset")
            members = [
                open_account(conn, book_id=book_id, code=f"member:{number}", kind="liability", floor_cents=0)
                for number in range(MEMBERS)
            ]
        done, begun = 0, time.perf_counter()
        while (taken := time.perf_counter() - begun) < client.seconds:
            drafts = [
                Draft(
                    book_id,
                    "contribution",
                    client.at,
                    (Line(float_id, CENTS), Line(members[number % MEMBERS], -CENTS)),
                    "set",
                    f"{client.number}-{number}",
                    {"receipt": str(number)},
                )
                for number in range(done, done + SET_ENTRIES)
            ]
            posted = post_all(conn, drafts, at=client.at, chance=chance)
            done += SET_ENTRIES
            if posted[-1].seq != done:
                raise RuntimeError("the book has a gap")
    return round(done * client.seconds / taken)


def verifying(stage: Stage, effort: Effort) -> Result:
    title = "Verify: every hash and every sum taken again, a process for each core"
    return _verifying(stage, effort, title, HASHING_TARGET, _derive_again)


def linking(stage: Stage, effort: Effort) -> Result:
    return _verifying(stage, effort, "Verify: numbers and links alone, no hash made", LINKING_TARGET, links)


def _verifying(
    stage: Stage, effort: Effort, title: str, target: int, look: Callable[[Connection], list[Finding]]
) -> Result:
    fill(stage, effort.pages)
    sample = middle([_verify(stage, look) for _ in range(effort.pairs)])
    with stage.worker.transaction() as conn:
        [(entries,)] = conn.execute("SELECT count(*) FROM entries").fetchall()
    return Result(title, "entries/s", "the target", sample.rate, target, 1.0, detail=f"{entries:,} entries")


def _derive_again(conn: Connection) -> list[Finding]:
    return verify(conn, processes=os.cpu_count() or 1)


def _verify(stage: Stage, look: Callable[[Connection], list[Finding]]) -> Sample:
    with stage.worker.transaction() as conn:
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        [(entries,)] = conn.execute("SELECT count(*) FROM entries").fetchall()
        begun = time.perf_counter()
        findings = look(conn)
        seconds = time.perf_counter() - begun
    broken = [finding.name for finding in findings if not finding.ok]
    if broken:
        raise Void(f"not so: {broken}")
    return Sample(entries / seconds)


def fill(stage: Stage, entries: int) -> None:
    """Posts until at least so many entries wait for their seal."""
    with stage.worker.transaction() as conn:
        [(waiting,)] = conn.execute("SELECT count(*) FROM sealing_queue").fetchall()
        if waiting >= entries:
            return
        at, chance = stage.worker.now(), stage.worker.chance
        book_id = open_book(conn, kind="chama", name="bench", at=at)
        float_id = open_account(conn, book_id=book_id, code="mpesa:600123", kind="asset")
        hers_id = open_account(conn, book_id=book_id, code="member:0", kind="liability")
        lines = (Line(float_id, CENTS), Line(hers_id, -CENTS))
        first = stage.numbers(entries - waiting)
        numbers = range(first, first + entries - waiting)
        for begin in range(0, len(numbers), SET_ENTRIES):
            drafts = [
                Draft(book_id, "contribution", at, lines, "filled", str(number), {"receipt": f"QAB{number:07}"})
                for number in numbers[begin : begin + SET_ENTRIES]
            ]
            post_all(conn, drafts, at=at, chance=chance)
