"""Every check of every room, joined: what `pesachama verify` prints and the nightly job looks at."""

from pathlib import Path

import chamas.verify
import payments.verify
from gateway.wiring import Wiring
from ledger import chain, checkpoints, sync, verify_seals
from ledger.findings import Finding
from ledger.verify import verify


def all_findings(wiring: Wiring) -> list[Finding]:
    """One finding per invariant, the ledger's first; one snapshot, so that a busy system raises no false alarm."""
    with wiring.transaction() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        own = [
            *verify(conn),
            *verify_seals.verify_seals(conn),
            *payments.verify.verify(conn),
            *chamas.verify.verify(conn),
        ]
    return [*own, *witnessed(wiring)]


def witnessed(wiring: Wiring) -> list[Finding]:
    """What stands outside our database: the chain's own events, or the signed checkpoint file."""
    own = wiring.settings
    # No transaction is open while the chain is asked.
    with wiring.pool.connection() as conn:
        if own.chain == "off":
            return checkpoints.verify(conn, path=Path(own.checkpoint_file), operator_key=own.chain_operator_key)
        try:
            return [sync.compare(conn, chain.connect(own.chain_rpc_url))]
        except chain.ChainTrouble as trouble:
            return [Finding("the chain answers", False, str(trouble), 0)]
