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
from pathlib import Path

from embedded.server import write_private
from gateway.demo import check, stack

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


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="play the whole loop beside any running demo, then stop")
    parser.add_argument("--chain", choices=("on", "off"), default=os.environ.get("CHAIN", "on"))


def run(options: argparse.Namespace) -> int:
    if options.check:
        with tempfile.TemporaryDirectory(prefix="pesachama-") as folder:
            return played(stack.Stack(Path(folder), stack.a_free_pair(), options.chain == "on"))
    if os.environ.get("FRESH"):
        stack.start_over(FOLDER)
    return kept_up(stack.Stack(FOLDER.absolute(), int(os.environ.get("PORT", "8000")), options.chain == "on"))


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
        write_private(demo.folder / "demo.json", json.dumps(description, indent=1))
        write_private(demo.folder / "environment", for_a_shell(demo.environment))
        print(BANNER.format(**description), flush=True)
        while not asked.wait(1.0):
            fallen = [name for name, server in demo.servers.items() if not server.alive]
            if fallen:
                print(f"{', '.join(fallen)} ended by itself; its log is in {demo.folder}", file=sys.stderr)
                return 1
    except stack.PortTaken as taken:
        print(taken, file=sys.stderr)
        return 1
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
