"""Reading ten years of a thousand groups: one member's history, her positions, and what keeping positions costs."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg

from bench import decade, readers
from bench.load import Void
from bench.pairs import Effort, Result
from bench.readers import Subject
from bench.stage import Stage
from ledger import positions, seasons, statements
from ledger.statements import Wanted
from ledger.wires import Connection

HISTORY_MS = 10.0
POSITIONS_MS = 2.0
DELTA_MS = 20.0
EVENTS = 1_000
# Enough of them for a p99 that does not hang on one, each another member's.
READS = 400

# A thousand entries of as many members all over the books, as posted now; rolled back afterwards.
ARRIVING = """
    EXPLAIN (ANALYZE, FORMAT JSON)
    WITH chosen AS MATERIALIZED (
        SELECT a.book_id, a.id AS account_id, f.id AS float_id, h.next_seq - 1 + %(past)s + row_number() OVER
            (PARTITION BY a.book_id ORDER BY a.id) AS seq
        FROM (SELECT * FROM accounts WHERE owner_member_id IS NOT NULL ORDER BY book_id, id LIMIT %(events)s) AS a
            JOIN accounts f ON f.book_id = a.book_id AND f.code = 'mpesa:600123' JOIN heads h ON h.book_id = a.book_id
    ), entry AS (
        INSERT INTO entries (book_id, season, seq, kind, occurred_at, recorded_at, commitment, prev_hash, hash)
            SELECT book_id, %(season)s, seq, 'contribution', %(at)s, %(at)s, sha256(''), sha256(''), sha256('')
            FROM chosen
    )
    INSERT INTO postings (book_id, season, seq, line, account_id, amount_cents, balance_after_cents, account_version)
        SELECT book_id, %(season)s, seq, l.line, l.account_id, l.cents, 0, 1
        FROM chosen CROSS JOIN LATERAL (VALUES (1, float_id, 100), (2, account_id, -100)) AS l (line, account_id, cents)
"""


def history(stage: Stage, effort: Effort) -> Result:
    """Pages of many members, the newest and one in the middle by turns, each over a connection that is kept."""
    return _reading(
        stage,
        effort,
        f"History of one member among {decade.Size(effort.chamas).entries:,} entries in {decade.SEASONS} seasons, p99",
        HISTORY_MS,
        lambda conn, her, turn: statements.of_member(
            conn, her.member_id, readers.middle(her) if turn % 2 else Wanted()
        ),
    )


def held(stage: Stage, effort: Effort) -> Result:
    return _reading(
        stage,
        effort,
        f"Positions of one member over all {decade.SEASONS} seasons, p99",
        POSITIONS_MS,
        lambda conn, her, _turn: positions.positions(conn, her.member_id),
    )


def _reading(
    stage: Stage, effort: Effort, title: str, most_ms: float, ask: Callable[[Connection, Subject, int], list[Any]]
) -> Result:
    with psycopg.connect(stage.decade(effort.chamas), autocommit=True) as conn:
        conn.execute("SELECT set_config('statement_timeout', '0', false)")
        subjects = [readers.subject(conn, stage.worker.now(), number) for number in range(READS // 2)]
        taken, empty, before = [], [], processor_ms(conn)
        for turn in range(READS):
            her = subjects[turn % len(subjects)]
            begun = time.perf_counter()
            found = ask(conn, her, turn)
            taken.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            conn.execute("SELECT TRUE").fetchone()
            empty.append((time.perf_counter() - begun) * 1000)
            if not found:
                raise Void(f"nothing was found for member {her.member_id}")
        worked = (processor_ms(conn) - before) / READS
    return Result(
        title,
        "ms",
        "the target",
        quantiles(taken, n=100)[98],
        most_ms,
        1.0,
        fewer_is_better=True,
        detail=f"{READS} reads of {len(subjects)} members, p50 {median(taken):.2f} ms, "
        f"{worked:.2f} ms of a processor in PostgreSQL each; an empty question beside it p50 {median(empty):.2f} ms, "
        f"p99 {quantiles(empty, n=100)[98]:.2f} ms",
    )


def processor_ms(conn: Connection) -> float:
    """What the connection's server process has had of a processor, in ms: the same however many wait for one."""
    return int(Path(f"/proc/{conn.info.backend_pid}/schedstat").read_text().split()[0]) / 1_000_000


def delta(stage: Stage, effort: Effort) -> Result:
    """The time that PostgreSQL says the positions' trigger took, of statements that post EVENTS entries each.

    The first of them makes new positions, the others add to them, as nearly every posting does.
    """
    taken: list[float] = []
    with (
        psycopg.connect(stage.decade(effort.chamas), autocommit=True) as conn,
        conn.transaction(force_rollback=True),
    ):
        at = stage.worker.now()
        for round_number in range(effort.pairs + 1):
            told = {"events": EVENTS, "season": seasons.season_at(at), "at": at, "past": round_number * EVENTS}
            [((plan,),)] = conn.execute(ARRIVING, told).fetchall()
            taken += [each["Time"] for each in plan["Triggers"] if each["Trigger Name"] == "positions"]
        if len(taken) <= effort.pairs or positions.differences(conn):
            raise Void("the positions were not kept")
    return Result(
        f"Positions kept for {EVENTS:,} entries in one statement",
        "ms",
        "the target",
        median(taken[1:]),
        DELTA_MS,
        1.0,
        fewer_is_better=True,
        detail=f"the first of a season, which make new rows, {taken[0]:.1f} ms",
    )


def explained(stage: Stage, effort: Effort) -> str:
    """The table of docs/performance.md: how every reader is answered, warm, of the member in the middle."""
    with psycopg.connect(stage.decade(effort.chamas), autocommit=True) as conn:
        her = readers.subject(conn, stage.worker.now(), 3)
        list(readers.explained(conn, her))
        found = list(readers.explained(conn, her))
    head = "| question | statements | rows | partitions | pages of 8 kB | rows left out | ms | read whole |\n"
    return (
        head
        + "|---|---|---|---|---|---|---|---|\n"
        + "\n".join(
            f"| {one.name} | {one.statements} | {one.rows} | {one.partitions} | {one.pages:,} | {one.sifted:,} |"
            f" {one.milliseconds:.1f} | "
            f"{', '.join(one.read_whole) or '-'} |"
            for one in found
        )
    )
