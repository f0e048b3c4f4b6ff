"""The signed file: a line per batch on the disk before it is completed, whole after a crash, and forged by nobody."""

from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from gateway.wiring import Wiring
from ledger import batches, checkpoints
from tests.ledger.anchoring import Group, states

KEY = "0x" + "11" * 32


class Crash(Exception):
    """The process dies here."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "witness" / "checkpoints"


@pytest.fixture
def group(conn: Connection[Any]) -> Group:
    return Group(conn)


def seal(wiring: Wiring, group: Group) -> None:
    group.contribute(2)
    assert batches.seal_due(wiring, witness="checkpoint") == 2


def write(wiring: Wiring, path: Path) -> int:
    return checkpoints.write_due(wiring, path=path, operator_key=KEY)


def findings(conn: Connection[Any], path: Path, key: str = KEY) -> list[bool]:
    """Whether signatures, the chain of roots, that each batch has one line, and the batches' lines are in order."""
    return [found.ok for found in checkpoints.verify(conn, path=path, operator_key=key)]


def test_every_batch_gets_its_line_and_is_completed(
    conn: Connection[Any], wiring: Wiring, group: Group, path: Path
) -> None:
    for _ in range(3):
        seal(wiring, group)
        assert write(wiring, path) == 1
    assert write(wiring, path) == 0
    assert states(conn) == [(1, "completed"), (2, "completed"), (3, "completed")]
    assert [(line.batch, line.root) for line in checkpoints.read(path)] == conn.execute(
        "SELECT number, root FROM batches ORDER BY number"
    ).fetchall()
    assert findings(conn, path) == [True, True, True, True]


def test_a_crash_after_the_line_does_not_write_it_twice(
    conn: Connection[Any], wiring: Wiring, group: Group, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Crash

    seal(wiring, group)
    with monkeypatch.context() as patch:
        patch.setattr(batches, "complete", die)
        with pytest.raises(Crash):
            write(wiring, path)
    assert states(conn) == [(1, "pending")]
    assert len(list(checkpoints.read(path))) == 1
    assert write(wiring, path) == 1
    assert len(list(checkpoints.read(path))) == 1
    assert states(conn) == [(1, "completed")]


@pytest.mark.parametrize("kept", [10, 70, 120, 300])
def test_a_crash_within_a_line_leaves_nothing_behind(
    conn: Connection[Any], wiring: Wiring, group: Group, path: Path, kept: int
) -> None:
    seal(wiring, group)
    write(wiring, path)
    conn.execute("UPDATE batches SET state = 'pending'")
    path.write_bytes(path.read_bytes()[:kept])
    assert write(wiring, path) == 1
    assert findings(conn, path) == [True, True, True, True]
    assert path.read_text().count("\n") == 2


def test_a_forged_line_a_broken_chain_and_a_missing_line_are_found(
    conn: Connection[Any], wiring: Wiring, group: Group, path: Path
) -> None:
    for _ in range(2):
        seal(wiring, group)
        write(wiring, path)
    whole = path.read_text()
    header, first, second = whole.splitlines(keepends=True)
    path.write_text(header + first.replace(" 2 ", " 9 ") + second)
    assert findings(conn, path) == [False, True, True, True]
    path.write_text(header + second)
    assert findings(conn, path) == [True, True, True, False]
    root = first.split()[1]
    path.write_text(whole.replace(f"1 {root}", f"1 {root[::-1]}"))
    assert findings(conn, path) == [False, False, True, False]
    path.write_text(whole + second)
    assert findings(conn, path) == [True, True, False, True]
    path.write_text(whole)
    assert findings(conn, path, key="0x" + "22" * 32) == [False, True, True, True]
    path.unlink()
    assert findings(conn, path) == [True, True, True, False]
