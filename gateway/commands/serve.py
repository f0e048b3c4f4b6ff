"""The web process: answers Africa's Talking, Safaricom, people and programs."""

import argparse
import importlib
import multiprocessing
import os
import threading
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from gateway.commands import environment
from gateway.jobs.loops import Loop, Loops
from gateway.wiring import Wiring
from payments import spool

# An empty folder costs one look, and what lies in it is answered already: nobody waits for it.
LOOKED_FOR_SECONDS = 2.0
# One connection of the pool, for moments: turns and callbacks need the others.
AT_ONCE = 20

LAST_PORT = 65_535  # of TCP
# More than any machine for this has cores; how many PostgreSQL bears is for the doctor to say.
MOST_WORKERS = 64


def arguments(parser: argparse.ArgumentParser) -> None:
    """A default out of the environment is text, so its type is checked like a given one's."""
    ask = os.environ.get
    parser.add_argument("--host", default=ask("HOST") or "127.0.0.1", help="HOST=")
    parser.add_argument("--port", type=a_port, default=ask("PORT") or "8000", help="PORT=")
    parser.add_argument("--workers", type=a_count, default=ask("WEB_CONCURRENCY") or "1", help="WEB_CONCURRENCY=")


def a_port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"PORT is a number from 1 to {LAST_PORT}, not {text!r}")
    return int(text)


def a_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"WEB_CONCURRENCY is a number from 1 to {MOST_WORKERS}, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    environment.settings()  # says what is missing once and in words, before any child process does
    Server(
        "wsgi:app",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=8,
        log_access=False,
        websockets=False,
        # One that the kernel killed for its memory must not end the others, nor the port that we hold. Who dies again
        # within seconds, because it cannot start, ends everything, so that the platform sees it.
        respawn_failed_workers=True,
    ).serve(target_loader=load_and_follow)
    return 0


def load_and_follow(target: str) -> Any:
    """The app, in a process that ends with the one that started it; the server's own children outlive its SIGKILL."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    module, _, name = target.partition(":")
    app = getattr(importlib.import_module(module), name)
    keep_drained(app.extensions["wiring"])
    return app


def keep_drained(wiring: Wiring) -> Loops:
    """Brings callbacks that this machine spooled to PostgreSQL; the worker may run on another one and not see them."""
    drain = partial(spool.drain, wiring, Path(wiring.settings.spool_dir), limit=AT_ONCE)
    loops = Loops([Loop("spool", drain, LOOKED_FOR_SECONDS)], daemon=True)
    loops.start()
    return loops


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # Nobody is left to take the port from us in order: what is under way was not answered, so it comes again.
        os._exit(1)
