"""Forks simulators off a process that has imported them already: importing them takes longer than many a test.

Each is a process of its own as `python -m simulator` is, with its arguments and environment, and can be killed as one.
The drills, and the demo, start real ones. Asked on standard input, a line of JSON for each; its answer is the line that
the simulator says, behind its process id. When whoever asked is gone, they all end.
"""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import cache

DEADLINE_SECONDS = 5.0
_asking = threading.Lock()


def born(arguments: Sequence[str], environ: dict[str, str]) -> tuple[int, str]:
    """Starts a simulator; returns its process id and its address."""
    nursery = _nursery()
    assert nursery.stdin and nursery.stdout
    with _asking:
        nursery.stdin.write(json.dumps([list(arguments), environ]) + "\n")
        nursery.stdin.flush()
        pid, *_, url = nursery.stdout.readline().split()
    return int(pid), url


def killed(pid: int) -> None:
    """Kills it as a power cut would, and waits for its end; nothing happens when it has ended already."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.001)
        raise TimeoutError(f"simulator {pid} does not end")


@cache
def _nursery() -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.simulator.nursery"]
    nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(nursery.communicate)  # closes its standard input
    return nursery


def main() -> None:
    # Imported here and not above, so that whoever asks needs none of it.
    from simulator import __main__ as simulator

    # The kernel clears away the ended, so that whoever killed one sees when it is gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for line in sys.stdin:
        arguments, environ = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            os.environ.clear()
            os.environ.update(environ)
            sys.argv[1:] = ["--port", "0", *arguments]
            print(os.getpid(), end=" ")
            simulator.main()
            os._exit(0)
        children.append(child)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
