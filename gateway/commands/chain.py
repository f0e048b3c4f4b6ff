"""The seal on the chain: status shows it, commit seals and anchors what is due, sync reads the events back."""

import argparse
import sys

from gateway.commands import environment
from gateway.jobs import work
from gateway.jobs.loops import drain
from gateway.wiring import Wiring
from ledger import chain, overview
from ledger import sync as read_back

WEI_PER_GWEI = 10**9  # fees are spoken of in gwei


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("status", "commit", "sync"))


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        return {"status": status, "commit": commit, "sync": sync}[options.what](wiring)
    except chain.ChainTrouble as trouble:
        print(f"the chain cannot be used: {trouble}", file=sys.stderr)
        return 1
    finally:
        wiring.close()


def status(wiring: Wiring) -> int:
    own = wiring.settings
    with wiring.transaction() as conn:
        newest, waiting = overview.batches(conn, limit=1), overview.unsealed(conn)
    print(f"entries that no batch has sealed: {waiting}")
    for batch in newest:
        print(f"batch {batch.number}: {batch.state}, {batch.entries} entries, root {batch.root}, block {batch.block}")
    if own.chain == "off":
        print(f"the chain is off; checkpoints are in {own.checkpoint_file}")
        return 0
    anchor = chain.Anchor(own.chain_rpc_url, own.chain_operator_key)
    account = anchor.account
    print(f"chain {account.chain_id}, operator {account.address}, {anchor.gas_money() // WEI_PER_GWEI:,} gwei for gas")
    return 0


def commit(wiring: Wiring) -> int:
    print(f"{drain(work.sealing(wiring))} steps taken")
    return status(wiring)


def sync(wiring: Wiring) -> int:
    own = wiring.settings
    if own.chain == "off":
        print("the chain is off: there is nothing to read back")
        return 0
    print(f"{read_back.read(wiring, chain.connect(own.chain_rpc_url))} events read")
    return status(wiring)
