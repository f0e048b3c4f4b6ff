"""The process that sends prompts, reads callbacks, books, seals, tells members, and asks about what is unclear."""

import argparse
import signal
import sys
import threading

from gateway import log
from gateway.commands import environment
from gateway.jobs import work
from gateway.jobs.loops import Loops
from gateway.jobs.periodic import Calendar

# Python's own. py_ecc, which comes with web3, lifts it to 100,000 on import, and no thread's stack is that deep.
RECURSION_LIMIT = 1_000


def arguments(_parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    sys.setrecursionlimit(RECURSION_LIMIT)
    wiring = environment.wiring("worker")
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    loops = Loops(work.loops(wiring))
    calendar = Calendar(wiring)
    loops.start()
    calendar.start()
    log.line("worker ready", loops=[loop.name for loop in loops.loops])
    asked.wait()
    loops.stop()
    calendar.stop()
    wiring.close()
    log.line("worker stopped")
    return 0
