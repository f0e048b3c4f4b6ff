"""Prompts that came to nothing on one phone: nobody answered, or M-PESA was busy with another request. Reads only."""

from datetime import datetime, timedelta

from ledger.wires import Connection
from payments.daraja.codes import CODES, NO_ANSWER, STK
from payments.states import AttemptState

# A SIM that shows no prompts shows none next week either, and most members pay once a week or a month.
LOOKED_BACK = timedelta(days=40)
IN_A_ROW = 2

UNANSWERED = sorted(code for (api, code), row in CODES.items() if api == STK and row.words == NO_ANSWER)
BUSY = "1001"


def twice(conn: Connection, *, phone: str, at: datetime) -> bool:
    """Whether the last two prompts on this phone (E.164) went unanswered: another way to pay is due."""
    rows = conn.execute(
        "SELECT state = %s AND result_code = ANY(%s) FROM payment_attempts WHERE phone = %s AND created_at > %s "
        "ORDER BY created_at DESC, id DESC LIMIT %s",
        [AttemptState.FAILED_SOFT, UNANSWERED, phone, at - LOOKED_BACK, IN_A_ROW],
    ).fetchall()
    return len(rows) == IN_A_ROW and all(silent for (silent,) in rows)


def busy_since(conn: Connection, *, phone: str, since: datetime) -> bool:
    """Whether a prompt that was sent to this phone after `since` met another request."""
    row = conn.execute(
        "SELECT TRUE FROM payment_attempts "
        "WHERE phone = %s AND created_at > %s AND sent_at > %s AND state = %s AND result_code = %s LIMIT 1",
        [phone, since - LOOKED_BACK, since, AttemptState.FAILED_SOFT, BUSY],
    ).fetchone()
    return row is not None
