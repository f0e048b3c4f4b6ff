"""What a group has, and what passed between it and one of its members: what she paid in and what she was paid.

A debt that came out of her pot moved no money: by the books she was paid it and paid it in again (`setting_off`). Here
it is neither, so that nobody reads it as money that she brought; and money that moves between accounts of hers, as out
of her deposit, is hers before and after. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger import passbook
from ledger.wires import Connection

# The cash box as `arriving/` opens it, which knows this room and is not known here.
BOX = "cash"
# Where money of a group lies that never was at a shortcode of ours: what it brought with it (`entrance/opening.py`),
# and what a group of the demo says it has at its bank.
ELSEWHERE = ("outside_mpesa", "opening")


@dataclass(frozen=True)
class Held:
    """What a group has now, in cents: with M-PESA less what is promised, in its cash box, and elsewhere."""

    mpesa_cents: int
    box_cents: int
    elsewhere_cents: int

    @property
    def cents(self) -> int:
        return self.mpesa_cents + self.box_cents + self.elsewhere_cents


@dataclass(frozen=True)
class Hers:
    """What a member has with her group, in cents: paid in, her deposit included, less fines that she paid and what was
    given back; and what she was paid."""

    paid_in_cents: int
    received_cents: int


@dataclass(frozen=True)
class Move:
    """One entry of hers. Cents; `set_off_cents` came out of her own money or pot and changes neither total.

    `after` are her totals after it.
    """

    seq: int
    occurred_at: datetime
    paid_in_cents: int
    received_cents: int
    set_off_cents: int
    after: Hers


def of_group(conn: Connection, book_id: int) -> Held:
    """What the group of this book has. With M-PESA it is what `payouts.spendable` says whoever approves is shown: less
    what is held for a payout, in flight, or owed as charges.
    """
    [row] = conn.execute(
        "SELECT coalesce(sum(CASE WHEN kind = 'asset' THEN balance_cents ELSE -balance_cents - credits_pending_cents "
        "END) FILTER (WHERE split_part(code, ':', 1) IN ('mpesa', 'in_flight', 'charges')), 0)::bigint, "
        "coalesce(sum(balance_cents) FILTER (WHERE code = %(box)s), 0)::bigint, "
        "coalesce(sum(balance_cents) FILTER (WHERE code = ANY(%(elsewhere)s) AND kind = 'asset'), 0)::bigint "
        "FROM accounts WHERE book_id = %(book)s",
        {"book": book_id, "box": BOX, "elsewhere": list(ELSEWHERE)},
    ).fetchall()
    return Held(*row)


def of_member(conn: Connection, member_id: int) -> Hers:
    """Her two totals. Both 0 for a member whom nobody knows."""
    [row] = conn.execute(
        "SELECT coalesce(sum(a.balance_cents) FILTER (WHERE a.owner_member_id = m.id), 0)::bigint - s.cents, "
        "coalesce(sum(a.balance_cents) FILTER (WHERE a.code = 'paid_out:' || m.id), 0)::bigint - s.cents "
        "FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "CROSS JOIN LATERAL (SELECT coalesce(sum(r.set_off_cents), 0)::bigint AS cents FROM rounds r "
        "WHERE r.chama_id = m.chama_id AND r.payee_member_id = m.id) AS s "
        "JOIN accounts a ON a.book_id = c.book_id AND (a.owner_member_id = m.id OR a.code = 'paid_out:' || m.id) "
        "WHERE m.id = %s GROUP BY s.cents",
        [member_id],
    ).fetchall() or [(0, 0)]
    return Hers(*row)


def moves(conn: Connection, member_id: int, *, limit: int) -> list[Move]:
    """Her newest entries that are at hand, newest first, over all accounts that are about her."""
    accounts = dict(
        conn.execute(
            "SELECT a.id, a.owner_member_id IS NOT NULL FROM accounts a JOIN chamas c ON c.book_id = a.book_id "
            "JOIN chama_members m ON m.chama_id = c.id WHERE m.id = %s "
            "AND (a.owner_member_id = m.id OR a.code = 'paid_out:' || m.id)",
            [member_id],
        ).fetchall()
    )
    lines = passbook.joint(conn, list(accounts), limit=limit)
    found, after = [], of_member(conn, member_id)
    for seq in list(dict.fromkeys(line.seq for line in lines))[:limit]:
        of_page = [line for line in lines if line.seq == seq]
        one = _move([line for line in of_page if accounts[line.account_id]], of_page, after)
        after = Hers(after.paid_in_cents - one.paid_in_cents, after.received_cents - one.received_cents)
        found.append(one)
    # What is only promised back to her has not moved yet.
    return [one for one in found if one.paid_in_cents or one.received_cents or one.set_off_cents]


def _move(own: Sequence[passbook.JointLine], all_of_page: Sequence[passbook.JointLine], after: Hers) -> Move:
    """What one page did to her."""
    paid_in = sum(line.amount_cents for line in own)
    received = sum(line.amount_cents for line in all_of_page) - paid_in
    aside = 0
    if all_of_page[0].kind == "set_off":
        aside = min(paid_in, received) or max(line.amount_cents for line in own)
        paid_in, received = (paid_in - aside, received - aside) if received else (paid_in, received)
    return Move(all_of_page[0].seq, all_of_page[0].occurred_at, paid_in, received, aside, after)
