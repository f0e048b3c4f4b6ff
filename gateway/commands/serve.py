"""The web process: answers Africa's Talking, Safaricom, people and programs."""

import argparse
import importlib
import multiprocessing
import os
import threading
from typing import Any

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
    ).serve(target_loader=load_and_follow)
    return 0


def load_and_follow(target: str) -> Any:
    """The app, in a process that ends with the one that started it; the server's own children outlive its SIGKILL."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # Nobody is left to take the port from us in order: what is under way was not answered, so it comes again.
        os._exit(1)
