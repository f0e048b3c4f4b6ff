"""Sealing: every entry once, gapless numbers, chained roots, groups; proofs that hold, or say that they do not."""

import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from gateway.wiring import Wiring
from ledger import batches, merkle, proofs
from ledger.batches import Batch, BatchState
from ledger.moves import ForbiddenMove
from tests.instruments import START
from tests.ledger.anchoring import Group, states


def complete(conn: Connection[Any], number: int) -> None:
    batch = batches.get(conn, number)
    assert batch
    batches.complete(conn, batch, at=START)


def leaves(conn: Connection[Any]) -> list[tuple[int, int]]:
    return conn.execute("SELECT batch, seq FROM batch_leaves ORDER BY book_id, seq").fetchall()


def test_what_waits_is_sealed_once_and_batches_name_the_root_before_them(conn: Connection[Any], wiring: Wiring) -> None:
    group = Group(conn)
    group.contribute(3)
    assert batches.seal_due(wiring, witness="chain") == 3
    complete(conn, 1)
    group.contribute(2)
    assert batches.seal_due(wiring, witness="chain") == 2
    assert batches.seal_due(wiring, witness="chain") == 0
    assert leaves(conn) == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5)]
    assert conn.execute("SELECT count(*) FROM sealing_queue").fetchone() == (0,)
    first, second = conn.execute("SELECT root, previous_root, leaf_count FROM batches ORDER BY number").fetchall()
    assert (first[1], first[2], second[1], second[2]) == (bytes(32), 3, first[0], 2)


def test_entries_gather_while_a_batch_is_on_its_way_unless_a_full_one_waits(
    conn: Connection[Any], wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 4)
    group = Group(conn)
    group.contribute(1)
    assert batches.seal_due(wiring, witness="chain") == 1
    group.contribute(3)
    assert batches.seal_due(wiring, witness="chain") == 0
    group.contribute(2)
    assert batches.seal_due(wiring, witness="chain") == 4
    assert batches.seal_due(wiring, witness="chain") == 0
    assert leaves(conn) == [(1, 1), (2, 2), (2, 3), (2, 4), (2, 5)]


def test_sealers_do_not_meet(conn: Connection[Any], wiring: Wiring) -> None:
    Group(conn).contribute(20)
    sealed: list[int] = []
    threads = [
        threading.Thread(target=lambda: sealed.append(batches.seal_due(wiring, witness="chain"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(sealed), sum(sealed)) == (6, 20)
    assert len(states(conn)) == 1


def test_a_sealer_leaves_the_work_to_one_that_is_at_it(conn: Connection[Any], wiring: Wiring) -> None:
    Group(conn).contribute(2)
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [batches.SEALING_LOCK])
        assert batches.seal_due(wiring, witness="chain") == 0
    assert batches.seal_due(wiring, witness="chain") == 2


def test_a_sealing_that_fails_leaves_the_queue_as_it_was(conn: Connection[Any], wiring: Wiring) -> None:
    class NoChance:
        def token_bytes(self, length: int) -> bytes:
            raise OSError("no randomness today")

    Group(conn).contribute(2)
    with pytest.raises(OSError, match="no randomness"):
        batches.seal_due(replace(wiring, chance=NoChance()), witness="chain")
    assert conn.execute("SELECT count(*) FROM sealing_queue").fetchone() == (2,)
    assert states(conn) == []


def test_a_move_outside_the_table_is_refused(conn: Connection[Any], wiring: Wiring) -> None:
    Group(conn).contribute()
    batches.seal_due(wiring, witness="chain")
    batch = batches.get(conn, 1)
    assert batch
    batches.fail(conn, batch, message="refused", due_at=START)
    failed = batches.get(conn, 1)
    assert isinstance(failed, Batch)
    assert (failed.state, failed.error_message) == (BatchState.FAILED, "refused")
    with pytest.raises(ForbiddenMove):
        batches._move(conn, failed, BatchState.PENDING)


def test_a_proof_leads_from_the_entry_to_the_root(conn: Connection[Any], wiring: Wiring) -> None:
    posted = Group(conn).contribute(5)
    batches.seal_due(wiring, witness="chain")
    for entry in posted:
        proof = proofs.proof_of(conn, entry.code)
        assert proof
        assert proof.leaf
        assert (proof.seq, proof.entry_hash, proof.amount_cents) == (entry.seq, entry.hash, 10_000)
        assert (proof.batch, proof.state, proof.valid) == (1, "pending", True)
        assert merkle.climb(proof.leaf, proof.siblings) == proof.root
        assert not proofs.verify_proof(replace(proof, leaf=merkle.keccak(proof.leaf)))


def test_an_entry_that_waits_has_no_proof_yet_and_an_unknown_code_none_at_all(conn: Connection[Any]) -> None:
    [entry] = Group(conn).contribute()
    proof = proofs.proof_of(conn, entry.code)
    assert proof
    assert (proof.state, proof.batch, proof.root, proof.siblings, proof.valid) == ("waiting", None, None, (), False)
    assert proofs.proof_of(conn, "22222222") is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE postings SET amount_cents = amount_cents * 2", id="amount"),
        pytest.param("UPDATE entries SET recorded_at = recorded_at + interval '1 day'", id="date"),
        pytest.param("UPDATE batch_leaves SET salt = '\\x00112233445566778899aabbccddeeff'", id="salt"),
        pytest.param("UPDATE batches SET root = sha256('another')", id="root"),
    ],
)
def test_a_changed_book_is_no_longer_proved(conn: Connection[Any], wiring: Wiring, change: str) -> None:
    posted = Group(conn).contribute(3)
    batches.seal_due(wiring, witness="chain")
    for table in ("entries_20262", "postings_20262"):
        conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table in ("entries", "postings"):
        conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    conn.execute(change)
    for entry in posted:
        proof = proofs.proof_of(conn, entry.code)
        assert proof
        assert not proof.valid


def test_proofs_and_who_has_no_chain_need_no_web3() -> None:
    shown = "import ledger.batches, ledger.checkpoints, ledger.proofs, ledger.verify_seals"
    others = "gateway.jobs.work, gateway.checks, gateway.commands.doctor"
    script = (
        f"{shown}, {others}, sys; print(sorted({{'web3', 'eth_account', 'eth_abi', 'eth_utils'}} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60)
    assert told.stdout.strip() == b"[]"
