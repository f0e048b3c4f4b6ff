"""Sealing entries into a batch, and the gas of anchoring one."""

import time
from pathlib import Path

import embedded.chain
from bench.load import Sample, Void
from bench.pairs import Effort, Result, middle
from bench.rows.books import fill
from bench.stage import Stage
from ledger import batches, checkpoints, sync
from ledger.chain import Anchor

SEAL_SECONDS = 1.0
GAS = 60_000


def sealing(stage: Stage, effort: Effort) -> Result:
    sample = middle([_seal(stage, effort.leaves) for _ in range(effort.pairs)])
    return Result(
        f"Sealing {effort.leaves:,} entries into a batch",
        "s",
        "the target",
        1 / sample.rate,
        SEAL_SECONDS,
        1.0,
        fewer_is_better=True,
    )


def _seal(stage: Stage, entries: int) -> Sample:
    fill(stage, entries)
    begun = time.perf_counter()
    sealed = batches.seal_due(stage.worker, witness="checkpoint")
    seconds = time.perf_counter() - begun
    _witness(stage)
    if sealed < min(entries, batches.BATCH_SIZE):
        raise Void(f"{sealed} entries were sealed")
    return Sample(1 / seconds)


def _witness(stage: Stage) -> None:
    """Signs what is sealed, so that the next batch need not wait for it."""
    settings = stage.worker.settings
    path = Path(settings.checkpoint_file)
    while checkpoints.write_due(stage.worker, path=path, operator_key=settings.chain_operator_key):
        pass


def anchoring(stage: Stage, effort: Effort) -> Result:
    """The dearest of batches of very different sizes, on the embedded EVM."""
    while batches.seal_due(stage.worker, witness="checkpoint"):
        _witness(stage)
    folder = stage.folder / "chain"
    with embedded.chain.start(folder, durable=stage.durable) as server:
        anchor = Anchor(server.url, embedded.chain.funded_account(folder)[1])
        for entries in (1, 100, effort.rows):
            fill(stage, entries)
            batches.seal_due(stage.worker, witness="chain")
            while anchor.commit_due(stage.worker) + sync.read(stage.worker, anchor.web3):
                pass
        gas = _gas(stage, anchor)
    return Result(
        "Anchoring a batch, whatever its size",
        "gas",
        "the target",
        max(gas.values()),
        GAS,
        1.0,
        fewer_is_better=True,
        detail=", ".join(f"{entries:,} entries: {used:,}" for entries, used in sorted(gas.items())),
    )


def _gas(stage: Stage, anchor: Anchor) -> dict[int, int]:
    """The gas that each anchored batch took, by its number of entries."""
    with stage.worker.transaction() as conn:
        rows = conn.execute(
            "SELECT leaf_count, tx_hash FROM batches WHERE state = 'completed' AND tx_hash IS NOT NULL"
        ).fetchall()
    if not rows:
        raise Void("no batch was anchored")
    return {entries: int(anchor.web3.eth.get_transaction_receipt(tx_hash)["gasUsed"]) for entries, tx_hash in rows}
