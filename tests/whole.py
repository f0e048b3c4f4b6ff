"""The whole house for tests: the real app over HTTP, the real simulator process, and the worker's loops run by hand.

Nothing is slept: `whole.settle()` runs the loops and lets the simulator deliver until neither has anything left to do,
and `whole.advance(seconds)` moves the one clock that all of them read.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from werkzeug.serving import BaseWSGIServer, make_server

from embedded.ports import free_port
from gateway import checks
from gateway.app import create_app
from gateway.clock import OffsetClock
from gateway.jobs import loops, work
from gateway.settings import Settings
from gateway.wiring import Wiring
from tests.instruments import BEGINS, SeededChance, settings_for
from tests.simulator.client import Simulator

SHORTCODE = "600123"
MPESA_PIN = "1234"

# Rounds of loops and deliveries; each hand-over of a payment takes one, so many times more than any test needs.
ROUNDS = 60
# An answer of the simulator's phones and networks takes up to half a second of simulated time: when nothing happens in
# so many seconds, all are at rest.
STEP_SECONDS = 0.8
# They are due in a moment, when the last screen has left the phone.
NEW_WISHES = "SELECT FROM payment_attempts WHERE state = 'created' AND tries = 0"


ADMIN_PASSWORD = "a password for tests"


@dataclass(frozen=True)
class Seeded:
    """A database with the cast in it, to be copied, and who is in it."""

    database: str
    people: list[dict[str, Any]]


@dataclass
class Whole:
    """Addresses and hands on everything that runs."""

    settings: Settings
    simulator: Simulator
    worker: Wiring
    web: Wiring
    people: list[dict[str, Any]]

    @cached_property
    def loops(self) -> list[loops.Loop]:
        """The worker's loops, to be run by hand."""
        return work.loops(self.worker)

    def person(self, name: str) -> dict[str, Any]:
        return next(one for one in self.people if one["name"] == name)

    def phone(self, name: str) -> str:
        return str(self.person(name)["phone"])

    @property
    def url(self) -> str:
        return self.settings.public_url

    def dial(self, name: str, ussd: str = "*384*123#") -> str:
        """Dials as a person of the cast; returns the screen."""
        return str(self.simulator.post("/control/dial", phone=self.phone(name), ussd=ussd)["screen"])

    def press(self, name: str, keys: str) -> str:
        return str(self.simulator.post("/control/press", phone=self.phone(name), keys=keys).get("screen") or "")

    def ask_to_contribute(self, name: str, shillings: int = 500) -> str:
        """Dials, chooses Contribute, types the amount, confirms; returns the last screen."""
        self.dial(name)
        self.press(name, "1")
        self.press(name, str(shillings))
        return self.press(name, "1")

    def contribute(self, name: str, shillings: int = 500) -> None:
        """A payment from the first key to rest: asked, prompted, PIN entered, booked, told."""
        self.ask_to_contribute(name, shillings)
        self.settle()
        if self.prompt(name):
            self.press(name, MPESA_PIN)
        self.settle()

    def prompt(self, name: str) -> dict[str, Any] | None:
        """The M-PESA prompt that shows on this phone."""
        prompt = self.simulator.get("/phone/state", phone=self.phone(name))["prompt"]
        return prompt if prompt and prompt["state"] == "showing" else None

    def sms(self, name: str) -> list[str]:
        """Our own texts to this person, oldest first."""
        inbox = self.simulator.get("/control/sms", phone=self.phone(name))
        return [str(message["text"]) for message in inbox if message["from"] != "MPESA"]

    def codes(self, name: str) -> list[str]:
        return re.findall(r"Code ([2-9A-Z]{8})", "\n".join(self.sms(name)))

    def truth(self) -> list[dict[str, Any]]:
        """Every receipt that Safaricom moved."""
        return self.simulator.receipts()

    def receipts(self) -> dict[str, int]:
        """Every receipt in our books with its cents."""
        return {row["receipt"]: row["amount_cents"] for row in self.rows("SELECT receipt, amount_cents FROM receipts")}

    @cached_property
    def owner(self) -> psycopg.Connection[dict[str, Any]]:
        """The connection of the tables' owner, autocommit."""
        return psycopg.connect(
            self.settings.database_url, autocommit=True, row_factory=dict_row, prepare_threshold=None
        )

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What a query sees as the owner of the tables."""
        return self.owner.execute(query.encode(), values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        return next(iter(self.rows(query, *values)[0].values()))

    def advance(self, seconds: float) -> None:
        """Moves everybody's clock, lets what became due happen, and settles."""
        self.simulator.advance(seconds)
        self.refresh()
        self.settle()

    def settle(self) -> None:
        """Runs loops and deliveries by turns until both have been at rest for as long as the simulator's delays."""
        before = self.simulator.get("/control/clock")["so_far"]
        for _ in range(ROUNDS):
            happened = self.simulator.advance(STEP_SECONDS)["so_far"]
            self.refresh()
            taken = loops.drain(self.loops)
            if not taken and happened == before and not self.rows(NEW_WISHES):
                return
            before = happened
        raise AssertionError("the house never came to rest")

    def refresh(self) -> None:
        """Everybody here reads the time that the simulator was last moved to."""
        clock = self.worker.clock
        assert isinstance(clock, OffsetClock) and clock is self.web.clock
        clock.refresh()

    def unsound(self) -> list[str]:
        """The invariants that do not hold; empty when all is well."""
        return [f"{finding.name}: {finding.detail}" for finding in checks.all_findings(self.worker) if not finding.ok]

    def equals_truth(self) -> bool:
        """Our receipts are Safaricom's, to the cent, and every invariant holds."""
        moved = {row["receipt"]: row["amount_cents"] for row in self.truth()}
        assert self.receipts() == moved
        assert self.unsound() == []
        return True


