"""Money that lay in suspense when the paybill's own notice of it came: hers whom the notice names, had it come first.

A receipt that somebody named is asked about, and Safaricom's answer does not say under which account it was paid; so
its money is nobody's until the notice comes. That is believed as it would have been then (senders.py says whose it is),
and no official is needed for what needed none the other way round. What is being decided about already is left to those
who decide, and a notice that does not fit the money names nobody.
"""

from dataclasses import replace
from datetime import datetime

from chamas.arriving import arrivals, receivers, senders
from ledger.wires import Chance, Connection
from payments import suspense


def credit(conn: Connection, receipt: str, *, at: datetime, chance: Chance) -> bool:
    """Gives the money to the member whom its notice names; False when there is none, or people decide about it."""
    sent, money = suspense.notice(conn, receipt), suspense.lock(conn, receipt)
    if sent is None or money is None or _decided(conn, receipt):
        return False
    if (sent.money.receipt, sent.money.amount_cents) != (receipt, money.amount_cents):
        return False
    [whose] = senders.resolve(conn, [replace(money.nobodys(), sent=sent)], receivers.TAKES_MONEY)
    if (
        whose.chama_id is None
        or whose.member_id is None
        or not receivers.takes_money(conn, whose.member_id, money.amount_cents)
    ):
        return False
    arrivals.credit_suspended(conn, money, whose.chama_id, whose.member_id, by=None, at=at, chance=chance)
    return suspense.resolve(conn, receipt, at=at)


def _decided(conn: Connection, receipt: str) -> bool:
    row = conn.execute(
        "SELECT TRUE FROM settlements WHERE receipt = %(receipt)s AND state IN ('asked', 'approved') UNION ALL "
        "SELECT TRUE FROM take_backs WHERE receipt = %(receipt)s AND state IN ('asked', 'approved') UNION ALL "
        "SELECT TRUE FROM reversals WHERE receipt = %(receipt)s AND state <> 'refused' LIMIT 1",
        {"receipt": receipt},
    ).fetchone()
    return row is not None
