"""What a web process does beside answering: it ends with its parent, and brings what it spooled to PostgreSQL."""

import importlib
import multiprocessing
import os
import threading
from functools import partial
from pathlib import Path
from typing import Any

from gateway.jobs.loops import Loop, Loops
from gateway.wiring import Wiring
from payments import spool

# An empty folder costs one look, and what lies in it is answered already: nobody waits for it.
LOOKED_FOR_SECONDS = 2.0
# One connection of the pool, for moments: turns and callbacks need the others.
AT_ONCE = 20


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
