"""Whose money it is that came by the paybill: by the account that was typed, else by who sent it, else nobody's.

The account decides, whoever pays: a husband may pay for his wife. Only when it names no member is the payer looked for,
and her money is hers when she can be but one member of one chama; otherwise it waits in suspense, with the reason. A
mask leaves seven digits of a number: a thousand people share it, so it counts only together with the first name that
M-PESA knows, and never when two members fit. Who typed the number of a group alone, or scanned it off its QR code,
means that group: as its member when she is one, and no other group when she is none.

Safaricom's hash of a number is compared with our members' numbers hashed in the query that asks. Nothing keeps such
hashes of members: whoever found them would have the numbers, by trying.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ledger.wires import Connection
from payments.paybill import Account, Sent, read_group
from payments.receipts import ProvenReceipt


class Seat(NamedTuple):
    """A membership, and whose it is; `chama` is the number of the group, `role` hers in it."""

    member_id: int
    user_id: int
    chama_id: int
    chama: str = ""
    role: str = ""


def resolve(conn: Connection, proven: Sequence[ProvenReceipt], takes_money: Collection[str]) -> list[ProvenReceipt]:
    """The same receipts; those of the paybill that named no member before now name one, or say why not. What has a
    purpose already is left alone.

    Payers are looked for among members whose status is one of `takes_money`.
    """
    asked = [(one, one.sent) for one in proven if one.sent is not None and one.member_id is None and not one.purpose]
    seats = _by_account(conn, [sent.account for _, sent in asked if sent.account])
    unclear = {one.receipt: sent for one, sent in asked if sent.account not in seats}
    payers = by_payer(conn, unclear, takes_money) if unclear else {}
    groups = _groups(conn, unclear.values())
    found = {}
    for one, sent in asked:
        seat = seats.get(sent.account) if sent.account else None
        found[one.receipt] = _seated(one, seat) if seat else _sent_by(one, sent, payers.get(one.receipt, []), groups)
    return [found.get(one.receipt, one) for one in proven]


def _seated(one: ProvenReceipt, seat: Seat, payer_id: int | None = None) -> ProvenReceipt:
    return replace(one, member_id=seat.member_id, chama_id=seat.chama_id, payer_id=payer_id, purpose="contribution")


def _sent_by(one: ProvenReceipt, sent: Sent, seats: Sequence[Seat], groups: Collection[str]) -> ProvenReceipt:
    group = read_group(sent.typed) if read_group(sent.typed) in groups else None
    if group is not None:
        seats = [seat for seat in seats if seat.chama == group]
        if not seats:
            return replace(one, reason="its account names a group that its payer is not known to be in")
    if len(seats) == 1:
        return _seated(one, seats[0], seats[0].user_id)
    if len({seat.user_id for seat in seats}) > 1:
        return replace(one, reason="its account names no member, and its payer may be several")
    if seats:
        return replace(one, reason="its account names no member, and its payer is in several chamas")
    return replace(one, reason="its account names no member" if sent.typed else "it came without an account")


def _groups(conn: Connection, sent: Iterable[Sent]) -> set[str]:
    """Numbers of groups that were typed alone, of groups that there are."""
    typed = sorted({number for one in sent if (number := read_group(one.typed)) is not None})
    rows = conn.execute("SELECT number FROM chamas WHERE number = ANY(%s)", [typed]).fetchall() if typed else []
    return {number for (number,) in rows}


def _by_account(conn: Connection, accounts: Sequence[Account]) -> dict[Account | None, Seat]:
    """Members of any status: for whom a chama takes no money, that is a reason of its own."""
    rows = conn.execute(
        "SELECT a.chama_number, a.member_number, m.id, m.user_id, m.chama_id "
        "FROM unnest(%s::text[], %s::integer[]) AS a (chama_number, member_number) "
        "JOIN chamas c ON c.number = a.chama_number "
        "JOIN chama_members m ON m.chama_id = c.id AND m.number = a.member_number",
        [[one.chama_number for one in accounts], [one.member_number for one in accounts]],
    ).fetchall()
    return {Account(chama, member): Seat(*seat) for chama, member, *seat in rows}


def by_payer(conn: Connection, unclear: Mapping[str, Sent], takes_money: Collection[str]) -> dict[str, list[Seat]]:
    """Every membership that each payer may have, by receipt."""
    hashed = {receipt: sent.payer.key for receipt, sent in unclear.items() if sent.payer.key}
    masked = {receipt: sent.payer for receipt, sent in unclear.items() if sent.payer.tail and sent.payer.first_name}
    rows = conn.execute(
        """
        WITH reached AS (
            SELECT u.id, u.first_name, substr(n.phone, 2) AS digits
            FROM users u CROSS JOIN LATERAL (VALUES (u.phone), (u.contact_phone)) AS n (phone)
            WHERE u.status = 'active' AND n.phone IS NOT NULL),
        payers AS (
            SELECT h.receipt, r.id FROM unnest(%s::text[], %s::bytea[]) AS h (receipt, key)
            JOIN reached r ON sha256(convert_to(r.digits, 'UTF8')) = h.key
            UNION
            SELECT k.receipt, r.id
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS k (receipt, head, tail, first_name)
            JOIN reached r ON right(r.digits, 2) = right(k.tail, 2)
            WHERE starts_with(r.digits, k.head) AND right(r.digits, length(k.tail)) = k.tail
              AND lower(r.first_name) = lower(k.first_name))
        SELECT DISTINCT p.receipt, m.id, m.user_id, m.chama_id, c.number, m.role
        FROM payers p JOIN chama_members m ON m.user_id = p.id JOIN chamas c ON c.id = m.chama_id
        WHERE m.status = ANY(%s) ORDER BY m.id
        """,
        [
            list(hashed),
            list(hashed.values()),
            list(masked),
            [payer.head for payer in masked.values()],
            [payer.tail for payer in masked.values()],
            [payer.first_name for payer in masked.values()],
            list(takes_money),
        ],
    ).fetchall()
    found: dict[str, list[Seat]] = defaultdict(list)
    for receipt, *seat in rows:
        found[receipt].append(Seat(*seat))
    return found
