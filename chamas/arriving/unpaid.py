"""Payers are told why a prompt's money has not come."""

from collections.abc import Sequence
from datetime import datetime

from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.wires import Connection
from payments.evidence import Unpaid


def tell_unpaid(conn: Connection, unpaid: Sequence[Unpaid], *, at: datetime) -> None:
    """Tells payers why their money has not come, once for an attempt; nobody who ended it herself."""
    told = [one for one in unpaid if one.why]
    if not told:
        return
    rows = conn.execute("SELECT id, name FROM chamas WHERE id = ANY(%s)", [[one.attempt.chama_id for one in told]])
    names: dict[int, str] = dict(rows.fetchall())
    notices.queue(
        conn,
        [
            Notice(
                dedupe_key=f"unpaid:{one.attempt.id}",
                template="contribution_not_paid",
                user_id=one.attempt.payer_id,
                chama_id=one.attempt.chama_id,
                arguments={
                    "chama": names[one.attempt.chama_id],
                    "amount_cents": one.attempt.amount_cents,
                    "why": one.why,
                },
            )
            for one in told
        ],
        at=at,
    )
