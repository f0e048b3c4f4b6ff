"""Reading events back: through reorganisations, crashes, narrow providers, and another root than ours."""

from collections.abc import Sequence
from typing import Any

import pytest
from psycopg import Connection
from web3 import Web3
from web3.exceptions import Web3RPCError
from web3.types import EventData

from gateway.wiring import Wiring
from ledger import batches, sync
from ledger.chain import Anchor, ChainTrouble
from tests.ledger.anchoring import Chain, Group, anchored, settle, states


class Crash(Exception):
    """The process dies here."""


def die(*_: object, **__: object) -> None:
    raise Crash


def on_chain(conn: Connection[Any], wiring: Wiring, anchor: Anchor, times: int = 1) -> Group:
    """So many batches, sealed, anchored and completed."""
    group = Group(conn)
    for _ in range(times):
        group.contribute(2)
        settle(wiring, anchor)
    return group


def unread(conn: Connection[Any], wiring: Wiring, anchor: Anchor) -> None:
    """One batch whose anchor is mined and not yet read."""
    Group(conn).contribute(2)
    batches.seal_due(wiring, witness="chain")
    while anchor.commit_due(wiring):
        pass


def logs(conn: Connection[Any]) -> list[tuple[int, bool]]:
    return conn.execute("SELECT batch, canonical FROM chain_logs ORDER BY batch, canonical").fetchall()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_reorganisation_takes_batches_back_and_they_are_anchored_once_more(
    conn: Connection[Any], wiring: Wiring, chain: Chain, anchor: Anchor, depth: int
) -> None:
    on_chain(conn, wiring, anchor, times=4)
    chain.ask("pesachama_reorg", depth)
    assert sync.read(wiring, anchor.web3) == depth
    assert states(conn) == [(number, "completed" if number <= 4 - depth else "executing") for number in range(1, 5)]
    chain.ask("evm_mine")
    settle(wiring, anchor)
    assert states(conn) == [(number, "completed") for number in range(1, 5)]
    assert [number for number, _ in anchored(anchor, conn)] == [1, 2, 3, 4]
    assert sync.compare(conn, anchor.web3).ok


def test_a_reorganisation_keeps_what_was_seen_as_not_canonical(
    conn: Connection[Any], wiring: Wiring, chain: Chain, anchor: Anchor
) -> None:
    on_chain(conn, wiring, anchor)
    chain.ask("pesachama_reorg", 1)
    sync.read(wiring, anchor.web3)
    assert logs(conn) == [(1, False)]
    assert conn.execute("SELECT block_number, completed_at FROM batches").fetchall() == [(None, None)]
    chain.ask("evm_mine")
    settle(wiring, anchor)
    assert logs(conn) == [(1, False), (1, True)]
    assert conn.execute(
        "SELECT b.block_hash = l.block_hash FROM batches b JOIN chain_logs l ON l.canonical"
    ).fetchall() == [(True,)]


def test_even_the_contract_comes_back_after_a_reorganisation(
    conn: Connection[Any], wiring: Wiring, chain: Chain, anchor: Anchor
) -> None:
    on_chain(conn, wiring, anchor)
    chain.ask("pesachama_reorg", 2)
    with pytest.raises(ChainTrouble):
        anchor.commit_due(wiring)
    for _ in range(3):
        chain.ask("evm_mine")
    settle(wiring, anchor)
    assert states(conn) == [(1, "completed")]
    assert [number for number, _ in anchored(anchor, conn)] == [1]


def test_a_crash_within_reading_leaves_nothing_half_read(
    conn: Connection[Any], wiring: Wiring, anchor: Anchor, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread(conn, wiring, anchor)
    with monkeypatch.context() as patch:
        patch.setattr(sync, "_save", die)
        with pytest.raises(Crash):
            sync.read(wiring, anchor.web3)
    assert (logs(conn), states(conn)) == ([], [(1, "executing")])
    with monkeypatch.context() as patch:
        patch.setattr(batches, "complete", die)
        with pytest.raises(Crash):
            sync.read(wiring, anchor.web3)
    assert (logs(conn), states(conn)) == ([], [(1, "executing")])
    assert sync.read(wiring, anchor.web3) == 1
    assert sync.read(wiring, anchor.web3) == 0
    assert (logs(conn), states(conn)) == ([(1, True)], [(1, "completed")])


def test_a_batch_waits_for_its_confirmations(
    conn: Connection[Any], wiring: Wiring, chain: Chain, anchor: Anchor
) -> None:
    unread(conn, wiring, anchor)
    assert sync.read(wiring, anchor.web3, confirmations=3) == 0
    chain.ask("evm_mine")
    assert sync.read(wiring, anchor.web3, confirmations=3) == 0
    chain.ask("evm_mine")
    assert sync.read(wiring, anchor.web3, confirmations=3) == 1
    assert states(conn) == [(1, "completed")]


def test_another_root_on_the_chain_is_never_taken_for_ours(
    conn: Connection[Any], wiring: Wiring, anchor: Anchor
) -> None:
    unread(conn, wiring, anchor)
    conn.execute("UPDATE batches SET root = sha256('changed in the books')")
    sync.read(wiring, anchor.web3)
    [(state, message)] = conn.execute("SELECT state, error_message FROM batches").fetchall()
    assert (state, message.startswith("the chain holds another root")) == ("failed", True)


def test_compare_finds_a_root_that_was_changed_after_it_was_completed(
    conn: Connection[Any], wiring: Wiring, anchor: Anchor
) -> None:
    on_chain(conn, wiring, anchor, times=2)
    assert sync.compare(conn, anchor.web3).ok
    conn.execute("UPDATE batches SET root = sha256('changed in the books') WHERE number = 2")
    found = sync.compare(conn, anchor.web3)
    assert (found.ok, found.detail) == (False, "missing or different: batch 2")


def test_a_provider_of_narrow_ranges_is_read_in_narrow_ranges(
    conn: Connection[Any], wiring: Wiring, chain: Chain, anchor: Anchor, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread(conn, wiring, anchor)
    for _ in range(40):
        chain.ask("evm_mine")
    asked = []
    whole = sync._events

    def narrow(web3: Web3, source: sync.Source, first: int, last: int) -> Sequence[EventData]:
        asked.append(last - first + 1)
        if last - first + 1 > 7:
            raise Web3RPCError("query exceeds max block range 7")
        return whole(web3, source, first, last)

    monkeypatch.setattr(sync, "_events", narrow)
    assert sync.read(wiring, anchor.web3) == 1
    assert states(conn) == [(1, "completed")]
    assert 7 in asked


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("eth_getLogs is limited to a 2,000 range", 2_000),
        ("exceed maximum block range: 5000", 5_000),
        ("Max range: 500", 500),
        ("this block range should work: [0x64, 0x12b]", 200),
        ("block range is too large", 5_000),
        ("query returned more than 20000 results", 5_000),
        ("Max range: 99999", 5_000),
    ],
)
def test_the_next_range_is_what_the_provider_says_or_half(message: str, told: int) -> None:
    assert sync.shorter(10_000, message) == told
    assert sync.shorter(1, "no") == 1
