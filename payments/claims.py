"""Receipts that members show us: Safaricom is asked about those that we do not know.

A member forwards her M-PESA message, or writes its code, and nothing else of it is read. What she shows is no proof and
credits nobody: a status question is asked about it, and what its answer proves is booked like any other money, to
suspense when nothing waits for it, where the concierge finds who paid (chamas/arriving/concierge.py).
"""

import re
from datetime import datetime, timedelta

from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import inquiries
from payments.daraja.values import is_receipt
from payments.inquiries import AboutReceipt

# Ten characters that begin with a letter and have a digit in them: no word, no number, no amount.
CODE = re.compile(r"(?<![A-Z0-9])(?=[A-Z]*[0-9])[A-Z][A-Z0-9]{9}(?![A-Z0-9])")
# A long message has been joined from several; what stands behind that is no M-PESA message.
TEXT_LETTERS = 1_000
# Somebody who looks for one lost payment needs a few tries, somebody who tries codes needs millions.
CLAIMS_AT_MOST, WITHIN = 5, timedelta(hours=1)
OPEN_AT_ONCE = 50  # a statement or two for all of them


class TooManyClaims(Refusal):
    """This member has shown many receipts within the hour."""

    code = "too_many_claims"
    status = 429
    words = "You have asked about many payments. Try again in an hour."


def code_in(text: str) -> str | None:
    """The receipt code in what was typed or forwarded; None without one. Nothing else of the text is read."""
    found = (match[0] for match in CODE.finditer(text[:TEXT_LETTERS].upper()))
    return next((code for code in found if is_receipt(code)), None)


def claim(conn: Connection, user_id: int, receipt: str, *, at: datetime) -> None:
    """She shows this receipt; Safaricom is asked about it soon, once for each. Raises TooManyClaims."""
    known = conn.execute(
        "SELECT count(*) FILTER (WHERE claimed_at > %s), coalesce(bool_or(receipt = %s), FALSE) FROM receipt_claims "
        "WHERE user_id = %s",
        [at - WITHIN, receipt, user_id],
    ).fetchone()
    lately, shown = known or (0, False)
    if shown:
        return
    if lately >= CLAIMS_AT_MOST:
        raise TooManyClaims
    conn.execute(
        "INSERT INTO receipt_claims (user_id, receipt, claimed_at, due_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        [user_id, receipt, at, at],
    )


def open_due(conn: Connection, *, at: datetime) -> None:
    """Opens a question about each receipt that was shown and is in no book of ours, in its group's shortcode's name."""
    rows = conn.execute(
        "UPDATE receipt_claims c SET due_at = NULL WHERE (user_id, receipt) IN (SELECT user_id, receipt "
        "FROM receipt_claims WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) "
        "RETURNING c.receipt, coalesce((SELECT s.shortcode_id FROM chama_members m JOIN chama_shortcodes s "
        "ON s.chama_id = m.chama_id WHERE m.user_id = c.user_id ORDER BY m.id LIMIT 1), "
        "(SELECT min(id) FROM shortcodes)), EXISTS (SELECT FROM receipts r WHERE r.receipt = c.receipt)",
        [at, OPEN_AT_ONCE],
    ).fetchall()
    about = [AboutReceipt(receipt, shortcode_id, None) for receipt, shortcode_id, known in rows if not known]
    inquiries.open_about_receipts(conn, about, at=at, wait=timedelta(0))


def forget(conn: Connection, user_id: int) -> None:
    """Which receipts she showed goes with her."""
    conn.execute("DELETE FROM receipt_claims WHERE user_id = %s", [user_id])
