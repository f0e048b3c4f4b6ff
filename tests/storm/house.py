"""One wave's house: a database, the product on it, the simulator as a process, and one clock that only the wave moves.

Everything is real but the threads and the waiting: what the worker does at once it does here in order, so that the same
seed is the same run, and nobody sleeps. The post office (post.py) stands where Safaricom's calls come in.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from embedded.ports import free_port
from gateway import log
from gateway.app import create_app
from gateway.commands.register_urls import register
from gateway.jobs import work
from gateway.jobs.loops import Loop
from gateway.settings import Settings
from gateway.wiring import Wiring
from payments.daraja import client, token
from payments.reconciliation import pull
from tests.drills.fuse import Death, MortalWiring
from tests.instruments import START, HandClock, SeededChance, settings_for
from tests.simulator.client import Simulator
from tests.storm.guard import Guard
from tests.storm.people import SHORTCODE, People, found
from tests.storm.post import Post
from tests.storm.weather import Weather
from tests.whole import served

KYC = "+254700000001"
# Loops without money in them: what they do is drilled elsewhere, and each message is three calls over HTTP.
LEFT_OUT = frozenset({"texts"})
# These find little that is due, and ask for it each time: they come by less often.
SELDOM = frozenset(
    {
        *("expiries", "seals", "checkpoints", "rounds", "confirmations", "balances", "statements", "offers"),
        *("settlements", "letters", "aging", "returns", "fines", "defaults", "pots", "rules", "ballots"),
        "disbursements",
    }
)
OFTEN_ENOUGH = 0.3
# By turns until nobody takes anything; a payment is through after about six, ten thousand bodies after a hundred.
TURNS = 400


class InOrder:
    """Stands for ThreadPoolExecutor: the same work, one piece after the other, in the thread that asks."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> "InOrder":
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, work: Callable[..., Any], *things: Iterable[Any]) -> list[Any]:
        return [work(*one) for one in zip(*things, strict=False)]


@dataclass
class Switch:
    on: bool = False


@dataclass(frozen=True)
class WebWiring(Wiring):
    """The web's wiring, from which PostgreSQL can be taken away."""

    away: Switch = field(default_factory=Switch)

    @property
    def pool(self) -> Any:
        if self.away.on:
            raise psycopg.OperationalError("away")
        return super().pool


class Lines(logging.Handler):
    """Every line that the product logs, as it would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(log.JsonLines().format(record))


@dataclass
class House:
    """Addresses and hands on everything of one wave; `tokens` are all that stood in callback URLs so far."""

    settings: Settings
    clock: HandClock
    worker: MortalWiring
    web: WebWiring
    simulator: Simulator
    post: Post
    owner: Connection[Any]
    lines: list[str]
    tokens: list[str]
    weather: Weather
    shortcode_id: int = 0
    loops: list[Loop] = field(default_factory=list)
    wishes: list[dict[str, Any]] = field(default_factory=list)

    def wish(self, outcome: str, api: str = "stk", phone: str = "*", times: int = 1) -> None:
        """How something will end at Safaricom's: told before anything else happens there."""
        self.wishes.append({"outcome": outcome, "api": api, "phone": phone, "times": times})

    def tell_wishes(self) -> None:
        told, self.wishes = self.wishes, []
        if told:
            self.simulator.wish_all(told)

    def rows(self, query: str, *given: Any) -> list[dict[str, Any]]:
        """What the owner of the tables sees."""
        with self.owner.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), given).fetchall()

    def advance(self, seconds: float) -> None:
        """Time passes for everybody, and what becomes due at Safaricom's happens."""
        self.clock.advance(seconds)
        self.tell_wishes()
        self.simulator.advance(seconds)
        self.post.sort_in()

    def work(self, draw: Random, fuse: int | None = None, *, everything: bool = False) -> bool:
        """The worker's loops by turns, in any order, until they are at rest; False when the fuse has killed it.

        The clock stands meanwhile: who found nothing is not asked again before somebody else has done something.
        """
        self.worker.fuse.light(fuse)
        self.tell_wishes()
        everything = everything or draw.random() < OFTEN_ENOUGH
        try:
            turn = [loop for loop in self.loops if everything or loop.name not in SELDOM | self.weather.seldom]
            idle: set[str] = set()
            for _ in range(TURNS):
                draw.shuffle(turn)
                for loop in turn:
                    if loop.name not in idle:
                        idle = set() if loop.work() else idle | {loop.name}
                if len(idle) == len(turn):
                    return True
            raise AssertionError("the worker never came to rest")
        except Death:
            return False
        finally:
            self.worker.fuse.light(None)
            self.post.sort_in()


