"""Plays one wave: draws a program for every round, lets all of them happen at once, brings the house to rest, looks.

A tick moves the clock, does what the programs say, hands out letters, and runs the worker, which may die at any
statement or be away. After the last tick comes the janitor's time: three days in steps, with nothing going wrong any
more.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import redis

from tests.conftest import a_database, as_owner
from tests.storm import properties
from tests.storm.actions import ACTIONS
from tests.storm.group import Round
from tests.storm.guard import Guard
from tests.storm.house import House, standing
from tests.storm.operator import fill_holes, put_right
from tests.storm.outgoing import fund, payout
from tests.storm.people import People, Stage
from tests.storm.properties import Seen
from tests.storm.weather import USUAL, Weather

ROUNDS = 100
TICKS = 24
# Nothing new begins in the last ticks of a wave.
LAST_START = 18
# Seconds that a tick takes: mostly moments, sometimes as long as a prompt lives, an hour, or days.
STEPS = (1, 1, 2, 2, 3, 5, 8, 13, 25, 61, 130, 700, 3_700)
DAYS = 0.02
# How often the operator looks whether Safaricom refuses the initiator.
OPERATOR = 0.3
# Past every question: by push (20 s to 10 min), by receipt (a day, the last hours of it about money of nobody).
REST = (25, 30, 50, 100, 430, 600, 1_800, 3_600, 60_000, 10_000, 5_000, 1_900, 1_900, 1_900, 7_200, 86_400, 86_400)
# A day and its balance; after half an hour and an hour what was still unclear then is looked at again.
LAST_DAY = (90_000, 1_801, 3_601)
STEP_SECONDS = 0.5
TURNS = 60
DIGESTED = (
    "SELECT book_id, seq, kind, encode(hash, 'hex') FROM entries ORDER BY book_id, seq",
    "SELECT book_id, season, seq, line, account_id, amount_cents FROM postings ORDER BY book_id, season, seq, line",
    "SELECT receipt, kind, amount_cents, attempt_id, book_id, seq FROM receipts ORDER BY receipt",
    "SELECT id, state, result_code, tries, sent_at FROM payment_attempts ORDER BY id",
    "SELECT source, encode(body_sha256, 'hex'), verdict, reason, seen_count, attempt_id FROM evidence "
    "ORDER BY source, token_hash, body_sha256",
    "SELECT dedupe_key, template, arguments::text FROM notifications ORDER BY dedupe_key",
    "SELECT id, originator, state, receipt, paid_cents, tries, asked, result_code FROM payouts ORDER BY id",
    "SELECT kind, attempt_id, receipt, state, asked, outcome FROM inquiries ORDER BY id",
)


@dataclass
class Report:
    """What one wave was. `digest` is over its books, evidence and states; `broken` is by property."""

    seed: int
    wave: int
    rounds: int
    digest: str = ""
    broken: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def play(
    stage: Stage,
    seed: int,
    wave: int,
    count: int = ROUNDS,
    *,
    without: Guard | None = None,
    weather: Weather = USUAL,
) -> Report:
    """One wave with so many rounds, and what it left behind."""
    begun = time.perf_counter()
    name = f"{seed}/{wave}"
    draw = Random(f"{name}/wave")
    with a_house(stage, name, draw, count, without=without, weather=weather) as (house, people):
        groups = rounds_of(house, people, name)
        seen = Seen(house, groups, {}, set(), set())
        programs = [program(one) for one in groups]
        report = Report(seed, wave, count)
        house.post.hand_out(everything=True)
        if weather.only == "payout":
            # What the groups have is in their books before they pay out: an order that is refused tries nothing.
            rest(house, draw, everything=False)
        for tick in range(TICKS):
            lives = one_tick(house, draw, report, [do for each in programs for do in each.get(tick, ())])
            if without and not lives:
                without.at_death(house.owner)
            note_paid(seen)
        come_to_rest(house, draw, seen, report)
        seen.truth = house.simulator.get("/control/truth")
        report.broken |= properties.broken(seen)
        report.counts += tally(seen)
        report.digest = digest(house)
    report.seconds = time.perf_counter() - begun
    return report


@contextmanager
def a_house(
    stage: Stage, name: str, draw: Random, groups: int, *, without: Guard | None = None, weather: Weather = USUAL
) -> Iterator[tuple[House, People]]:
    """A house with so many groups, and who they are; copied from the stage's, when it has as many."""
    with redis.Redis.from_url(stage.redis_url) as client:
        client.flushdb()
    with TemporaryDirectory(dir=stage.folder) as folder, a_database(stage.postgres_url, stage.template) as database:
        url = as_owner(stage.postgres_url, database)
        version = draw.choice(("v1", "v2"))
        with standing(
            url,
            stage.redis_url,
            Path(folder),
            seed=name,
            version=version,
            without=without,
            weather=without.weather if without else weather,
            people=stage.people if stage.people and len(stage.people.groups) == groups else None,
            groups=groups,
        ) as found:
            yield found


