"""The web process brings its own spool to PostgreSQL: the worker may run on another machine."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from psycopg import Connection

from embedded.ports import free_port
from gateway import serving
from gateway.settings import SETTINGS, Settings
from gateway.wiring import Wiring
from payments import spool
from tests.drills.demo import until
from tests.instruments import START
from tests.payments.door import soon

ROOT = Path(__file__).parents[2]


def test_what_this_machine_spooled_is_drained_without_a_worker(
    web_wiring: Wiring, conn: Connection[Any], tmp_path: Path
) -> None:
    wiring = replace(web_wiring, settings=replace(web_wiring.settings, spool_dir=str(tmp_path / "here")))
    folder = Path(wiring.settings.spool_dir)
    loops = serving.keep_drained(wiring)
    try:
        spool.put(folder, source="stk_callback", token="ab", body=b"{}", headers={}, remote_ip=None, at=START)
        soon(lambda: conn.execute("SELECT TRUE FROM evidence WHERE body = '{}'").fetchone())
        soon(lambda: spool.waiting(folder) == 0)
    finally:
        loops.stop()
        wiring.close()


@pytest.mark.full
def test_a_web_process_that_is_killed_is_started_again(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    environ = {setting.name: getattr(settings, setting.name.lower()) for setting in SETTINGS}
    log = tmp_path / "serve.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "serve", "--port", str(port)],
            env={"PATH": os.environ["PATH"], **environ},
            cwd=ROOT,
            stdout=out,
            stderr=out,
        ) as server,
    ):
        try:
            until(lambda: answers(port), "the web process")
            [worker] = workers_of(server.pid)
            os.kill(worker, signal.SIGKILL)
            until(lambda: workers_of(server.pid) not in ([], [worker]) and answers(port), "another one")
            assert server.poll() is None
        finally:
            server.terminate()
    assert server.returncode == 0


def workers_of(pid: int) -> list[int]:
    """The processes that answer, without the one that multiprocessing keeps for its own ends."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in children if b"resource_tracker" not in Path(f"/proc/{each}/cmdline").read_bytes()]


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok
    except OSError:
        return False
