"""Starts and stops everything the demo is made of, each part a process of its own, in the order they need one another.

PostgreSQL, Redis and the chain start at the same time; then the schema and the cast; then simulator, web and worker,
again at the same time. Nobody waits for the chain to listen: who needs it needs longer to start than the chain itself.
Every part stops when this process ends, in whatever way: `embedded.watch` sees to that.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import embedded.chain
import embedded.postgres
import embedded.redis
from embedded.ports import LOOPBACK, free_port, is_free
from embedded.server import Recipe, Server, private_directory, remembered_port, write_private
from gateway import outbound
from gateway.clock import OffsetClock, StandingClock, SystemClock
from gateway.commands.migrate import bring_up_to_date
from gateway.commands.register_urls import register
from gateway.demo import cast
from gateway.demo.secrets import Secrets, kept, kept_account
from gateway.settings import read
from gateway.wiring import Wiring
from payments.daraja.outcomes import Accepted
from payments.reconciliation import pull

SHORTCODE = "600123"
USSD_CODE = "*384*123#"
INITIATOR = "testapi"
# Any number does; the same one makes every fresh demo the same.
SEED = 20261120


class PortTaken(Exception):
    """Something else listens where the demo should."""


@dataclass
class Stack:
    """The running demo: addresses, cast, and the seconds each part took, in `parts`, as they came up."""

    folder: Path
    port: int
    chain_on: bool = True
    # ISO moment that it is at the first start; now, when it is left out.
    begins_at: str = ""
    parts: dict[str, float] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    api_token: str = ""
    servers: dict[str, Server] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    _exits: ExitStack = field(default_factory=ExitStack)

    @property
    def gateway_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port + 1}"

    @cached_property
    def _chain_port(self) -> int:
        """Chosen here, so that others can be told before the chain listens."""
        return remembered_port(self.folder / "chain")

    @property
    def _chain_url(self) -> str:
        return f"http://{LOOPBACK}:{self._chain_port}"

    @property
    def secrets(self) -> Secrets:
        return kept(self.folder)

    def look_at_ports(self) -> None:
        """Raises PortTaken when something else listens on ours."""
        for port in (self.port, self.port + 1):
            if not is_free(port):
                raise PortTaken(f"port {port} is in use: stop what listens there, or choose another with PORT=")

    def start(self, told: Callable[[str, float], None]) -> None:
        """Brings everything up; `told(part, seconds)` is called as each part is there."""
        self.look_at_ports()
        private_directory(self.folder)
        has_accounts = (self.folder / "chain" / "accounts.json").exists()
        with ThreadPoolExecutor() as threads:
            stores = self._begin(threads, told, self._stores())
            for name, store in stores.items():
                if name != "chain" or not has_accounts:
                    store.result()
            self.environment = self._settings()
            begun = time.monotonic()
            self._seed()
            self._note(told, "schema and cast", begun)
            processes = self._begin(threads, told, self._processes())
            for part in [*stores.values(), *processes.values()]:
                part.result()
            self._register()

    def stop(self) -> None:
        """Stops every part, the last first."""
        self._exits.close()

    def _stores(self) -> Iterator[tuple[str, Callable[[], Server]]]:
        yield "PostgreSQL", lambda: embedded.postgres.start(self.folder / "postgres")
        yield "Redis", lambda: embedded.redis.start(self.folder / "redis")
        if self.chain_on:
            yield "chain", lambda: embedded.chain.start(self.folder / "chain", port=self._chain_port)

    def _processes(self) -> Iterator[tuple[str, Callable[[], Server]]]:
        simulator = ["-m", "simulator", "--port", str(self.port + 1), "--state-dir", str(self.folder / "simulator")]
        web = ["-m", "gateway.cli", "serve", "--port", str(self.port)]
        yield "simulator", lambda: self._python("simulator", simulator, f"{self.simulator_url}/healthz")
        yield "web", lambda: self._python("web", web, f"{self.gateway_url}/readyz", self.port)
        yield "worker", lambda: self._python("worker", ["-m", "gateway.cli", "worker"])

    def _python(self, name: str, arguments: list[str], ready_url: str | None = None, port: int | None = None) -> Server:
        home = private_directory(self.folder / name)
        log = home / f"{name}.log"
        said_before = 0

        def before(_port: int) -> None:
            nonlocal said_before
            said_before = log.stat().st_size if log.exists() else 0

        def ready(_port: int) -> bool:
            if ready_url is None:
                with log.open("rb") as file:
                    file.seek(said_before)
                    return b'"worker ready"' in file.read()
            try:
                outbound.get_json(ready_url)
            except OSError:
                return False
            return True

        recipe = Recipe(
            name=name,
            home=home,
            command=lambda _port: [sys.executable, *arguments],
            url=lambda _port: ready_url or "",
            ready=ready,
            before=before,
            environment=self.environment,
        )
        return Server(recipe, port or free_port())

    def _begin(
        self, threads: Executor, told: Callable[[str, float], None], starts: Iterator[tuple[str, Callable[[], Server]]]
    ) -> dict[str, Future[None]]:
        """Starts these parts at the same time."""

        def start(name: str, begin: Callable[[], Server]) -> None:
            begun = time.monotonic()
            self.servers[name] = begin()
            self._exits.callback(self.servers[name].stop)
            self._note(told, name, begun)

        return {name: threads.submit(start, name, begin) for name, begin in starts}

    def _note(self, told: Callable[[str, float], None], part: str, begun: float) -> None:
        self.parts[part] = time.monotonic() - begun
        told(part, self.parts[part])

    def _seed(self) -> None:
        """Migrates and seeds; both find their work done at a later start."""
        begins = StandingClock(datetime.fromisoformat(self.begins_at)) if self.begins_at else SystemClock()
        wiring = Wiring(read(self.environment), "worker", begins)
        try:
            bring_up_to_date(wiring)
            self.people = cast.seed(wiring, admin_password=self.secrets.admin_password)
            self.api_token = cast.issue_token(wiring)
        finally:
            wiring.close()
        write_private(self.folder / "cast.json", json.dumps(self.people, indent=1))

    def _register(self) -> None:
        """Tells the simulator where paybill payments are confirmed, and that Pull is wanted; again at a later start."""
        clock = OffsetClock(outbound.clock_offset(self.environment["CLOCK_URL"]))
        wiring = Wiring(read(self.environment), "worker", clock)
        try:
            outcomes = [register(wiring, "v1", SHORTCODE), pull.register(wiring, SHORTCODE, cast.UMOJA[0].phone)]
        finally:
            clock.stop()
            wiring.close()
        if not all(isinstance(outcome, Accepted) for outcome in outcomes):
            raise RuntimeError("the simulator does not take the paybill's addresses, or Pull's registration")

    def _settings(self) -> dict[str, str]:
        """The environment of every child: the gateway's settings and the simulator's."""
        own, mail_port = self.secrets, free_port()
        push_account = kept_account(self.folder / "push.json", f"{self.simulator_url}/google/token")
        if self.chain_on:
            _, operator_key = embedded.chain.funded_account(self.folder / "chain")
            chain = {"CHAIN": "on", "CHAIN_RPC_URL": self._chain_url, "CHAIN_OPERATOR_KEY": operator_key}
        else:
            checkpoints = str(self.folder / "checkpoints")
            chain = {"CHAIN": "off", "CHECKPOINT_FILE": checkpoints, "CHAIN_OPERATOR_KEY": own.secret_key}
        gateway = {
            "ENVIRONMENT": "demo",
            "DATABASE_URL": self.servers["PostgreSQL"].url,
            "REDIS_URL": self.servers["Redis"].url,
            "SECRET_KEY": own.secret_key,
            "PIN_PEPPER": own.pin_pepper,
            "CREDENTIALS_KEYS": hashlib.sha256(f"credentials {own.secret_key}".encode()).hexdigest(),
            "PUBLIC_URL": self.gateway_url,
            "SPOOL_DIR": str(self.folder / "spool"),
            "USSD_CODE": USSD_CODE,
            "CALLBACK_SECRET": own.callback_secret,
            "AT_USERNAME": "pesachama",
            "AT_API_KEY": own.at_api_key,
            "AT_BASE_URL": f"{self.simulator_url}/version1",
            "AT_SENDER_ID": "PESACHAMA",
            "SMTP_URL": f"smtp://{LOOPBACK}:{mail_port}",
            "FIREBASE_CONFIG": push_account.read_text(),
            "FCM_BASE_URL": self.simulator_url,
            "MPESA_BASE_URL": self.simulator_url,
            "MPESA_CONSUMER_KEY": own.mpesa_consumer_key,
            "MPESA_CONSUMER_SECRET": own.mpesa_consumer_secret,
            "MPESA_BUSINESS_SHORTCODE": SHORTCODE,
            "MPESA_PASSKEY": own.mpesa_passkey,
            "MPESA_INITIATOR_NAME": INITIATOR,
            "MPESA_SECURITY_CREDENTIAL": own.mpesa_security_credential,
            "CLOCK_URL": f"{self.simulator_url}/control/clock",
        }
        simulator = {
            "SIM_GATEWAY_URL": self.gateway_url,
            "SIM_SEED": str(SEED),
            "SIM_BEGINS_AT": self.begins_at,
            "SIM_SHORTCODE": SHORTCODE,
            "SIM_PASSKEY": own.mpesa_passkey,
            "SIM_CONSUMER_KEY": own.mpesa_consumer_key,
            "SIM_CONSUMER_SECRET": own.mpesa_consumer_secret,
            "SIM_INITIATOR": INITIATOR,
            "SIM_USSD_CODE": USSD_CODE,
            "SIM_USSD_SECRET": own.callback_secret,
            "SIM_AT_USERNAME": "pesachama",
            "SIM_AT_API_KEY": own.at_api_key,
            "SIM_CHAIN_RPC_URL": chain.get("CHAIN_RPC_URL", ""),
            "SIM_MAIL_PORT": str(mail_port),
            "SIM_PUSH_ACCOUNT": str(push_account),
            "SIM_CAST_FILE": str(self.folder / "cast.json"),
        }
        return {**gateway, **chain, **simulator}

    def description(self) -> dict[str, Any]:
        """What `.demo/demo.json` says."""
        chain = self.servers.get("chain")
        return {
            "gateway_url": self.gateway_url,
            "simulator_url": self.simulator_url,
            "phone_url": f"{self.simulator_url}/",
            "status_url": f"{self.gateway_url}/desk/status",
            "database_url": self.environment["DATABASE_URL"],
            "redis_url": self.environment["REDIS_URL"],
            "chain_rpc_url": chain.url if chain else None,
            "chain_id": embedded.chain.CHAIN_ID if chain else None,
            "shortcode": SHORTCODE,
            "ussd_code": USSD_CODE,
            "admin_email": cast.ADMIN_EMAIL,
            "admin_password": self.secrets.admin_password,
            "api_token": self.api_token,
            "cast": self.people,
        }


def a_free_pair() -> int:
    """A port that is free together with the next one, for a demo beside others."""
    return free_port(in_a_row=2)