@contextmanager
def running(
    database_url: str,
    redis_url: str,
    folder: Path,
    people: list[dict[str, Any]],
    around: Callable[[Any], Any] = lambda app: app,
    **changes: str,
) -> Iterator[Whole]:
    """Starts simulator and app on free ports and stops both at the end; the database holds the cast already.

    `around` may wrap the app as WSGI middleware does; `changes` are settings by variable name.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    mail_port = free_port()
    mail = {"SMTP_URL": f"smtp://127.0.0.1:{mail_port}"}
    settings = settings_for(database_url, redis_url, folder, **{"PUBLIC_URL": url, **mail, **changes})
    arguments = {
        "--shortcode": settings.mpesa_business_shortcode,
        "--passkey": settings.mpesa_passkey,
        "--consumer-key": settings.mpesa_consumer_key,
        "--consumer-secret": settings.mpesa_consumer_secret,
        "--initiator": settings.mpesa_initiator_name,
        "--ussd-secret": settings.callback_secret,
        "--at-username": settings.at_username,
        "--at-api-key": settings.at_api_key,
        "--begins-at": BEGINS.isoformat(),
        "--state-dir": str(folder / "simulator"),
        "--mail-port": str(mail_port),
        "--cast-file": str(folder / "cast.json"),
    }
    (folder / "cast.json").write_text(json.dumps(people))
    (folder / "simulator").mkdir(exist_ok=True)
    simulator = Simulator(url, tuple(part for pair in arguments.items() for part in pair)).start()
    simulator.advance(0)
    settings = replace(settings, mpesa_base_url=simulator.url, at_base_url=f"{simulator.url}/version1")
    clock = OffsetClock(lambda: float(simulator.clock["offset_seconds"]), poll_seconds=3600)
    worker = Wiring(settings, "worker", clock, SeededChance(1))
    web = Wiring(settings, "web", clock, SeededChance(2))
    whole = Whole(settings, simulator, worker, web, people)
    try:
        with served(web, port, around):
            yield whole
    finally:
        whole.owner.close()
        simulator.kill()
        clock.stop()
        worker.close()
        web.close()


@contextmanager
def served(wiring: Wiring, port: int, around: Callable[[Any], Any]) -> Iterator[BaseWSGIServer]:
    """The app over HTTP in threads of this process."""
    server = make_server("127.0.0.1", port, around(create_app(wiring)), threaded=True)
    # Half a second, its own way, is how long it looks for the end of each test.
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
