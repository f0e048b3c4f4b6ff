"""Prompts that moved another sum than they asked for: they end once that money stands under its own receipt.

Such a callback is refused: it credits nothing. But it names the receipt, and that is booked as what it is, by the
paybill's confirmation or by what Safaricom answers about it. When both are here, in whatever order they came, nothing
more is to be waited for: who paid is not told any longer not to pay again, and nobody is alarmed for good.
"""

from collections.abc import Iterable
from datetime import datetime

from ledger.wires import Connection
from payments import attempts, inquiries
from payments.attempts import Attempt, Step
from payments.evidence.judge import WRONG_AMOUNT, Judgement
from payments.states import AttemptState, merge


def end(conn: Connection, judgements: Iterable[Judgement], known: dict[int, Attempt], *, at: datetime) -> None:
    """Ends those of the judged prompts whose money is booked otherwise; what is judged is written already.

    `known` are the attempts as the batch has left them. A prompt that is paid, or has ended so, stays as it is.
    """
    told = {one.attempt.id for one in judgements if one.attempt and one.named and one.owner is None}
    open_ = [number for number in sorted(told) if _may_end(known[number].state)]
    if not open_:
        return
    # The evidence of a prompt is found by its attempt. Whose token it came with has been decided.
    rows = conn.execute(
        "SELECT DISTINCT e.attempt_id FROM evidence e JOIN receipts r ON r.receipt = e.receipt "
        "WHERE e.attempt_id = ANY(%s) AND e.source = 'stk_callback' AND e.verdict = 'refused' AND e.reason = %s "
        "AND r.attempt_id IS NULL ORDER BY e.attempt_id",
        [open_, WRONG_AMOUNT],
    ).fetchall()
    ended = [number for (number,) in rows]
    attempts.move(conn, [Step(known[number], AttemptState.PAID_OTHERWISE, at) for number in ended])
    inquiries.close_about_attempts(conn, ended, outcome="settled")


def _may_end(state: AttemptState) -> bool:
    return merge(state, AttemptState.PAID_OTHERWISE) is not state
