"""Every check of every room, joined: what `pesachama verify` prints and the nightly job looks at."""

from collections.abc import Callable
from pathlib import Path

import chamas.verify
import payments.verify
from gateway.wiring import Wiring
from ledger import assertions, audit, checkpoints, papers, verify, verify_seals
from ledger.findings import Finding
from ledger.retries import transact
from ledger.verify import newest, note_sound


def all_findings(
    wiring: Wiring,
    *,
    new_only: bool = False,
    processes: int = 1,
    told: Callable[[int, int], None] = lambda _pages, _of: None,
) -> list[Finding]:
    """One finding per invariant, the ledger's first; one snapshot, so that a busy system raises no false alarm.

    What was found sound is noted: with `new_only`, hashes and sums up to there are not taken again.
    """
    with wiring.transaction() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        pages, changes = newest(conn), audit.newest(conn)
        books = verify(conn, new_only=new_only, processes=processes, told=told)
        log = audit.verify(conn, new_only=new_only)
        looks = (
            verify_seals.verify_seals,
            papers.verify,
            assertions.verify,
            payments.verify.verify,
            chamas.verify.verify,
        )
        others = [finding for look in looks for finding in look(conn)]
    if all(finding.ok for finding in books):
        transact(wiring, lambda conn: note_sound(conn, pages))
    if all(finding.ok for finding in log):
        transact(wiring, lambda conn: audit.note_sound(conn, changes))
    return [*books, *log, *others, *witnessed(wiring)]


def witnessed(wiring: Wiring) -> list[Finding]:
    """What stands outside our database: the chain's own events, or the signed checkpoint file."""
    own = wiring.settings
    # No transaction is open while the chain is asked.
    with wiring.pool.connection() as conn:
        if own.chain == "off":
            return checkpoints.verify(conn, path=Path(own.checkpoint_file), operator_key=own.chain_operator_key)
        # Only here: without a chain nobody waits for its library.
        from ledger import chain, sync  # noqa: PLC0415

        try:
            return [sync.compare(conn, chain.connect(own.chain_rpc_url))]
        except chain.ChainTrouble as trouble:
            return [Finding("the chain answers", False, str(trouble), 0)]
