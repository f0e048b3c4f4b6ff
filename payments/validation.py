"""What Safaricom is told before a payment: yes, unless the shortcode refuses accounts that cannot exist.

External validation is off at Safaricom's until it is asked for by e-mail, and here until an operator switches it on for
a shortcode (`pesachama shortcodes validation`). Even then only one thing is refused: an account that is read as a
group's and a member's number, and there is no such member. What cannot be read may still find its owner by who paid. A
refusal loses a contribution where a yes only makes work, so whatever keeps us from knowing is a yes.
"""

from dataclasses import dataclass

import psycopg
from psycopg_pool import PoolTimeout

from payments.paybill import read_confirmation
from payments.reading import Unreadable
from payments.wires import Wires


@dataclass(frozen=True)
class Objection:
    """Daraja's own code for it, which chooses what the payer reads. Source: Daraja, "Customer to Business"."""

    code: str


NO_SUCH_ACCOUNT = Objection("C2B00012")


def objection(wires: Wires, body: bytes) -> Objection | None:
    """Why this payment must not be made; None: it may. Never raises for what Safaricom sends, nor for an outage."""
    try:
        asked = read_confirmation(body)
    except Unreadable:
        return None
    account = asked.account
    if account is None:
        return None
    try:
        with wires.at_once() as conn:
            row = conn.execute(
                "SELECT takes_account(%s, %s, %s)", [asked.shortcode, account.chama_number, account.member_number]
            ).fetchone()
    except (psycopg.Error, PoolTimeout):
        return None
    return NO_SUCH_ACCOUNT if row is not None and row[0] is False else None