def rounds_of(house: House, people: People, name: str) -> list[Round]:
    """A round for each group, with a seed of its own and somebody whom nobody knows."""
    return [
        Round(number, house, Random(f"{name}/{number}"), group, f"+25472{number:05}99")
        for number, group in enumerate(people.groups)
    ]


def program(one: Round) -> dict[int, list[Callable[[], None]]]:
    """What this round does, by tick; who pays out has money in the group before."""
    planned: dict[int, list[Callable[[], None]]] = {}
    weather = one.house.weather
    shares = [(4 * share if do.__name__ == weather.often else share, do) for share, do in ACTIONS]
    weights, actions = zip(*[each for each in shares if weather.only in ("", each[1].__name__)], strict=True)
    chosen = one.draw.choices(actions, weights, k=one.draw.choice(weather.many))
    if payout in chosen:
        fund(one)
    for action in chosen:
        planned.setdefault(one.draw.randrange(LAST_START), []).append(lambda do=action: do(one))  # type: ignore[misc]
    return planned


def one_tick(house: House, draw: Random, report: Report, actions: list[Callable[[], None]]) -> bool:
    """False when the worker died."""
    house.post.tick += 1
    # Then with a worker, who is oftener there than not. Whether Pull answers him is drawn: see operator.py.
    days = draw.random() < DAYS
    house.advance(draw.uniform(0.5, 1.7) * 86_400 if days else draw.choice(STEPS))
    for action in actions:
        action()
    if draw.random() < OPERATOR:
        put_right(house)
    house.advance(STEP_SECONDS)
    house.post.hand_out()
    if draw.random() < house.weather.away and not days:
        report.counts["ticks without a worker"] += 1
        return True
    dies = draw.random() < house.weather.crashes and not days
    fuse = draw.randint(1, draw.choice(house.weather.fuses)) if dies else None
    lives = house.work(draw, fuse)
    if not lives:
        report.counts["crashes"] += 1
        forgive(house)
    return lives


def forgive(house: House) -> None:
    """Five deaths over one row look like poison to the reader: each is to be the row's first."""
    house.owner.execute("UPDATE evidence SET tries = 1 WHERE verdict = 'unread' AND tries > 1 AND due_at IS NOT NULL")


def come_to_rest(house: House, draw: Random, seen: Seen, report: Report) -> None:
    """The janitor's days, and then one on which nobody is left out: its balance is asked for, and compared."""
    for seconds in (*REST, *LAST_DAY):
        house.advance(seconds)
        put_right(house)
        report.counts["statements handed over"] += fill_holes(house)
        rest(house, draw, everything=seconds in LAST_DAY)
        note_paid(seen)


def rest(house: House, draw: Random, *, everything: bool) -> None:
    """Until nothing is told and nobody finds work any more."""
    for _ in range(TURNS):
        handed = house.post.hand_out(everything=True)
        before = len(house.post.told)
        house.work(draw, everything=everything)
        house.advance(STEP_SECONDS)
        if not handed and len(house.post.told) == before and not house.post.bag:
            return
    raise AssertionError("the house never came to rest")


def note_paid(seen: Seen) -> None:
    seen.paid |= {row["id"] for row in seen.house.rows("SELECT id FROM payment_attempts WHERE state = 'paid'")}
    seen.paid_out |= {row["id"] for row in seen.house.rows("SELECT id FROM payouts WHERE state = 'paid'")}


def tally(seen: Seen) -> Counter[str]:
    """What happened, for the report."""
    counted: Counter[str] = sum((one.done for one in seen.rounds), Counter())
    counted["letters"] = len(seen.house.post.told)
    counted["letters lost"] = seen.house.post.misses
    counted["receipts"] = len(seen.truth["receipts"])
    counted["payouts"] = len(seen.truth["payouts"])
    counted["receipts that only Pull told"] = pulled(seen.house)
    return counted


def pulled(house: House) -> int:
    rows = house.rows(
        "SELECT count(*) AS many FROM receipts r JOIN evidence e ON e.id = r.evidence_id WHERE e.source LIKE 'pull%%'"
    )
    return int(rows[0]["many"])


def digest(house: House) -> str:
    """Of all that a run must leave behind alike."""
    told = hashlib.sha256()
    for query in DIGESTED:
        for row in house.owner.execute(query.encode()).fetchall():
            told.update(repr(row).encode())
    return told.hexdigest()[:16]
