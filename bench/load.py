"""Load over HTTP: wrk with 16 connections and one of the scripts in `wrk/`, its answers checked one by one."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "wrk"
CONNECTIONS = 16
WARM_SECONDS = 1


class Void(Exception):
    """A measurement that counts for nothing, because an answer was wrong or did not come."""


@dataclass(frozen=True)
class Sample:
    """One measurement: per second, and the latencies in milliseconds where they were taken."""

    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None


def run(url: str, script: str, arguments: Sequence[object], *, seconds: int, per_second: int | None = None) -> Sample:
    """Load on `url` for so many whole seconds: as much as goes, or at most `per_second`. Raises Void."""
    if shutil.which("wrk") is None:
        raise Void("wrk is not installed (Debian: apt-get install wrk)")
    pace_ms = round(CONNECTIONS * 1000 / per_second) if per_second else 0
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", f"{script}.lua", url, "--", str(pace_ms)]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        check=False,
    )
    told = done.stdout.rstrip().rpartition("\n")[2]
    if done.returncode != 0 or not told.startswith("{"):
        raise Void(f"wrk: {(done.stderr or done.stdout).strip()[-300:]}")
    figures = json.loads(told)
    if figures["wrong"] or figures["failed"] or not figures["requests"]:
        raise Void(
            f"{figures['wrong']} wrong answers ({figures['example']}), {figures['failed']} failed,"
            f" of {figures['requests']}"
        )
    return Sample(
        rate=figures["requests"] * 1_000_000 / figures["microseconds"],
        p50_ms=figures["p50"] / 1000,
        p99_ms=figures["p99"] / 1000,
    )
