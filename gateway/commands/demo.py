"""Starts everything embedded, with a cast and a phone in the browser. The money is simulated."""

import argparse
import json
import os
import shlex
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded.server import StartError, write_private
from gateway.demo import check, folder, stack
from gateway.demo.secrets import OtherVersion
from gateway.demo.upkeep import Upkeep
from migrations.runner import ChangedMigration, NewerDatabase

FOLDER = Path(".demo")

BANNER = """
  The money is simulated: nothing here reaches Safaricom, and no shilling moves.

  phone page    {phone_url}
  status page   {status_url}
                sign in as {admin_email} with {admin_password}
  public page   {gateway_url}/

  Dial {ussd_code} as Wanjiku, press 1 to contribute, then enter the M-PESA PIN 1234.
  Everything that outside programs need is in .demo/demo.json. Ctrl-C stops it all.
"""

# How soon a part that ended is noticed.
LOOK_SECONDS = 0.25

LAST_PORT = 65_534  # the simulator takes the next one


def a_port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"PORT is a number from 1 to {LAST_PORT}, not {text!r}")
    return int(text)


def on_or_off(text: str) -> bool:
    if text not in ("on", "off"):
        raise argparse.ArgumentTypeError(f"CHAIN is on or off, not {text!r}")
    return text == "on"


def yes_or_no(text: str) -> bool:
    """Only 1 deletes; a word that might mean yes or no is asked about."""
    if text not in ("1", "0", ""):
        raise argparse.ArgumentTypeError(f"FRESH=1 starts over, FRESH=0 goes on; {text!r} is neither")
    return text == "1"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A default out of the environment is text, so its type is checked like a given one's."""
    ask = os.environ.get
    parser.add_argument("--check", action="store_true", help="play the whole loop beside any running demo, then stop")
    parser.add_argument("--chain", type=on_or_off, default=ask("CHAIN") or "on", metavar="on|off", help="CHAIN=")
    parser.add_argument(
        "--port", type=a_port, default=ask("PORT") or "8000", help="PORT=, 8000; the simulator takes the next"
    )
    parser.add_argument(
        "--fresh", type=yes_or_no, nargs="?", const=True, default=ask("FRESH", ""), metavar="1", help="start over"
    )


def run(options: argparse.Namespace) -> int:
    try:
        if options.check:
            with tempfile.TemporaryDirectory(prefix="pesachama-") as other, in_a_sentence():
                return played(stack.Stack(Path(other), stack.a_free_pair(), options.chain))
        with folder.held(FOLDER), in_a_sentence():
            folder.withdraw(FOLDER)  # of a demo that was killed
            demo = stack.Stack(FOLDER.absolute(), options.port, options.chain)
            demo.look_at_ports()
            if options.fresh:
                folder.empty(FOLDER)
            return kept_up(demo)
    except (folder.FolderTaken, stack.PortTaken, NotStarted) as trouble:
        print(trouble, file=sys.stderr)
    return 1


class NotStarted(Exception):
    """Why the demo did not start and what to do, in one sentence."""


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Turns what may go wrong on somebody else's machine into one sentence; what else goes wrong is ours to mend."""
    try:
        yield
    except (ChangedMigration, NewerDatabase, OtherVersion):
        raise NotStarted("This demo was made by another version: `make demo FRESH=1` starts over.") from None
    except StartError as trouble:
        first, *log = str(trouble).splitlines()
        reason = f" {log[-1].strip()}" if log else ""
        raise NotStarted(f"{first}{reason} (logs are in {FOLDER}/, `make demo FRESH=1` starts over)") from None


def kept_up(demo: stack.Stack) -> int:
    """Starts the demo and holds it until somebody asks it to end."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    begun = time.monotonic()
    try:
        demo.start(ticked)
        ticked("everything", time.monotonic() - begun)
        description = demo.description()
        with folder.withdrawn_after_us(demo.folder):
            write_private(demo.folder / "environment", for_a_shell(demo.environment))
            write_private(demo.folder / "demo.json", json.dumps(description, indent=1))
            print(BANNER.format(**description), flush=True)
            upkeep = Upkeep(demo.servers)
            while not asked.wait(LOOK_SECONDS):
                for line in upkeep.look():
                    print(f"  {line}", flush=True)
    finally:
        demo.stop()
    print("stopped; `make demo` goes on from here, `make demo FRESH=1` starts over")
    return 0


def played(demo: stack.Stack) -> int:
    """Starts a demo of its own, plays one contribution through it, and says how it went."""
    begun = time.monotonic()
    try:
        demo.start(ticked)
        ticked("everything", time.monotonic() - begun)
        check.run(demo.description(), ticked)
    except (check.CheckFailed, OSError) as failure:
        print(f"  ✗ {failure}", file=sys.stderr)
        return 1
    finally:
        demo.stop()
    return 0


def for_a_shell(environment: dict[str, str]) -> str:
    """The demo's settings, so that other commands can be tried on it: `set -a; . .demo/environment`."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in environment.items())


def ticked(part: str, seconds: float) -> None:
    print(f"  ✓ {part} ({seconds:.1f} s)", flush=True)
