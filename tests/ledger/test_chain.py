"""Anchoring against a real EVM: once and in order, through crashes, refusals, stalls and lost chains."""

from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from psycopg import Connection

import embedded.chain
from gateway.wiring import Wiring
from ledger import batches, checkpoints, proofs, sync
from ledger.chain import Anchor, ChainLost, ChainTrouble
from ledger.signing import Fees, bumped
from tests.instruments import HandClock
from tests.ledger.anchoring import Chain, Group, anchored, settle, states

MOST_GAS = 60_000


class Crash(Exception):
    """The process dies here."""


def die(*_: object) -> None:
    raise Crash


def sealed(conn: Connection[Any], wiring: Wiring, entries: int = 3) -> Group:
    group = Group(conn)
    group.contribute(entries)
    batches.seal_due(wiring, witness="chain")
    return group


def deploy(wiring: Wiring, anchor: Anchor) -> None:
    """The contract stands and is known, and no batch is under way."""
    assert anchor.commit_due(wiring) == 1
    assert anchor.commit_due(wiring) == 1


def roots(conn: Connection[Any]) -> list[tuple[int, bytes]]:
    return conn.execute("SELECT number, root FROM batches ORDER BY number").fetchall()


def anchoring_attempts(conn: Connection[Any]) -> list[tuple[str, int]]:
    """State and number of attempts of every anchoring transaction, in order of nonce."""
    return conn.execute(
        "SELECT state, count(*) FROM chain_transactions t JOIN chain_attempts a ON a.transaction_id = t.id "
        "WHERE purpose = 'anchor' GROUP BY t.id ORDER BY nonce"
    ).fetchall()


def pause(anchor: Anchor, chain: Chain, conn: Connection[Any], stop: bool) -> None:
    """What the guardian does by hand."""
    row = conn.execute("SELECT address FROM chain_contracts").fetchone()
    assert row
    guardian = Account.from_key(chain.key)
    call = anchor.contract_at(row[0]).functions.setPaused(stop)
    nonce = chain.web3.eth.get_transaction_count(guardian.address)
    signed = guardian.sign_transaction(call.build_transaction({"from": guardian.address, "nonce": nonce}))
    chain.web3.eth.send_raw_transaction(signed.raw_transaction)


def test_batches_are_anchored_in_order_and_completed_by_their_events(
    conn: Connection[Any], wiring: Wiring, anchor: Anchor
) -> None:
    group = Group(conn)
    for _ in range(3):
        group.contribute(2)
        settle(wiring, anchor)
    assert states(conn) == [(1, "completed"), (2, "completed"), (3, "completed")]
    assert anchored(anchor, conn) == roots(conn)
    proof = proofs.proof_of(conn, group.posted[0].code)
    assert proof
    assert (proof.state, proof.witnessed_root, proof.valid) == ("completed", proof.root, True)
    assert proof.block


def test_anchoring_costs_at_most_60_000_gas(conn: Connection[Any], wiring: Wiring, anchor: Anchor) -> None:
    group = Group(conn)
    for _ in range(2):
        group.contribute()
        settle(wiring, anchor)
    hashes = conn.execute("SELECT tx_hash FROM batches ORDER BY number").fetchall()
    first, second = (anchor.web3.eth.get_transaction_receipt(tx_hash)["gasUsed"] for (tx_hash,) in hashes)
    assert second < first <= MOST_GAS


@pytest.mark.parametrize("purpose", ["deploy", "anchor"])
def test_a_crash_between_signing_and_sending_sends_the_same_bytes_later(
    conn: Connection[Any], wiring: Wiring, chain: Chain, monkeypatch: pytest.MonkeyPatch, purpose: str
) -> None:
    anchor = Anchor(chain.url, chain.key)
    if purpose == "anchor":
        deploy(wiring, anchor)
    sealed(conn, wiring)
    with monkeypatch.context() as patch:
        patch.setattr(Anchor, "_broadcast", die)
        with pytest.raises(Crash):
            anchor.commit_due(wiring)
    settle(wiring, Anchor(chain.url, chain.key))
    assert conn.execute("SELECT purpose, state FROM chain_transactions ORDER BY nonce").fetchall() == [
        ("deploy", "mined"),
        ("anchor", "mined"),
    ]
    assert conn.execute("SELECT count(*) FROM chain_attempts").fetchone() == (2,)
    assert anchored(anchor, conn) == roots(conn)
    assert states(conn) == [(1, "completed")]


