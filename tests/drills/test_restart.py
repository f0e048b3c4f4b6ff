"""The whole demo stops, or loses its parent, and starts again on the same folder with everything there."""

import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embedded.ports import is_free
from gateway.demo.stack import Stack
from tests.drills.demo import Demo, until

pytestmark = pytest.mark.full  # each start of the whole costs as much as ten drills

# What must be the same after a restart, as rows of the database.
KEPT = {
    "receipts": "SELECT receipt, amount_cents, book_id, seq FROM receipts ORDER BY receipt",
    "entries": "SELECT book_id, season, seq, hash FROM entries ORDER BY book_id, seq",
    "batches": "SELECT number, root, block_number, block_hash FROM batches ORDER BY number",
    "contracts": "SELECT address, genesis_hash FROM chain_contracts",
}

STARTED_BY_ANOTHER = """
import sys, time
from pathlib import Path
from gateway.demo.stack import Stack
Stack(Path(sys.argv[1]), int(sys.argv[2])).start(lambda part, seconds: None)
print("up", flush=True)
time.sleep(600)
"""


def kept(demo: Demo) -> dict[str, object]:
    """Books, seals and Safaricom's own book."""
    return {name: demo.rows(query) for name, query in KEPT.items()} | {"truth": demo.simulator.receipts()}


def cpu_seconds() -> float:
    """What this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def start_again(demo: Demo) -> float:
    """Starts the stopped demo on its folder and ports; returns the seconds until all was up."""
    begun = time.monotonic()
    demo.stack = Stack(demo.stack.folder, demo.stack.port)
    demo.stack.start(lambda _part, _seconds: None)
    return time.monotonic() - begun


def test_everything_is_there_after_a_restart_and_after_the_parents_end(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other, because each start of the whole costs as much as ten drills."""
    phone = demo.phones[4]
    demo.ask_to_contribute(phone, 660)
    demo.wait_for_prompts([phone])
    demo.pay([phone])
    demo.drain()
    before = kept(demo)
    demo.stack.stop()
    used = cpu_seconds()
    seconds = start_again(demo)
    assert kept(demo) == before
    demo.is_sound()
    parts = ", ".join(f"{name} {took:.1f}" for name, took in demo.stack.parts.items())
    demo.stack.stop()
    used = cpu_seconds() - used
    with capsys.disabled():
        sys.stdout.write(f"\nrestarted in {seconds:.1f} s ({parts}), {used:.1f} s of CPU\n")
    nothing_outlives_the_parent(demo)
    start_again(demo)
    assert kept(demo) == before
    demo.is_sound()


def nothing_outlives_the_parent(demo: Demo) -> None:
    """Has another process start the stopped demo, and kills that process."""
    folder, port = demo.stack.folder, demo.stack.port
    mark = f"DRILL={secrets.token_hex(8)}"
    name, _, value = mark.partition("=")
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTED_BY_ANOTHER, str(folder), str(port)],
        env=os.environ | {name: value},
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout and parent.stdout.readline() == "up\n"
        family, ports = bearers(mark), [port, port + 1, *noted_ports(folder)]
        parent.send_signal(signal.SIGKILL)
    assert len(family) > len(demo.stack.servers)
    until(lambda: not bearers(mark), "the end of all children")
    assert all(map(is_free, ports))


def bearers(mark: str) -> list[int]:
    """The processes whose environment holds the mark."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in environ.read_bytes():
                found.append(int(environ.parent.name))
        except OSError:
            continue  # it has ended meanwhile
    return found


def noted_ports(folder: Path) -> list[int]:
    return [int(note.read_text()) for note in folder.glob("*/port")]
