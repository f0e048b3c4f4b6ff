"""Whom money that arrives is for, and what she and her group may still take.

Of a group that has ended the others would share what comes late. Only what a payer was paid beyond what she paid in, or
owes of a loan, is still the group's, and she may bring it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from chamas.members.register import MemberStatus
from ledger.wires import Connection
from payments.receipts import ProvenReceipt

# Who may still owe or be owed; money for anybody else waits for two officials.
TAKES_MONEY = frozenset({MemberStatus.CONFIRMED, MemberStatus.ACTIVE, MemberStatus.DEFAULTED})
ENDED = "it came after its chama had ended"

# What a member may still bring, in cents: NULL is anything; of a group that has ended, what it lacks because of her.
_ROOM = sql.SQL(
    """
    CASE WHEN c.status IN ('completed', 'cancelled') THEN coalesce((
        SELECT sum(CASE WHEN a.code LIKE 'paid_out:%%' THEN a.balance_cents ELSE -a.balance_cents END) FROM accounts a
        WHERE a.book_id = c.book_id AND a.code IN ('paid_out:' || m.id, 'member:' || m.id, 'deposit:' || m.id)
    ), 0)::bigint + (
        SELECT coalesce(sum(i.principal_cents + i.interest_cents - i.lapsed_cents - i.paid_cents), 0)::bigint
        FROM instalments i WHERE i.member_id = m.id AND i.state = 'late') END
    """
)


@dataclass(frozen=True)
class Receiver:
    """The member whom the money is for, with what the message to her says. `deposit_cents` is what her group asks of
    her before it starts; 0 once she is active. `room_cents` is what a group that has ended may still take of her.
    `name` is her first name, or its first letter where the rules of the open round say so: another may have paid.
    """

    member_id: int
    user_id: int
    status: str
    chama_id: int
    chama_name: str
    book_id: int
    deposit_cents: int
    room_cents: int | None
    payer_name: str
    name: str


def takes_money(conn: Connection, member_id: int, amount_cents: int) -> bool:
    """Whether so much that comes for her is hers, as she and her group stand now."""
    query = sql.SQL(
        "SELECT {room} FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE m.id = %s AND m.status = ANY(%s)"
    )
    row = conn.execute(query.format(room=_ROOM), [member_id, list(TAKES_MONEY)]).fetchone()
    return row is not None and (row[0] is None or amount_cents <= row[0])


def receivers_of(conn: Connection, proven: Sequence[ProvenReceipt]) -> dict[str, Receiver]:
    """Whom each receipt is for, by receipt; money that names no member is missing."""
    query = sql.SQL(
        """
        SELECT r.receipt, m.id, m.user_id, m.status, c.id, c.name, c.book_id,
               CASE WHEN m.status = 'confirmed' AND c.status NOT IN ('completed', 'cancelled')
                    THEN c.deposit_cents ELSE 0 END, {room}, p.first_name,
               CASE WHEN EXISTS (SELECT FROM rounds o JOIN rule_sets s ON s.id = o.rule_set_id
                                 WHERE o.chama_id = c.id AND o.state = 'active' AND (s.more ->> 'initials')::boolean)
                    THEN left(u.first_name, 1) || '.' ELSE u.first_name END
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS r (receipt, payer_id, member_id)
        JOIN chama_members m ON m.id = r.member_id JOIN chamas c ON c.id = m.chama_id
        JOIN users u ON u.id = m.user_id JOIN users p ON p.id = coalesce(r.payer_id, m.user_id)
        """
    )
    named = [receipt.receipt for receipt in proven]
    payers, members = [receipt.payer_id for receipt in proven], [receipt.member_id for receipt in proven]
    rows = conn.execute(query.format(room=_ROOM), [named, payers, members]).fetchall()
    return {receipt: Receiver(*found) for receipt, *found in rows}


def why_nobodys(receipt: ProvenReceipt, to: Receiver | None) -> str:
    """Why money for this receiver, or for none, goes to suspense."""
    if to is None:
        return receipt.reason or "unmatched"
    return f"member_{to.status}" if to.room_cents is None else ENDED
