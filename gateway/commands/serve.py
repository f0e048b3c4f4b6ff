"""The web process: answers Africa's Talking, Safaricom, people and programs."""

import argparse
import os
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from gateway.commands import given

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
    given.settings()  # says what is missing once and in words, before any child process does
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
    ).serve(target_loader=load)
    return 0


def load(target: str) -> Any:
    """The app, in each child. The process that only watches them imports nothing of it."""
    from gateway import serving  # noqa: PLC0415

    return serving.load_and_follow(target)
