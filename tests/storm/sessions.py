"""Randomised sessions under trouble end as the same sessions do without any: nothing twice, nothing by itself.

Each round a member with a wish dials twice over: once in peace, once while the network repeats, races, reorders and
cuts her turns and Redis forgets, answers late or not at all. She does what people do: she reads the screen and presses
what leads to her wish. What stands in PostgreSQL afterwards must be the same, a repeated turn must have been told the
same, and everything said once more, in any order, must change nothing.
"""

import hashlib
import itertools
import random
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import psycopg
import redis
from flask import Flask
from psycopg import Connection

from chamas.members import pins
from gateway.app import create_app
from gateway.ussd.sessions import Sessions
from gateway.wiring import Wiring
from menus.phone import look_at
from tests.conftest import a_database, as_owner
from tests.gateway.turns import FORM
from tests.instruments import START, HandClock, SeededChance, settings_for
from tests.menus import village
from tests.storm.house import listening
from tests.storm.members import PIN, REDIAL, Member, Wish
from tests.storm.people import Stage
from tests.storm.post import post
from tests.storm.wave import Report

# More turns than any wish takes, with every kind of trouble on the way.
PATIENCE = 60
PEACEFUL, TROUBLED = 4, 6
# How many make a wave.
SESSIONS = 100

ids = itertools.count(1)


@dataclass
class Line:
    """The way between a phone and us; every answer by its turn."""

    app: Flask
    phone: str
    told: dict[tuple[str, str], str] = field(default_factory=dict)

    def post(self, session: str, text: str) -> str:
        fields = {"sessionId": session, "serviceCode": "*384*123#", "phoneNumber": self.phone}
        body = urlencode({**fields, "networkCode": "99999", "text": text}).encode()
        # As a WSGI server does it: the test client's own work is a third of a turn's.
        status, said = post(self.app, "/ussd", body, FORM, "127.0.0.1")
        assert status == 200
        screen = said.decode()
        look_at(screen)
        assert "say " not in screen, f"broken: {screen}"
        return screen

    def turn(self, session: str, text: str) -> str:
        self.told[session, text] = screen = self.post(session, text)
        return screen


@dataclass
class Trouble:
    """What happens between two turns."""

    line: Line
    store: "redis.Redis"
    dice: random.Random
    threads: ThreadPoolExecutor
    # What ends while she is on the phone.
    ends: Callable[[], object]

    def around(self, session: str, text: str) -> str:
        """One turn with what the network makes of it; the screen that the phone shows in the end."""
        happens = self.dice.random()
        if happens < 0.15:
            shown = {*self.threads.map(lambda _copy: self.line.post(session, text), range(2))}
            assert len(shown) == 1, shown
            self.line.told[session, text] = screen = shown.pop()
            return screen
        screen = self.line.turn(session, text)
        if happens < 0.35:
            assert self.line.post(session, text) == screen
        elif happens < 0.45:
            late = self.dice.choice([turn for turn in self.line.told if turn[0] == session])
            self.line.post(*late)
        elif happens < 0.55:
            self.store.flushdb()
            self.line.post(session, text)
        elif happens < 0.65:
            self.store.flushdb()
        elif happens < 0.75:
            self.ends()
            self.store.flushdb()
            self.line.post(session, text)
        return screen


def hold(member: Member, turn: Callable[[str, str], str], cut: Callable[[], bool]) -> None:
    """She dials until she has what she wanted, and anew whenever she is cut off."""
    session, text, screen = "", "", ""
    for _turn in range(PATIENCE):
        if not session:
            session, text = f"ATUid_{next(ids):032x}", member.wish.dialled
            screen = turn(session, text)
        keys = member.answer(screen)
        if keys is None:
            return
        if keys == REDIAL or cut():
            session = ""
            continue
        text = f"{text}*{keys}" if text else keys
        screen = turn(session, text)
    raise AssertionError(f"she gave up on {member.wish} at {screen!r}")


