"""A body whose reading ends the process, as no exception does, kills a few workers and not every one for ever."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest

from payments import evidence
from payments.evidence import settle
from payments.evidence.read import CLAIMED_FOR, KILLS, TRIES
from payments.evidence.store import claim, lock_claimed
from payments.reading import read_stk_callback
from tests.payments.scene import RECEIPT, Scene, paid

POISON = b'{"poison": true}'
OTHER_TOKEN = "b2" * 32

# A reader in a process of its own, of which the poison leaves nothing.
READER = """
import os, sys
from datetime import datetime
from pathlib import Path

from gateway.wiring import Wiring
from payments import evidence
from payments.evidence import settle
from tests.instruments import HandClock, SeededChance, settings_for

read = settle.PUSH_READERS["stk_callback"]
settle.PUSH_READERS["stk_callback"] = lambda body: os.abort() if b"poison" in body else read(body)
settings = settings_for(sys.argv[1], "redis://nowhere", Path("/nowhere"))
wiring = Wiring(settings, "worker", HandClock(datetime.fromisoformat(sys.argv[2])), SeededChance())
evidence.read_due(wiring, lambda *given, **named: None)
os._exit(0)
"""


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is read, with a poison that no handler of ours takes for an error."""
    looked: list[bytes] = []

    def read(body: bytes) -> Any:
        looked.append(body)
        if body == POISON:
            raise Killed
        return read_stk_callback(body)

    monkeypatch.setitem(settle.PUSH_READERS, "stk_callback", read)
    return looked


def restarts(scene: Scene) -> None:
    """A worker that lives until it dies, and the time in which the next one starts."""
    with suppress(Killed):
        scene.reads()
    scene.wiring.clock.advance(CLAIMED_FOR.total_seconds())  # type: ignore[attr-defined]


def test_poison_is_set_aside_unread_and_the_others_of_its_batch_are_settled(
    scene: Scene, poisoned: list[bytes]
) -> None:
    attempt = scene.sent()
    scene.hears(POISON, token=OTHER_TOKEN)
    scene.hears(paid())
    restarts(scene)
    assert scene.receipts() == []
    restarts(scene)
    restarts(scene)
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    for _ in range(10):
        restarts(scene)
    assert poisoned.count(POISON) == TRIES
    row = scene.row("SELECT verdict, reason, due_at FROM evidence WHERE token_hash = sha256(%s)", OTHER_TOKEN.encode())
    assert row == {"verdict": "unreadable", "reason": KILLS, "due_at": None}
    assert evidence.unsettled(scene.conn) == 1


def test_callbacks_that_come_later_do_not_wait_for_the_poison(scene: Scene, poisoned: list[bytes]) -> None:
    scene.hears(POISON, token=OTHER_TOKEN)
    restarts(scene)
    attempt = scene.sent()
    scene.hears(paid())
    with pytest.raises(Killed):
        scene.reads()
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]


def test_what_was_repaired_is_read_again(scene: Scene, poisoned: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    scene.hears(POISON, token=OTHER_TOKEN)
    for _ in range(TRIES + 1):
        restarts(scene)
    monkeypatch.setitem(settle.PUSH_READERS, "stk_callback", read_stk_callback)
    assert evidence.read_again(scene.conn, at=scene.wiring.now()) == 1
    assert scene.reads() == 1
    assert scene.verdicts()[0][0] == "unreadable"
    assert evidence.unsettled(scene.conn) == 0
    assert evidence.read_again(scene.conn, at=scene.wiring.now()) == 0


def test_a_row_that_another_reader_has_claimed_is_left_to_it(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    at = scene.wiring.now()
    with scene.wiring.transaction() as conn:
        [mine] = claim(conn, at=at, limit=9, back=at)
        [theirs] = claim(conn, at=at, limit=9, back=at)
        assert lock_claimed(conn, [mine]) == []
        assert lock_claimed(conn, [theirs]) == [theirs]


def test_a_real_process_dies_of_it_no_more_than_so_often(scene: Scene) -> None:
    scene.hears(POISON, token=OTHER_TOKEN)
    ends = []
    for _ in range(TRIES + 1):
        given = [sys.executable, "-c", READER, scene.wiring.settings.database_url, scene.wiring.now().isoformat()]
        ends.append(subprocess.run(given, check=False, env={**os.environ, "PYTHONPATH": "."}).returncode)
        scene.wiring.clock.advance(CLAIMED_FOR.total_seconds())  # type: ignore[attr-defined]
    assert ends == [-signal.SIGABRT] * TRIES + [0]
    assert scene.verdicts() == [("unreadable", KILLS)]