@pytest.mark.parametrize("purpose", ["deploy", "anchor"])
def test_a_crash_between_mined_and_recorded_anchors_once(
    conn: Connection[Any], wiring: Wiring, chain: Chain, monkeypatch: pytest.MonkeyPatch, purpose: str
) -> None:
    anchor = Anchor(chain.url, chain.key)
    if purpose == "anchor":
        deploy(wiring, anchor)
    sealed(conn, wiring)
    with monkeypatch.context() as patch:
        patch.setattr("ledger.submissions.mark_sent", die)
        with pytest.raises(Crash):
            anchor.commit_due(wiring)
    with monkeypatch.context() as patch:
        patch.setattr(Anchor, "_record_receipt", die)
        with pytest.raises(Crash):
            Anchor(chain.url, chain.key).commit_due(wiring)
    settle(wiring, Anchor(chain.url, chain.key))
    assert conn.execute("SELECT count(*) FROM chain_attempts").fetchone() == (2,)
    assert anchored(anchor, conn) == roots(conn)
    assert states(conn) == [(1, "completed")]


def test_books_restored_from_before_the_anchor_learn_of_it_and_do_not_repeat_it(
    conn: Connection[Any], wiring: Wiring, anchor: Anchor
) -> None:
    sealed(conn, wiring)
    settle(wiring, anchor)
    conn.execute(
        "DELETE FROM chain_attempts WHERE transaction_id IN (SELECT id FROM chain_transactions WHERE batch = 1)"
    )
    conn.execute("DELETE FROM chain_transactions WHERE batch = 1")
    conn.execute("UPDATE chain_accounts SET next_nonce = next_nonce - 1")
    conn.execute("DELETE FROM chain_logs")
    conn.execute("DELETE FROM chain_cursors")
    conn.execute("UPDATE batches SET state = 'pending', completed_at = NULL")
    settle(wiring, anchor)
    assert states(conn) == [(1, "completed")]
    assert anchoring_attempts(conn) == []
    Group(conn).contribute()
    settle(wiring, anchor)
    assert anchoring_attempts(conn) == [("mined", 1)]
    assert anchored(anchor, conn) == roots(conn)