@contextmanager
def standing(
    url: str,
    redis_url: str,
    folder: Path,
    *,
    seed: str,
    version: str,
    without: Guard | None,
    weather: Weather,
    people: People | None,
    groups: int,
) -> Iterator[tuple[House, People]]:
    """Builds a house on a migrated database, and takes it down. `version` is how the paybill tells its payers.

    `without` is a guard that is not there in this house. So many groups are founded, unless `people` stand there.
    """
    with ExitStack() as exits:
        tokens: list[str] = []
        lines = exits.enter_context(listening())
        doors: list[Post] = []
        exits.enter_context(patched(tokens, doors))
        if without:
            exits.enter_context(without.away())
        port = free_port()
        settings = settings_for(
            url, redis_url, folder, PUBLIC_URL=f"http://127.0.0.1:{port}", CALLBACK_SECRET="ab" * 32
        )
        simulator = started(settings, folder, Random(seed).randrange(2**31))
        exits.callback(simulator.kill)
        settings = replace(settings, mpesa_base_url=simulator.url, at_base_url=f"{simulator.url}/version1")
        clock = HandClock()
        number = Random(seed).randrange(2**31)
        worker = MortalWiring(settings, "worker", clock, SeededChance(number))
        web = WebWiring(settings, "web", clock, SeededChance(number + 1))
        exits.callback(worker.close)
        exits.callback(web.close)
        owner = exits.enter_context(psycopg.connect(url, autocommit=True))
        post = Post(create_app(web), web.away, Random(f"{seed}/post"), weather.spooled)
        doors.append(post)
        exits.enter_context(served(web, port, lambda _: post))
        house = House(settings, clock, worker, web, simulator, post, owner, lines, tokens, weather)
        people = people or found(worker, groups)
        house.shortcode_id = people.shortcode_id
        house.loops = [loop for loop in work.loops(worker) if loop.name not in LEFT_OUT]
        if without:
            without.begin(owner, simulator)
        register(worker, version, SHORTCODE)  # type: ignore[arg-type]
        pull.register(worker, SHORTCODE, KYC)
        yield house, people


def started(settings: Settings, folder: Path, seed: int) -> Simulator:
    (folder / "cast.json").write_text(json.dumps([]))
    told = {
        "--seed": str(seed),
        "--clock": START.isoformat(),
        "--shortcode": settings.mpesa_business_shortcode,
        "--passkey": settings.mpesa_passkey,
        "--consumer-key": settings.mpesa_consumer_key,
        "--consumer-secret": settings.mpesa_consumer_secret,
        "--initiator": settings.mpesa_initiator_name,
    }
    return Simulator(settings.public_url, tuple(part for pair in told.items() for part in pair)).start()


@contextmanager
def listening() -> Iterator[list[str]]:
    keeper, logger = Lines(), log.LOGGER
    before = logger.level, logger.propagate
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    # The post office's server speaks of each request, with its token.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        yield keeper.written
    finally:
        logger.removeHandler(keeper)
        logger.level, logger.propagate = before


@contextmanager
def patched(tokens: list[str], doors: list[Post]) -> Iterator[None]:
    """Threads in order, no real waiting for another worker's lease, every token noted as it is made, and what is early
    let in before the answer to the request.
    """
    undo: list[tuple[Any, str, Any]] = []

    def put(module: Any, name: str, value: Any) -> None:
        undo.append((module, name, getattr(module, name)))
        setattr(module, name, value)

    def noting(make: Callable[[Any], str]) -> Callable[[Any], str]:
        def made(chance: Any) -> str:
            tokens.append(make(chance))
            return tokens[-1]

        return made

    def overtaken(ask: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*given: Any, **named: Any) -> Any:
            outcome = ask(*given, **named)
            for door in doors:
                door.hand_over_early()
            return outcome

        return asked

    put(client.Daraja, "post", overtaken(client.Daraja.post))
    for name, module in sorted(sys.modules.items()):
        if name.startswith(("payments.", "chamas.", "gateway.")):
            if hasattr(module, "ThreadPoolExecutor"):
                put(module, "ThreadPoolExecutor", InOrder)
            if hasattr(module, "new_token") and name != "payments.tokens":
                put(module, "new_token", noting(module.new_token))
    put(token, "WAITS", 1)
    put(token, "WAIT_SECONDS", 0)
    try:
        yield
    finally:
        for module, name, value in reversed(undo):
            setattr(module, name, value)
