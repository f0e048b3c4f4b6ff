"""Rows as they are printed, and as they stand in docs/performance.md between two markers."""

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import psycopg

from bench.pairs import Effort, Result
from bench.stage import PEER, ROOT, Stage

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
LIBRARIES = ("granian", "gunicorn", "flask", "redis", "hiredis", "psycopg")


def line(result: Result) -> str:
    """One row for the terminal."""
    if result.void:
        return f"void    {result.title}: {result.void}"
    return (
        f"{result.verdict:7} {result.title}: {_figure(result.ours)} {result.unit} against {_figure(result.other)} "
        f"({result.against}), ratio {result.ratio:.2f}{_wanted(result)}. {result.detail}"
    )


def table(results: Sequence[Result]) -> str:
    """All rows in Markdown."""
    head = "| what | ours | against | ratio | target | |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(_row(result) for result in results)


def _row(result: Result) -> str:
    if result.void:
        return f"| {result.title} | - | - | - | - | **void**: {result.void} |"
    ours = f"{_figure(result.ours)} {result.unit}" + (f"<br>{result.detail}" if result.detail else "")
    other = f"{_figure(result.other)} {result.unit}<br>{result.against}"
    verdict = f"**{result.verdict}**" if result.verdict == "missed" else result.verdict
    return f"| {result.title} | {ours} | {other} | {result.ratio:.2f} | {_wanted(result)[2:] or '-'} | {verdict} |"


def _wanted(result: Result) -> str:
    if result.least is None:
        return ""
    return f", at {'most' if result.fewer_is_better else 'least'} {result.least:g}"


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"


def surroundings(stage: Stage, effort: Effort, at: datetime) -> str:
    """Machine, versions, date and how long was measured."""
    with psycopg.connect(stage.database) as conn:
        postgres = conn.info.parameter_status("server_version")
    redis = stage.web.redis.info("server")
    parts = [
        f"{at:%d %B %Y}, {os.cpu_count()} cores ({_processor()}), load {os.getloadavg()[0]:.1f} at the end",
        f"{platform.system()} {platform.release()}, CPython {platform.python_version()}, PostgreSQL {postgres}, "
        f"Valkey {redis.get('valkey_version', redis['redis_version'])}",
        ", ".join(f"{name} {version(name)}" for name in LIBRARIES) + _node(),
        f"medians of {effort.pairs} interleaved pairs of {effort.seconds} s, wrk on the same cores",
    ]
    return "\n".join(f"- {part}" for part in parts)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [row.partition(":")[2].strip() for row in info.read_text().splitlines() if row.startswith("model name")]
    return names[0] if names else platform.machine()


def _node() -> str:
    if shutil.which("node") is None or not (PEER / "node_modules").exists():
        return ""
    found = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)  # noqa: S607
    return f", Node {found.stdout.strip().lstrip('v')}"


def write(results: Sequence[Result], around: str, page: Path = PAGE) -> None:
    """Puts this run's rows between the markers and leaves what people wrote around them alone."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{around}\n\n{table(results)}\n{END}{after}")
