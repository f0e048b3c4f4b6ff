"""The demo as a drill sees it: real processes that can be killed, phones to pay with, and the two books to compare.

Nothing here waits for a fixed time: a drill asks until what it waits for is true, and moves the simulated clock when
only a question that is asked later can settle a payment.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import psycopg
import redis
import requests
from psycopg.rows import dict_row

from embedded.server import Server
from gateway import checks
from gateway.clock import SystemClock
from gateway.demo.stack import USSD_CODE, Stack
from gateway.settings import read
from gateway.wiring import Wiring
from ledger.findings import Finding
from tests.simulator.client import Simulator

MPESA_PIN = "1234"
PATIENCE_SECONDS = 60.0
# When nothing has moved for so long, only a later question to Safaricom can settle the rest.
STILL_SECONDS = 1.5
# Takes a payment past the next of the questions about it, and all of it past its end within few steps.
STEP_SECONDS = 120.0

# What is not finished, by name: none of them may be left when a drill ends.
UNFINISHED = {
    "attempts": "SELECT count(*) FROM payment_attempts WHERE state IN ('created', 'pending', 'proven')",
    # One that a dead worker had claimed stays unclear, and its member may ask again after these ten minutes.
    "claims": "SELECT count(*) FROM payment_attempts WHERE state = 'unclear' AND created_at > %s - interval '10 min'",
    "evidence": "SELECT count(*) FROM evidence WHERE due_at IS NOT NULL",
    "receipts": "SELECT count(*) FROM receipts WHERE seq IS NULL",
    "notices": "SELECT count(*) FROM notifications WHERE due_at IS NOT NULL",
    "leaves": "SELECT count(*) FROM sealing_queue",
    "batches": "SELECT count(*) FROM batches WHERE state <> 'completed'",
    "confirmations": "SELECT count(*) FROM contributions WHERE state = 'paid'",
}

# One question for all of it: it is put twenty times a second.
ALL_UNFINISHED = "SELECT " + ", ".join(f"({query}) AS {name}" for name, query in UNFINISHED.items())

ANCHORED_TWICE = "SELECT batch FROM chain_logs WHERE canonical GROUP BY batch HAVING count(*) > 1"


def until(question: Callable[[], Any], what: str) -> Any:
    """Asks until the answer is true and returns it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}")


