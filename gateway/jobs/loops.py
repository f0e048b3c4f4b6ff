"""Resident loops: each drains the rows that are due in one table, again and again, until it is told to stop.

Theory of operation. The unfinished row is the truth: a loop has no queue of its own, it asks its table for rows with
`due_at <= now`, takes a batch under SKIP LOCKED and says how many it took. After a full hand it asks again at once, and
wakes the others, because a read callback is a booking, is an SMS, is a leaf. With an empty hand it waits for such a
wake or POLL_SECONDS. When the database, Redis or somebody else's server is away, a loop logs one line, waits longer
each time up to BACK_OFF_SECONDS, and goes on: nothing but the rows has to be remembered.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway import log
from ledger.retries import again

# A wish becomes a prompt, and a callback an SMS, within this at worst; idle loops cost few small queries.
POLL_SECONDS = 0.25
BACK_OFF_SECONDS = 10.0


@dataclass(frozen=True)
class Loop:
    """One kind of due work: `work()` handles a batch and returns how many rows it took."""

    name: str
    work: Callable[[], int]
    every_seconds: float = POLL_SECONDS

    def turn(self) -> int:
        """One batch, begun again when it lost to another transaction. What it had committed is not due any more."""
        return again(self.work)


@dataclass
class Loops:
    """Runs loops, each in a thread of its own, and stops them together."""

    loops: list[Loop]
    # Beside a server that knows nothing of them and ends without stopping them.
    daemon: bool = False
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _wakes: dict[str, threading.Event] = field(default_factory=dict)

    def start(self) -> None:
        for loop in self.loops:
            self._wakes[loop.name] = threading.Event()
        for loop in self.loops:
            thread = threading.Thread(target=self._run, args=[loop], name=loop.name, daemon=self.daemon)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Lets every loop finish the batch in its hands and waits for it."""
        self._stopping.set()
        self._wake_all()
        for thread in self._threads:
            thread.join()

    def _wake_all(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    def _run(self, loop: Loop) -> None:
        failures = 0
        wake = self._wakes[loop.name]
        while not self._stopping.is_set():
            wake.clear()
            begun = time.perf_counter()
            try:
                taken = loop.turn()
            except Exception as error:
                failures += 1
                log.line("loop failed", level=logging.ERROR, error=error, loop=loop.name, failures=failures)
                self._stopping.wait(min(BACK_OFF_SECONDS, 0.2 * 2**failures))
                continue
            failures = 0
            if taken:
                ms = round((time.perf_counter() - begun) * 1000, 1)
                log.line("loop", loop=loop.name, taken=taken, ms=ms)
                self._wake_all()
            else:
                wake.wait(loop.every_seconds)


def drain(loops: list[Loop], rounds: int = 200) -> int:
    """Runs loops by turns in this thread until none takes anything; returns what they took. For tests and checks."""
    total = idle = 0
    for turn in range(rounds * len(loops)):
        taken = loops[turn % len(loops)].turn()
        total += taken
        # Wherever the last one with work stood, it is enough that everybody had a look after it.
        idle = 0 if taken else idle + 1
        if idle == len(loops):
            return total
    raise RuntimeError("the loops never came to rest")
