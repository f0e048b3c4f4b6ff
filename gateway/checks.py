"""Every check of every room, joined: what `pesachama verify` prints and the nightly job looks at."""

import chamas.verify
import payments.verify
from gateway.wiring import Wiring
from ledger import verify_seals
from ledger.findings import Finding
from ledger.verify import verify


def all_findings(wiring: Wiring) -> list[Finding]:
    """One finding per invariant, the ledger's first; one snapshot, so that a busy system raises no false alarm."""
    with wiring.transaction() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        return [
            *verify(conn),
            *verify_seals.verify_seals(conn),
            *payments.verify.verify(conn),
            *chamas.verify.verify(conn),
        ]
