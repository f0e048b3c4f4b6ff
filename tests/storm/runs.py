"""Many waves beside each other, what is written down of them, and what is said about them."""

import argparse
import gc
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from hashlib import sha256
from multiprocessing import get_context, parent_process
from pathlib import Path

import embedded.postgres
import embedded.redis
from tests import apps
from tests.conftest import a_template
from tests.instruments import fast_folder
from tests.storm import flood, people, sessions, wave
from tests.storm.people import Stage
from tests.storm.wave import Report
from tests.storm.weather import PAYING_OUT

STATE = Path(".storm")
# More than in a test: what it takes to set a wave up is shared by more of them.
BODIES = 25_000
# What is played, how many of it make a wave, after how many a line is printed, and how many groups there are.
KINDS = {
    "rounds": (wave.play, wave.ROUNDS, 100, wave.ROUNDS),
    "payouts": (partial(wave.play, weather=PAYING_OUT), 10 * wave.ROUNDS, 10_000, wave.ROUNDS),
    "bodies": (partial(flood.play, count=BODIES), BODIES, 100_000, flood.GROUPS),
    "sessions": (sessions.play, sessions.SESSIONS, 100, 0),
}
# What a hand keeps as long as it lives.
_FOR_LIFE = ExitStack()


@contextmanager
def servers() -> Iterator[Stage]:
    """PostgreSQL with a migrated database to copy, and Redis, both of this run's own."""
    with ExitStack() as exits:
        folder = exits.enter_context(fast_folder())
        postgres = exits.enter_context(embedded.postgres.start(folder / "postgres", durable=False))
        redis = exits.enter_context(embedded.redis.start(folder / "redis", durable=False))
        template = exits.enter_context(a_template(postgres.url))
        yield Stage(postgres.url, template, redis.url, folder)


def run(options: argparse.Namespace) -> int:
    kind = next((each for each in KINDS if getattr(options, each)), "rounds")
    _, size, every, groups = KINDS[kind]
    waves = [options.wave] if options.wave is not None else list(range(-(-(getattr(options, kind) or size) // size)))
    state = STATE / f"{kind}-{options.seed}.json"
    done: dict[str, dict[str, object]] = json.loads(state.read_text()) if options.resume and state.exists() else {}
    begun = time.perf_counter()
    played = 0
    with (
        servers() as empty,
        people.peopled(empty, groups) if groups else nullcontext(empty) as stage,
        ProcessPoolExecutor(options.hands, get_context("spawn"), follow) as hands,
    ):
        todo = [number for number in waves if done.get(str(number), {"broken": True})["broken"]]
        playing = {hands.submit(play_apart, stage, kind, options.seed, number): number for number in todo}
        for finished in as_completed(playing):
            report = told(finished, options.seed, playing[finished], size)
            done[str(report.wave)] = vars(report) | {"counts": dict(report.counts)}
            keep(state, done)
            played += size
            if played % every == 0 or report.broken:
                say(kind, done, played, time.perf_counter() - begun)
            if report.broken:
                complain(report, kind, size)
    ended = [done[str(number)] for number in waves]
    print(summary(kind, ended, time.perf_counter() - begun))
    return 1 if any(one["broken"] for one in ended) else 0


def follow() -> None:
    """A hand ends with the run that it belongs to, however that ends; what its waves' apps share is made once."""
    _FOR_LIFE.enter_context(apps.alike())
    # What is imported stays: Python's collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)

    def end() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=end, daemon=True).start()


def told(finished: "Future[Report]", seed: int, number: int, size: int) -> Report:
    try:
        return finished.result()
    except BrokenProcessPool:
        raise
    except Exception as trouble:
        return Report(seed, number, size, broken={"the run itself": [f"{type(trouble).__name__}: {trouble}"[:500]]})


def play_apart(stage: Stage, kind: str, seed: int, number: int) -> Report:
    """In a process of its own, with one of Redis' databases of its own."""
    own = replace(stage, redis_url=f"{stage.redis_url.rsplit('/', 1)[0]}/{os.getpid() % 16}")
    return KINDS[kind][0](own, seed, number)


def keep(state: Path, done: dict[str, dict[str, object]]) -> None:
    state.parent.mkdir(exist_ok=True)
    unfinished = state.with_suffix(".new")
    unfinished.write_text(json.dumps(done))
    unfinished.replace(state)


def counted(done: Iterable[dict[str, object]]) -> Counter[str]:
    return sum((Counter(one["counts"]) for one in done), Counter())  # type: ignore[arg-type]


def say(kind: str, done: dict[str, dict[str, object]], played: int, seconds: float) -> None:
    counts = counted(done.values())
    facts = ("receipts", "payouts", "letters", "crashes", "distinct bodies", "turns")
    numbers = ", ".join(f"{counts[name]:,} {name}" for name in facts if counts[name])
    size = KINDS[kind][1]
    print(f"{len(done) * size:,} {kind}: {numbers}; {1000 * seconds / played:.1f} ms each", flush=True)


def complain(report: Report, kind: str, size: int) -> None:
    for name, exceptions in report.broken.items():
        print(f"  {name} does not hold in wave {report.wave}: {'; '.join(exceptions[:5])}")
    again = f".venv/bin/python -m tests.storm --seed {report.seed} --{kind} {size} --wave {report.wave}"
    print(f"  again: {again}", flush=True)


def summary(kind: str, ended: list[dict[str, object]], seconds: float) -> str:
    together = sha256("".join(str(one["digest"]) for one in ended).encode()).hexdigest()[:16]
    bad = sum(bool(one["broken"]) for one in ended)
    size = KINDS[kind][1]
    lines = [f"  {name}: {number:,}" for name, number in sorted(counted(ended).items())]
    last = f"{len(ended) * size:,} {kind} in {seconds / 60:.1f} minutes, {bad} waves broken, digest {together}"
    return "\n".join([*lines, last])
