"""Rule 12: every Procfile line, started on its own as a shell would, does its part; two of each do it together."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import requests
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from embedded.ports import free_port
from tests.drills.demo import Demo, until

pytestmark = pytest.mark.full  # each start of a process of ours costs as much as fifty tests

ROOT = Path(__file__).parents[2]
LINES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())

# The drill of each line; a house test compares it with the Procfile.
DRILLS = {
    "release": "test_release_makes_a_usable_database",
    "web": "test_web_takes_turns_and_callbacks",
    "worker": "test_worker_brings_payments_home",
}


@contextmanager
def running(demo: Demo, line: str, log: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """One line in a shell of its own, in the environment that the settings page describes."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {"PATH": path, "HOME": str(log.parent), **demo.stack.environment, **changes}
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {LINES[line]}"], cwd=ROOT, env=environ, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=2).ok
    except OSError:
        return False


def test_release_makes_a_usable_database(demo: Demo, tmp_path: Path) -> None:
    name = "drill_release"
    url = demo.stack.environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
    fresh = make_conninfo(**{**conninfo_to_dict(url), "dbname": name})
    for _ in range(2):
        with running(demo, "release", tmp_path / "release.log", DATABASE_URL=fresh) as release:
            assert release.wait(30) == 0, (tmp_path / "release.log").read_text()
    with psycopg.connect(fresh, autocommit=True) as conn:
        assert conn.execute("SELECT count(*) FROM shortcodes").fetchone() == (1,)
        assert conn.execute("SELECT count(*) > 0 FROM seasons").fetchone() == (True,)
    assert "nothing to do" in (tmp_path / "release.log").read_text()


def test_web_takes_turns_and_callbacks(demo: Demo, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    before = demo.count("SELECT count(*) FROM evidence")
    with running(demo, "web", tmp_path / "web.log", PORT=str(port)):
        until(lambda: answers(url), "the web process")
        assert demo.turn("drill-line-web", demo.phones[4], "", url).text.startswith("CON ")
        told = requests.post(f"{url}/pay/stk/{'ab' * 32}", json={"Body": {}}, timeout=5)
        assert told.ok
        assert demo.count("SELECT count(*) FROM evidence") == before + 1
    demo.drain()


def test_worker_brings_payments_home(demo: Demo, tmp_path: Path) -> None:
    """The stack's own worker is stopped, so every step after the turn is this one's."""
    phone, before = demo.phones[4], len(demo.truth())
    demo.server("worker").stop()
    try:
        with running(demo, "worker", tmp_path / "worker.log"):
            demo.ask_to_contribute(phone, 670)
            demo.wait_for_prompts([phone])
            demo.pay([phone])
            demo.drain()
            demo.is_sound()
    finally:
        demo.restart("worker")
    assert len(demo.truth()) == before + 1


def contribute(demo: Demo, phone: str, shillings: int, urls: list[str]) -> None:
    """One session whose turns go to the web processes by turns, each delivered with everything typed so far."""
    texts = ["", "1", f"1*{shillings}", f"1*{shillings}*1"]
    replies = [
        demo.turn(f"drill-two-{phone}", phone, text, urls[number % len(urls)]).text
        for number, text in enumerate(texts, start=demo.phones.index(phone))
    ]
    assert [reply[:4] for reply in replies] == ["CON ", "CON ", "CON ", "END "], replies


def test_two_web_and_two_worker_processes_at_once(demo: Demo, tmp_path: Path) -> None:
    port = free_port()
    urls = [demo.stack.gateway_url, f"http://127.0.0.1:{port}"]
    told, moved = demo.told(), demo.truth()
    with (
        running(demo, "web", tmp_path / "web.log", PORT=str(port)),
        running(demo, "worker", tmp_path / "worker.log"),
    ):
        until(lambda: answers(urls[1]), "the second web process")
        until(lambda: b"worker ready" in (tmp_path / "worker.log").read_bytes(), "the second worker")
        with ThreadPoolExecutor(4) as hands:
            list(hands.map(lambda phone: contribute(demo, phone, 680, urls), demo.phones))
        demo.wait_for_prompts(demo.phones)
        demo.pay(demo.phones)
        demo.drain()
        demo.is_sound()
    paid = [row["phone"] for row in demo.simulator.receipts() if row["receipt"] not in moved]
    assert sorted(paid) == sorted(demo.phones)
    assert demo.told() == {phone: count + 1 for phone, count in told.items()}
    prompted_twice = (
        "SELECT intent_id FROM payment_attempts WHERE sent_at IS NOT NULL GROUP BY intent_id HAVING count(*) > 1"
    )
    assert demo.rows(prompted_twice) == []
