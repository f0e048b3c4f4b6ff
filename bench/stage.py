"""What the rows stand on: PostgreSQL and Redis from their wheels, the demo's cast, and web servers on demand."""

import os
import secrets
import shutil
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.conninfo import conninfo_to_dict

import embedded.postgres
import embedded.redis
from bench import decade
from bench.load import Void
from embedded.ports import LOOPBACK, free_port
from embedded.server import Recipe, Server, private_directory
from gateway.clock import SystemClock
from gateway.commands.migrate import bring_up_to_date
from gateway.demo import cast
from gateway.settings import read
from gateway.ussd.turns import Turns
from gateway.wiring import Process, Wiring
from ledger import seasons
from migrations import runner

ROOT = Path(__file__).parents[1]
PEER = ROOT / "bench" / "peer"
THREADS = "8"
TRANSFERS = Path(__file__).with_name("transfers.sql")
FLOOR_TABLE = "CREATE TABLE arrived (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"


@dataclass
class Stage:
    """The running stores, their environment, and the servers started so far. `durable` is the product's default."""

    folder: Path
    durable: bool = True
    environment: dict[str, str] = field(default_factory=dict)
    people: list[dict[str, object]] = field(default_factory=list)
    _servers: dict[str, Server] = field(default_factory=dict)
    _exits: ExitStack = field(default_factory=ExitStack)
    _next_number: int = 1
    _decade: str = ""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    def _start(self) -> None:
        postgres = self._exits.enter_context(embedded.postgres.start(self.folder / "postgres", durable=self.durable))
        redis = self._exits.enter_context(embedded.redis.start(self.folder / "redis", durable=self.durable))
        with psycopg.connect(postgres.url, autocommit=True) as conn:
            conn.execute("CREATE DATABASE floor")
        self.environment = environment(postgres.url, redis.url, self.folder)
        with psycopg.connect(self.floor_database) as conn:
            conn.execute(FLOOR_TABLE)
            conn.execute(TRANSFERS.read_bytes())
        bring_up_to_date(self.worker)
        self.people = cast.seed(self.worker, admin_password=secrets.token_hex(16))

    @property
    def database(self) -> str:
        return self.environment["DATABASE_URL"]

    @property
    def floor_database(self) -> str:
        """Another database of the same server, for what the product is measured against."""
        parts = conninfo_to_dict(self.database)
        return f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/floor"

    @cached_property
    def worker(self) -> Wiring:
        return self._wiring("worker")

    @cached_property
    def web(self) -> Wiring:
        return self._wiring("web")

    @cached_property
    def turns(self) -> Turns:
        """The gateway's own turns, without HTTP."""
        return Turns.of(self.web)

    def decade(self, chamas: int) -> str:
        """Another database of the same server, with ten years of so many groups; written once."""
        if not self._decade:
            parts = conninfo_to_dict(self.database)
            with psycopg.connect(self.database, autocommit=True) as conn:
                conn.execute("CREATE DATABASE decade")
            self._decade = f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/decade"
            runner.migrate(self._decade, self.worker.now())
            with psycopg.connect(self._decade, autocommit=True) as conn:
                seasons.open_ahead(conn, self.worker.now())
                decade.write(conn, decade.Size(chamas), self.worker.now())
        return self._decade

    def numbers(self, count: int) -> int:
        """The first of `count` numbers that no row has used: for sessions, tokens, receipts."""
        first = self._next_number
        self._next_number += count
        return first

    def english_phones(self) -> list[str]:
        """Numbers of members of the running chama who are spoken to in English, E.164."""
        return [str(one["phone"]) for one in self.people if one["chama"] == "Umoja" and one["language"] == "en"]

    def forget_cut_off(self) -> None:
        """Whoever walked away from a screen would be asked at her next dial whether she goes on there."""
        for name in self.worker.redis.scan_iter("ussd-left:*"):
            self.worker.redis.unlink(name)

    def product(self) -> str:
        """The address of the gateway, served as `pesachama serve` does."""
        port = free_port()
        return self._served("product", [sys.executable, "-m", "gateway.cli", "serve", "--port", str(port)], port)

    def product_under_gunicorn(self) -> str:
        """The address of the gateway under gunicorn's threads, as many as granian has."""
        port = free_port()
        choice = ["-k", "gthread", "-w", "1", "--threads", THREADS, "-b", f"{LOOPBACK}:{port}"]
        return self._served("gunicorn", [sys.executable, "-m", "gunicorn", *choice, "wsgi:app"], port)

    def floor(self) -> str:
        """The address of the bare Flask views, under the same server with as many threads."""
        port = free_port()
        choice = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", THREADS, "--no-ws"]
        address = ["--host", LOOPBACK, "--port", str(port)]
        return self._served("floor", [sys.executable, "-m", "granian", *choice, *address, "bench.floor:app"], port)

    def peer(self) -> str:
        """The address of the npm peer; `npm ci` has installed it."""
        port = free_port()
        node = shutil.which("node")
        if node is None or not (PEER / "node_modules").exists():
            raise Void("the peer is not installed (Node, and npm ci in bench/peer)")
        return self._served("peer", [node, str(PEER / "server.mjs")], port)

    def _served(self, name: str, command: list[str], port: int) -> str:
        if name not in self._servers:
            recipe = Recipe(
                name=name,
                home=private_directory(self.folder / name),
                command=lambda _port: command,
                url=lambda port: f"http://{LOOPBACK}:{port}",
                ready=lambda port: answers(f"http://{LOOPBACK}:{port}/healthz"),
            )
            given = {**self.environment, "FLOOR_DATABASE_URL": self.floor_database, "PORT": str(port)}
            self._servers[name] = self._exits.enter_context(started(recipe, port, given))
        return self._servers[name].url

    def _wiring(self, process: Process) -> Wiring:
        wiring = Wiring(read(self.environment), process, SystemClock())
        self._exits.callback(wiring.close)
        return wiring


def started(recipe: Recipe, port: int, given: dict[str, str]) -> Server:
    """The server, started in an environment of its own: a child takes it from the process that starts it."""
    before = dict(os.environ)
    os.environ.update(given)
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        return Server(recipe, port)
    finally:
        os.environ.clear()
        os.environ.update(before)


def answers(url: str) -> bool:
    """Whether somebody answers HTTP there, whatever the answer is."""
    try:
        urllib.request.urlopen(url, timeout=2)  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def environment(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    """Complete settings with random secrets. Nobody listens where the simulators would: no row calls them."""
    nobody = f"http://{LOOPBACK}:9"
    names = ("SECRET_KEY", "PIN_PEPPER", "CALLBACK_SECRET", "AT_API_KEY", "MPESA_CONSUMER_KEY", "MPESA_PASSKEY")
    return {
        **{name: secrets.token_hex(32) for name in (*names, "MPESA_CONSUMER_SECRET")},
        "ENVIRONMENT": "demo",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": nobody,
        "SPOOL_DIR": str(folder / "spool"),
        "AT_USERNAME": "pesachama",
        "AT_BASE_URL": nobody,
        "MPESA_BASE_URL": nobody,
        "MPESA_BUSINESS_SHORTCODE": "600123",
        "CHAIN": "off",
        "CHECKPOINT_FILE": str(folder / "checkpoints"),
        "CHAIN_OPERATOR_KEY": "0x" + secrets.token_hex(32),
    }
