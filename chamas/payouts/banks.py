"""The bank account of a group: the paybill and account that two officials named last. Reads only.

Officials name it as an order of theirs (chamas/course/orders.py), and the one that is done is the account: so who
asked, who agreed and when stands with it, and nothing is ever changed in it.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from ledger.refusals import Refusal
from ledger.wires import Connection


class AnotherBank(Refusal):
    """Officials have named another bank account since it was asked for."""

    code = "another_bank"
    status = 409
    words = "The group has another bank account now. Ask for it anew."


@dataclass(frozen=True)
class Bank:
    """`id` is that of the order; `since` is UTC."""

    id: int
    paybill: str
    account: str
    since: datetime


def of_chama(conn: Connection, chama_id: int) -> Bank | None:
    """Where the money of this group may go; None where officials have named no account."""
    with conn.cursor(row_factory=class_row(Bank)) as cursor:
        return cursor.execute(
            "SELECT id, paybill, account, done_at AS since FROM chama_orders "
            "WHERE chama_id = %s AND kind = 'bank' AND state = 'done' ORDER BY id DESC LIMIT 1",
            [chama_id],
        ).fetchone()


def require(conn: Connection, chama_id: int, order_id: int | None) -> None:
    """The account that this order named is still the group's. Raises AnotherBank."""
    bank = of_chama(conn, chama_id)
    if bank is None or bank.id != order_id:
        raise AnotherBank
