"""Callbacks that wait on disk: nothing is lost, nothing counts twice, nothing secret is written."""

import base64
import json
import os
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from payments import spool
from tests.drills.fuse import Death, MortalWiring
from tests.payments.scene import TOKEN, Scene, paid
from tests.payments.test_keeping import SAMPLES


def put(scene: Scene, folder: Path, body: bytes, token: str | None = TOKEN, source: str = "stk_callback") -> Path:
    return spool.put(
        folder, source=source, token=token, body=body, headers={"User-Agent": "x"}, remote_ip="196.201.214.200",
        at=scene.wiring.now(),
    )  # fmt: skip


def json_of(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def test_a_spooled_callback_is_booked_after_the_drain(scene: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "spool"
    attempt = scene.sent()
    for _ in range(2):
        put(scene, folder, json_of(paid()))
    assert spool.waiting(folder) == 1
    assert spool.drain(scene.wiring, folder) == 1
    assert spool.waiting(folder) == 0
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
    row = scene.row("SELECT * FROM evidence")
    assert (str(row["remote_ip"]), row["headers"], row["received_at"]) == (
        "196.201.214.200", {"user-agent": "x"}, scene.wiring.now(),
    )  # fmt: skip


def test_a_body_in_both_places_is_one_row(scene: Scene, tmp_path: Path) -> None:
    scene.sent()
    put(scene, tmp_path, json_of(paid()))
    scene.hears(paid())
    spool.drain(scene.wiring, tmp_path)
    assert len(scene.rows("SELECT * FROM evidence")) == 1
    scene.reads()
    assert len(scene.receipts()) == 1


def test_any_bytes_survive(scene: Scene, tmp_path: Path) -> None:
    bodies = [b"", b"\x00\xff", b"x" * 100_000]
    for body in bodies:
        put(scene, tmp_path, body, token=None)
    spool.drain(scene.wiring, tmp_path)
    rows = scene.rows("SELECT body, truncated FROM evidence ORDER BY length(body)")
    assert [(bytes(row["body"]), row["truncated"]) for row in rows] == [
        (b"", False), (b"\x00\xff", False), (b"x" * 65_536, True),
    ]  # fmt: skip


def test_while_postgresql_is_away_everything_stays(scene: Scene, tmp_path: Path) -> None:
    put(scene, tmp_path, json_of(paid()))

    class Away:
        def at_once(self) -> None:
            raise psycopg.OperationalError("away")

    with pytest.raises(psycopg.OperationalError):
        spool.drain(Away(), tmp_path)  # type: ignore[arg-type]
    assert spool.waiting(tmp_path) == 1


def test_what_can_never_be_stored_is_moved_aside_and_stops_nobody(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "0.json").write_bytes(b"not ours")
    (tmp_path / "1.json").write_bytes(b'{"source": "stk_callback"}')
    odd = put(scene, tmp_path, b"{}", source="a source that nobody knows")
    put(scene, tmp_path, json_of(paid()))
    assert spool.drain(scene.wiring, tmp_path) == 4
    assert sorted(path.name for path in (tmp_path / "aside").iterdir()) == sorted(["0.json", "1.json", odd.name])
    assert len(scene.rows("SELECT * FROM evidence")) == 1


def test_neither_tokens_nor_secrets_reach_the_disk(scene: Scene, tmp_path: Path) -> None:
    path = put(scene, tmp_path, next(SAMPLES.glob("S24-*")).read_bytes(), source="b2c_timeout")
    written = path.read_bytes()
    assert TOKEN.encode() not in written + path.name.encode()
    assert b"SECURITY-CREDENTIAL" not in base64.b64decode(written.split(b'"body": "')[1].split(b'"')[0])


def test_a_crash_while_writing_leaves_no_half_file(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            put(scene, tmp_path, b"{}")
    assert list(tmp_path.iterdir()) == []
    assert spool.drain(scene.wiring, tmp_path) == 0


def test_a_crash_between_commit_and_removal_counts_once(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.sent()
    put(scene, tmp_path, json_of(paid()))

    def dies(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", dies)
        with pytest.raises(SystemExit):
            spool.drain(scene.wiring, tmp_path)
    spool.drain(scene.wiring, tmp_path)
    scene.reads()
    assert spool.waiting(tmp_path) == 0
    assert len(scene.receipts()) == 1


@pytest.mark.parametrize("when", ["before the row", "before the commit", "after the commit"])
def test_a_file_leaves_only_after_the_commit_of_its_row(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Whoever dies on the way leaves the body in one place at least; the next drain has it in both no more."""
    put(scene, tmp_path, json_of(paid()))
    store = spool.evidence.store
    mortal = MortalWiring(scene.wiring.settings, "worker", scene.wiring.clock, scene.wiring.chance)

    def dies(conn: Any, received: Any) -> None:
        store(conn, received)
        raise Death

    with monkeypatch.context() as broken:
        if when == "before the commit":
            broken.setattr(spool.evidence, "store", dies)
        mortal.fuse.light({"before the row": 1, "after the commit": 2}.get(when))
        with pytest.raises(Death):
            spool.drain(mortal, tmp_path)
    mortal.close()
    assert spool.waiting(tmp_path) == 1
    assert len(scene.rows("SELECT FROM evidence")) == (when == "after the commit")
    assert spool.drain(scene.wiring, tmp_path) == 1
    assert spool.waiting(tmp_path) == 0 and len(scene.rows("SELECT FROM evidence")) == 1


def test_many_writers_and_two_drains_lose_nothing(scene: Scene, tmp_path: Path) -> None:
    def writes(number: int) -> None:
        for count in range(10):
            put(scene, tmp_path, b'{"n": "%d-%d"}' % (number, count))

    threads = [threading.Thread(target=writes, args=[number]) for number in range(4)]
    threads += [threading.Thread(target=spool.drain, args=[scene.wiring, tmp_path]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.drain(scene.wiring, tmp_path)
    assert len(scene.rows("SELECT * FROM evidence")) == 40