@dataclass
class Demo:
    """A running stack with hands on its phones."""

    stack: Stack
    simulator: Simulator = field(init=False)
    _conn: psycopg.Connection[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        self.simulator = Simulator(self.stack.gateway_url, url=self.stack.simulator_url)

    def findings(self) -> list[Finding]:
        """Every invariant, looked at from outside of every process, over connections that no drill has cut."""
        wiring = Wiring(read(self.stack.environment), "worker", SystemClock())
        try:
            wiring.pool.wait()
            return checks.all_findings(wiring)
        finally:
            wiring.close()

    def server(self, name: str) -> Server:
        return self.stack.servers[name]

    def kill(self, name: str) -> None:
        self.server(name).kill()

    def restart(self, name: str) -> None:
        self.server(name).restart()

    @property
    def members(self) -> list[dict[str, Any]]:
        """The members of the group that pays."""
        return [person for person in self.stack.people if person["chama"] == "Umoja"]

    @property
    def phones(self) -> list[str]:
        return [str(member["phone"]) for member in self.members]

    def ask_to_contribute(self, phone: str, shillings: int) -> str:
        """Dials Contribute with the amount and confirms; returns the last screen."""
        self.simulator.post("/control/dial", phone=phone, ussd=f"{USSD_CODE[:-1]}*1*{shillings}#")
        return self.press(phone, "1")

    def press(self, phone: str, keys: str) -> str:
        return str(self.simulator.post("/control/press", phone=phone, keys=keys).get("screen") or "")

    def prompted(self, phone: str) -> bool:
        prompt = self.simulator.get("/phone/state", phone=phone)["prompt"]
        return bool(prompt and prompt["state"] == "showing")

    def wait_for_prompts(self, phones: list[str]) -> None:
        until(lambda: all(map(self.prompted, phones)), "every M-PESA prompt")

    def pay(self, phones: list[str]) -> None:
        """Enters the M-PESA PIN where a prompt shows."""
        for phone in phones:
            if self.prompted(phone):
                self.press(phone, MPESA_PIN)

    def turn(self, session: str, phone: str, text: str, url: str = "") -> requests.Response:
        """One turn as Africa's Talking posts it: `text` is everything typed so far."""
        fields = {
            "sessionId": session,
            "phoneNumber": phone,
            "serviceCode": USSD_CODE,
            "text": text,
            "networkCode": "63902",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        secret = self.stack.secrets.callback_secret
        address = f"{url or self.stack.gateway_url}/ussd/{secret}"
        return requests.post(address, data=urlencode(fields), headers=headers, timeout=10)

    def truth(self) -> dict[str, int]:
        """Safaricom's own book: cents by receipt."""
        return {row["receipt"]: row["amount_cents"] for row in self.simulator.receipts()}

    def receipts(self) -> dict[str, int]:
        """Ours: cents by receipt."""
        return {row["receipt"]: row["amount_cents"] for row in self.rows("SELECT receipt, amount_cents FROM receipts")}

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        try:
            return self._connected().execute(query.encode(), values or None).fetchall()
        except psycopg.OperationalError:
            # PostgreSQL was killed since the last question, or is away.
            self._conn = None
            return self._connected().execute(query.encode(), values or None).fetchall()

    def _connected(self) -> psycopg.Connection[dict[str, Any]]:
        url = self.stack.environment["DATABASE_URL"]
        self._conn = self._conn or psycopg.connect(url, autocommit=True, row_factory=dict_row)
        return self._conn

    def count(self, query: str, *values: Any) -> int:
        return int(self.rows(query, *values)[0]["count"])

    def now(self) -> datetime:
        """The simulated time."""
        return datetime.fromisoformat(self.simulator.get("/control/clock")["now"])

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.stack.environment["REDIS_URL"])

    def spooled(self) -> int:
        folder = self.stack.folder / "spool"
        return len(list(folder.glob("*.json"))) if folder.exists() else 0

    def unfinished(self) -> dict[str, int]:
        """What is still under way, by kind."""
        [counted] = self.rows(ALL_UNFINISHED, self.now())
        counted["spooled"] = self.spooled()
        return {name: count for name, count in counted.items() if count}

    def drain(self) -> None:
        """Waits until nothing is under way; asks Safaricom's later questions earlier when nothing else moves."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        before, since = self.unfinished(), time.monotonic()
        while before or self.receipts() != self.truth():
            if time.monotonic() > deadline:
                raise AssertionError(f"not finished: {before}")
            if time.monotonic() > since + STILL_SECONDS:
                self.simulator.advance(STEP_SECONDS)
                since = time.monotonic()
            time.sleep(0.05)
            now = self.unfinished()
            if now != before:
                before, since = now, time.monotonic()

    def told(self) -> dict[str, int]:
        """How many of our own receipts each phone has got."""
        inbox = self.simulator.get("/control/sms")
        ours = [message["to"] for message in inbox if message["from"] != "MPESA" and "Code " in message["text"]]
        return {phone: ours.count(phone) for phone in self.phones}

    def is_sound(self) -> None:
        """The books equal Safaricom's, every invariant holds, no batch was anchored twice."""
        assert self.receipts() == self.truth()
        broken = [f"{one.name}: {one.detail}" for one in self.findings() if not one.ok]
        assert not broken, broken
        assert self.rows(ANCHORED_TWICE) == []

    def close(self) -> None:
        self.simulator.http.close()
        if self._conn:
            self._conn.close()