def test_two_workers_at_the_same_step_sign_once(
    conn: Connection[Any], wiring: Wiring, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = Anchor(chain.url, chain.key), Anchor(chain.url, chain.key)
    deploy(wiring, slow)
    sealed(conn, wiring)
    usual = Anchor._market_fees

    def overtaken(self: Anchor) -> Fees:
        if self is slow:
            quick.commit_due(wiring)
        return usual(self)

    with monkeypatch.context() as patch:
        patch.setattr(Anchor, "_market_fees", overtaken)
        assert slow.commit_due(wiring) == 0
    settle(wiring, slow)
    assert anchoring_attempts(conn) == [("mined", 1)]
    assert anchored(slow, conn) == roots(conn)


def test_batches_of_the_checkpoint_file_are_anchored_too_and_sent_again_when_the_chain_forgot_them(
    conn: Connection[Any], wiring: Wiring, chain: Chain, anchor: Anchor, tmp_path: Path
) -> None:
    deploy(wiring, anchor)
    before = chain.ask("evm_snapshot")
    group = Group(conn)
    group.contribute(2)
    batches.seal_due(wiring, witness="checkpoint")
    checkpoints.write_due(wiring, path=tmp_path / "checkpoints", operator_key=chain.key)
    group.contribute(2)
    settle(wiring, anchor)
    assert states(conn) == [(1, "completed"), (2, "completed")]
    assert chain.ask("evm_revert", before)
    sync.read(wiring, anchor.web3)
    assert states(conn) == [(1, "completed"), (2, "executing")]
    settle(wiring, anchor)
    assert states(conn) == [(1, "completed"), (2, "completed")]
    assert anchoring_attempts(conn) == [("mined", 1), ("mined", 1)]
    assert anchored(anchor, conn) == roots(conn)


def test_a_stalled_transaction_is_replaced_by_a_better_paid_one_and_every_attempt_is_kept(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, chain: Chain, anchor: Anchor
) -> None:
    deploy(wiring, anchor)
    sealed(conn, wiring)
    chain.ask("pesachama_stall")
    anchor.commit_due(wiring)
    assert anchor.commit_due(wiring) == 0
    clock.advance(20)
    anchor.commit_due(wiring)
    assert anchoring_attempts(conn) == [("sent", 1)]
    clock.advance(120)
    anchor.commit_due(wiring)
    assert anchoring_attempts(conn) == [("sent", 2)]
    (low, low_tip), (high, high_tip) = conn.execute(
        "SELECT max_fee_wei, tip_wei FROM chain_attempts JOIN chain_transactions t ON t.id = transaction_id "
        "WHERE purpose = 'anchor' ORDER BY max_fee_wei"
    ).fetchall()
    assert (high >= bumped(low), high_tip >= bumped(low_tip)) == (True, True)
    chain.ask("pesachama_resume")
    chain.ask("evm_mine")
    settle(wiring, anchor)
    assert anchoring_attempts(conn) == [("mined", 2)]
    assert anchored(anchor, conn) == roots(conn)


def test_what_the_contract_would_refuse_is_not_sent_and_is_tried_again(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, chain: Chain, anchor: Anchor
) -> None:
    deploy(wiring, anchor)
    sealed(conn, wiring)
    pause(anchor, chain, conn, True)
    settle(wiring, anchor)
    assert anchoring_attempts(conn) == []
    assert conn.execute("SELECT state, retry_count, error_message FROM batches").fetchall() == [
        ("failed", 1, "the contract refuses it: IsPaused")
    ]
    pause(anchor, chain, conn, False)
    clock.advance(61)
    settle(wiring, anchor)
    assert conn.execute("SELECT state, error_message FROM batches").fetchall() == [("completed", None)]


def test_what_is_mined_without_effect_fails_visibly_and_is_signed_anew(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = Account.create()
    guardian = Account.from_key(chain.key)
    nonce = chain.web3.eth.get_transaction_count(guardian.address)
    money = {"to": operator.address, "value": 10**18, "gas": 21_000, "maxFeePerGas": 4 * 10**9, "chainId": 31337}
    signed = guardian.sign_transaction({**money, "maxPriorityFeePerGas": 10**9, "nonce": nonce})
    chain.web3.eth.send_raw_transaction(signed.raw_transaction)
    anchor = Anchor(chain.url, operator.key.to_0x_hex(), guardian=guardian.address)
    deploy(wiring, anchor)
    sealed(conn, wiring)
    with monkeypatch.context() as patch:
        patch.setattr(Anchor, "_broadcast", die)
        with pytest.raises(Crash):
            anchor.commit_due(wiring)
    pause(anchor, chain, conn, True)
    for _ in range(2):
        anchor.commit_due(wiring)
    [(state, message)] = conn.execute("SELECT state, error_message FROM batches").fetchall()
    assert (state, "was mined without effect" in message) == ("failed", True)
    pause(anchor, chain, conn, False)
    clock.advance(61)
    settle(wiring, anchor)
    assert anchoring_attempts(conn) == [("reverted", 1), ("mined", 1)]
    assert anchored(anchor, conn) == roots(conn)
    assert states(conn) == [(1, "completed")]


def test_a_node_that_refuses_is_named_without_its_address_and_asked_again(
    conn: Connection[Any], wiring: Wiring, clock: HandClock, chain: Chain, anchor: Anchor
) -> None:
    deploy(wiring, anchor)
    sealed(conn, wiring)
    chain.ask("pesachama_failNext", 1)
    with pytest.raises(ChainTrouble, match="the chain refused"):
        anchor.commit_due(wiring)
    assert states(conn) == [(1, "executing")]
    settle(wiring, anchor)
    assert anchoring_attempts(conn) == [("mined", 1)]
    with pytest.raises(ChainTrouble) as trouble:
        Anchor("http://127.0.0.1:9/secret-key", chain.key).commit_due(wiring)
    assert "secret-key" not in str(trouble.value)


def test_a_chain_that_was_started_over_is_told_from_ours(conn: Connection[Any], wiring: Wiring, tmp_path: Path) -> None:
    with embedded.chain.start(tmp_path / "old", heartbeat=0, durable=False) as server:
        key = embedded.chain.funded_account(tmp_path / "old")[1]
        sealed(conn, wiring)
        settle(wiring, Anchor(server.url, key))
    with embedded.chain.start(tmp_path / "new", heartbeat=0, durable=False) as server:
        anchor = Anchor(server.url, key)
        for step in (lambda: anchor.commit_due(wiring), lambda: sync.read(wiring, anchor.web3)):
            with pytest.raises(ChainLost, match="started over"):
                step()
    assert states(conn) == [(1, "completed")]