@dataclass
class World:
    """Where both sessions of a round are held."""

    app: Flask
    conn: Connection[Any]
    store: "redis.Redis"
    settled: village.Village
    threads: ThreadPoolExecutor
    away: random.Random | None = None
    # The last claim of cash before this round.
    claimed: int = 0

    def effects(self, place: int) -> Mapping[str, Any]:
        """What stands in the books' neighbourhood because of one member, and is then made undone."""
        user_id = self.settled.users[place - 1]
        wished = self.conn.execute(
            "SELECT i.amount_cents, a.state FROM payment_intents i JOIN payment_attempts a ON a.intent_id = i.id "
            "WHERE i.payer_id = %s AND a.state <> 'failed_final' ORDER BY i.id",
            [user_id],
        ).fetchall()
        done = self.conn.execute(
            # To say the same amount once more, after a drop, changes nothing: what follows from it is in `cash`.
            "SELECT action, count(*) FROM ussd_actions WHERE user_id = %s "
            "AND action NOT IN ('asked again', 'cash.say') GROUP BY action ORDER BY action",
            [user_id],
        ).fetchall()
        language = self.conn.execute("SELECT language FROM users WHERE id = %s", [user_id]).fetchone()
        cash = self.conn.execute(
            "SELECT c.state, c.said_cents, sum(p.amount_cents) FROM cash_claims c LEFT JOIN postings p "
            "ON (p.book_id, p.seq) = (c.book_id, c.seq) AND p.amount_cents < 0 "
            "WHERE c.member_id = %s AND c.id > %s GROUP BY c.id",
            [self.settled.members[place - 1], self.claimed],
        ).fetchall()
        return {"wished": wished, "done": done, "language": language, "cash": cash}

    def begin_again(self, wish: Wish) -> None:
        self.away = None
        self.claimed = village.one(self.conn, "SELECT coalesce(max(id), 0) FROM cash_claims", [])
        self.conn.execute("UPDATE cash_claims SET state = 'withdrawn' WHERE state = 'recorded'")
        if wish.kind == "cash":
            places = (PEACEFUL, TROUBLED)
            village.cash_given(self.conn, self.settled, START, places=places, cents=wish.shillings * 100)
        self.prompts_end()
        self.conn.execute("DELETE FROM ussd_actions")
        self.conn.execute("UPDATE users SET language = 'en' WHERE language <> 'en'")
        self.store.flushdb()

    def prompts_end(self) -> None:
        self.conn.execute(
            # Only what this round left: each row that is written is also a row in the log of changes.
            "UPDATE payment_attempts SET state = 'failed_final', due_at = NULL WHERE state <> 'failed_final'"
        )

    def prompt_out(self, wish: Wish, place: int) -> Callable[[], object]:
        """Who dials ahead has a prompt on her phone; what ends it, which for everybody else does nothing."""
        if wish.kind != "ahead":
            return lambda: None
        village.push_out(self.conn, self.settled, place=place, cents=50_000, at=START)
        return self.prompts_end

    def round(self, seed: int) -> tuple[str, int, Mapping[str, Any]]:
        """One wish, twice; its kind, how many turns the troubled session had, and its effects."""
        dice = random.Random(seed)
        wish = Wish.drawn(dice)
        self.begin_again(wish)
        calm = Line(self.app, village.phone_of(PEACEFUL))
        ends = self.prompt_out(wish, PEACEFUL)
        hold(Member(wish), calm.turn, lambda: False)
        ends()
        peaceful = self.effects(PEACEFUL)
        line = Line(self.app, village.phone_of(TROUBLED))
        ends = self.prompt_out(wish, TROUBLED)
        trouble = Trouble(line, self.store, dice, self.threads, ends)
        self.away = random.Random(seed)
        hold(Member(wish), trouble.around, lambda: dice.random() < 0.08)
        ends()
        assert self.effects(TROUBLED) == peaceful, f"seed {seed}: {wish}"
        self.away = None
        replayed = [*line.told] * 2
        dice.shuffle(replayed)
        for number, turn in enumerate(replayed):
            if number % 3 == 0:
                self.store.flushdb()
            line.post(*turn)
        assert self.effects(TROUBLED) == peaceful, f"seed {seed}: a replay did something"
        return wish.kind, len(line.told), {key: peaceful[key] for key in ("wished", "done", "cash")}


@contextmanager
def a_world(wiring: Wiring, conn: Connection[Any], redis_url: str) -> Iterator[World]:
    """A village and the app for `wiring`, a web's; for the length of a block Redis answers late or not, at times."""
    settled = village.settle(conn, START, paid=(1, 2), languages=("en",))
    # A PIN is hashed for nothing here, and ten thousand are typed.
    with patch.object(pins, "MEMORY_KIB", 8), patch.object(pins, "PASSES", 1), ExitStack() as exits:
        for place in (PEACEFUL, TROUBLED):
            pepper = wiring.settings.pin_pepper
            pins.set_pin(
                conn, settled.users[place - 1], PIN, phone=None, pepper=pepper, at=START, chance=SeededChance()
            )
        store = exits.enter_context(redis.Redis.from_url(redis_url))
        threads = exits.enter_context(ThreadPoolExecutor(2))
        built = World(create_app(wiring), conn, store, settled, threads)
        commit = Sessions.commit

        def away_at_times(*given: Any, **named: Any) -> bool:
            """Redis does not answer, before it stored or after."""
            happens = built.away.random() if built.away else 1
            if happens < 0.02:
                raise redis.TimeoutError
            stored = commit(*given, **named)
            if happens < 0.04:
                raise redis.TimeoutError
            return stored

        exits.enter_context(patch.object(Sessions, "commit", away_at_times))
        yield built


def play(stage: Stage, seed: int, wave: int, count: int = SESSIONS) -> Report:
    """One wave: so many sessions, one after the other, in one village."""
    begun = time.perf_counter()
    report = Report(seed, wave, count)
    ended = hashlib.sha256()
    with (
        TemporaryDirectory(dir=stage.folder) as folder,
        a_database(stage.postgres_url, stage.template) as name,
        listening(),
    ):
        url = as_owner(stage.postgres_url, name)
        wiring = Wiring(settings_for(url, stage.redis_url, Path(folder)), "web", HandClock(), SeededChance(seed))
        try:
            with psycopg.connect(url, autocommit=True) as conn, a_world(wiring, conn, stage.redis_url) as world:
                for number in range(count):
                    one = 1_000_000 * seed + wave * count + number
                    ended.update(repr(play_one(world, one, report)).encode())
        finally:
            wiring.close()
    report.digest = ended.hexdigest()[:16]
    report.seconds = time.perf_counter() - begun
    return report


def play_one(world: World, seed: int, report: Report) -> object:
    """One session in peace and in trouble; what it left behind."""
    try:
        kind, turns, effects = world.round(seed)
    except AssertionError as trouble:
        report.broken.setdefault("trouble ends as peace does", []).append(f"{seed}: {trouble}"[:500])
        return None
    report.counts[f"who wished to {kind}"] += 1
    report.counts["turns"] += turns
    report.counts["sessions that did something"] += any(effects.values())
    return effects
