"""The web process: answers Africa's Talking, Safaricom, people and programs."""

import argparse
import os

from granian.constants import Interfaces
from granian.server import Server

from gateway.commands import environment


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--workers", type=int, default=int(os.environ.get("WEB_CONCURRENCY", "1")))


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
    ).serve()
    return 0
