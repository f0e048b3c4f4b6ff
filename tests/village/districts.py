"""The village's districts beside each other, what is put away of each, and how a stopped run goes on.

Theory of operation. 25 groups share a database, a paybill and a worker, whoever lives beside them and however many
hands play: so the same seed comes to the same end with one hand and with two. After every thirtieth day a district is
put away in .village/: its database is copied to one that nobody writes to, and then its life is written to a file that
names the copy. `--resume` begins again at the newest such pair, and leaves out districts of which every day held.
"""

import argparse
import json
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import embedded.postgres
from tests.conftest import OWNER, a_template, as_owner
from tests.storm.runs import follow
from tests.village.days import Village
from tests.village.run import End, live

STATE = Path(".village")
# Groups in one database: enough to meet, few enough that a hand is through with them in minutes.
TOGETHER = 25


@dataclass(frozen=True)
class District:
    """A part of the village on the server at `server_url`: its groups by place, and where its life is written."""

    server_url: str
    template: str
    file: Path
    seed: int
    places: Sequence[int]
    days: int

    @property
    def database(self) -> str:
        return f"village_{self.seed}_{self.places[0]}_{self.places[-1]}"

    @property
    def ended(self) -> Path:
        return self.file.with_name(f"{self.file.name}-{self.days}.json")

    def live(self) -> End:
        """From the last day that was put away, or from the first."""
        kept = b""
        with psycopg.connect(self.server_url, autocommit=True) as conn:
            if self.file.exists():
                copy, _, kept = self.file.read_bytes().partition(b"\n")
                _copied(conn, copy.decode(), self.database)
            else:
                _copied(conn, self.template, self.database)
        begun = time.perf_counter()

        def told(village: Village) -> None:
            if village.life.days % 30 == 0:
                did = dict(sorted(village.life.did.items()))
                print(
                    f"{self.database} day {village.life.days}, {time.perf_counter() - begun:.0f} s: {did}", flush=True
                )

        with tempfile.TemporaryDirectory(dir=self.file.parent) as folder:
            url = as_owner(self.server_url, self.database)
            places, days, seed = self.places, self.days, self.seed
            end = live(url, Path(folder), places=places, days=days, seed=seed, kept=kept, keep=self._keep, told=told)
        _write(self.ended, json.dumps(asdict(end)).encode())
        return end

    def live_apart(self) -> End:
        """The same in a process of its own: what is raised there is told here, and played again by `--resume`."""
        try:
            return self.live()
        except Exception as trouble:
            traceback.print_exc()
            end = End(0, {}, [f"{self.database}: {type(trouble).__name__}: {trouble}"], "")
            _write(self.ended, json.dumps(asdict(end)).encode())
            return end

    @property
    def held(self) -> bool:
        """Whether it was played to its end already, and every day held."""
        return self.ended.exists() and not json.loads(self.ended.read_text())["wrong"]

    def _keep(self, life: bytes) -> None:
        """The copy before the last is let go only when the file names the new one."""
        old = self.file.read_bytes().partition(b"\n")[0].decode() if self.file.exists() else ""
        copy = f"{self.database}_{'b' if old.endswith('_a') else 'a'}"
        with psycopg.connect(self.server_url, autocommit=True) as conn:
            _copied(conn, self.database, copy)
            _write(self.file, copy.encode() + b"\n" + life)
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old or f"{self.database}_b")))


def run(options: argparse.Namespace) -> int:
    """All of them; returns 1 when a day did not hold."""
    folder = STATE / f"{options.seed}-{options.chamas}"
    folder.mkdir(parents=True, exist_ok=True)
    if not options.resume:
        for file in folder.glob("district-*"):
            file.unlink()
    places = range(1, options.chamas + 1)
    begun = time.perf_counter()
    with (
        embedded.postgres.start(STATE / "postgres", durable=False) as server,
        a_template(server.url) as template,
        ProcessPoolExecutor(options.hands, get_context("spawn"), follow) as hands,
    ):
        districts = [
            District(
                server.url, template, folder / f"district-{at}", options.seed, places[at : at + TOGETHER], options.days
            )
            for at in range(0, options.chamas, TOGETHER)
        ]
        todo = [one for one in districts if not one.held]
        playing = {hands.submit(one.live_apart): one for one in todo}
        for finished in as_completed(playing):
            end = finished.result()
            print(
                f"{playing[finished].database}: {end.days} days, {'; '.join(end.wrong) or 'every day held'}", flush=True
            )
    return _summed([End(**json.loads(one.ended.read_text())) for one in districts], time.perf_counter() - begun)


def _summed(ends: Sequence[End], seconds: float) -> int:
    did = sum((Counter(end.did) for end in ends), Counter[str]())
    wrong = [one for end in ends for one in end.wrong]
    together = sha256("".join(end.digest for end in ends).encode()).hexdigest()
    print("\n".join(wrong) or "every day held")
    print(f"{min(end.days for end in ends)} days in {seconds:.0f} s, {dict(sorted(did.items()))}\nend {together}")
    return 1 if wrong else 0


def _copied(conn: psycopg.Connection[Any], old: str, new: str) -> None:
    """`new` is what `old` is now; nobody is connected to either."""
    names = {"old": sql.Identifier(old), "new": sql.Identifier(new)}
    conn.execute(sql.SQL("DROP DATABASE IF EXISTS {new}").format(**names))
    create = "CREATE DATABASE {new} OWNER {owner} TEMPLATE {old} STRATEGY file_copy"
    conn.execute(sql.SQL(create).format(owner=sql.Identifier(OWNER), **names))


def _write(file: Path, content: bytes) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.write_bytes(content)
    unfinished.replace(file)
