"""Cash that an official brings to M-PESA: the notes leave the box, and the group can pay them out.

A pot with notes in it is never paid whole: M-PESA sends only what it has (docs/decisions/0039-banking-cash.md). So an
official brings the notes to an agent and pays them in: by a prompt on her own phone (`bank`), or straight to the
paybill under the group's number with a 0 behind it. M-PESA's receipt proves it, and nobody has to believe her: one
entry moves so much from `cash` to the group's M-PESA account, every official hears of it, and pots are looked at anew.

Nothing leaves a box that is not in it or that is not confirmed yet, and what somebody sent who is no official was no
cash of the box: all of it waits in suspense with the reason. Whose hands the rest is in is reckoned from who wrote it
down and who brought it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chamas.arriving import cash_box, senders
from chamas.arriving.cash_box import BOX, CashNotConfirmed, NotInTheBox
from chamas.cycle import rounds
from chamas.members import standing
from chamas.members.access import IN_OFFICE, Action
from chamas.members.refusals import UnfitAmount, demand
from chamas.members.states import OFFICIALS, MemberStatus
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import books
from ledger.books import Posted
from ledger.wires import Chance, Connection
from ledger.words import words
from payments import pushes, shortcodes
from payments.attempts import Attempt
from payments.paybill import box_account, read_box
from payments.receipts import ProvenReceipt

PURPOSE = "banking"
# An ended group's officials still bring what lies in the box: it goes back to its members.
MAY_BRING = (*IN_OFFICE, MemberStatus.COMPLETED)


@dataclass(frozen=True)
class Box:
    """A group's cash in cents, how much of it may leave, the `account` under which that is paid to the paybill, and
    whose hands it is in: names with their part, most first. What came with the group when it moved in is in nobody's by
    name.
    """

    held_cents: int
    free_cents: int
    account: str
    hands: tuple[tuple[str, int], ...]


def box(conn: Connection, chama_id: int) -> Box:
    """The cash box as the books have it now."""
    [(number,)] = conn.execute("SELECT number FROM chamas WHERE id = %s", [chama_id]).fetchall()
    inside = cash_box.contents(conn, chama_id)
    rows = conn.execute(
        """
        SELECT w.user_id, u.first_name, sum(w.wrote)::bigint, sum(w.brought)::bigint FROM (
            SELECT recorded_by AS user_id, amount_cents AS wrote, 0 AS brought FROM cash_claims
            WHERE chama_id = %(chama)s AND (state = 'confirmed' OR held_seq IS NOT NULL AND state <> 'withdrawn')
            UNION ALL
            SELECT user_id, 0, amount_cents FROM cash_bankings WHERE chama_id = %(chama)s) AS w
        LEFT JOIN users u ON u.id = w.user_id GROUP BY w.user_id, u.first_name ORDER BY w.user_id
        """,
        {"chama": chama_id},
    ).fetchall()
    names = {user_id: name for user_id, name, _, _ in rows}
    left = in_hand({one: wrote for one, _, wrote, _ in rows}, {one: brought for one, _, _, brought in rows})
    hands = [(names[one], cents) for one, cents in left.items() if names[one] is not None]
    by_part = tuple(sorted(hands, key=lambda hand: -hand[1]))
    return Box(inside.held_cents, max(0, inside.free_cents), box_account(number), by_part)


def in_hand(wrote: Mapping[int | None, int], brought: Mapping[int | None, int]) -> dict[int | None, int]:
    """What each still has of what she wrote down, in cents: what somebody brought was hers first, and what is more was
    of whoever had most. Pure.
    """
    left = {one: cents - brought.get(one, 0) for one, cents in wrote.items()}
    more = -sum(cents for cents in left.values() if cents < 0)
    found: dict[int | None, int] = {}
    for one, cents in sorted(left.items(), key=lambda hand: -hand[1]):
        if cents > 0:
            taken = min(cents, more)
            more -= taken
            if cents > taken:
                found[one] = cents - taken
    return found


def bank(
    conn: Connection,
    chama_id: int,
    *,
    by_user_id: int,
    phone: str,
    amount_cents: int,
    wish_key: bytes,
    at: datetime,
    chance: Chance,
) -> Attempt:
    """An official wishes for M-PESA's prompt on her own phone, for so much of the box. Raises OfficialsOnly, NotNow,
    UnfitAmount, NotInTheBox, CashNotConfirmed, and what a wish refuses.
    """
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id)
    demand(here, Action.BANK_CASH, at=at)
    if amount_cents <= 0 or amount_cents % 100:
        raise UnfitAmount
    inside = cash_box.contents(conn, chama_id)
    if amount_cents > inside.held_cents:
        raise NotInTheBox
    if amount_cents > inside.free_cents:
        raise CashNotConfirmed
    paybill = shortcodes.of_chama(conn, chama_id)
    if paybill is None or here.member_id is None:
        raise LookupError("no paybill is registered")
    wish = pushes.Wish(
        shortcode_id=paybill.id,
        chama_id=chama_id,
        member_id=here.member_id,
        payer_id=by_user_id,
        phone=phone,
        amount_cents=amount_cents,
        chama_name=here.name,
        purpose=PURPOSE,
        wish_key=wish_key,
    )
    return pushes.wish(conn, wish, at=at, chance=chance)


def sort(conn: Connection, proven: Sequence[ProvenReceipt]) -> list[ProvenReceipt]:
    """The same receipts; those for a box have its purpose, its group and no member, or a reason why not."""
    found = {one.receipt: replace(one, member_id=None) for one in proven if one.purpose == PURPOSE}
    typed = {one.receipt: one for one in proven if one.sent and one.member_id is None and read_box(one.sent.typed)}
    if typed:
        found |= _by_account(conn, typed)
    taken: dict[int, int] = {}
    for receipt, one in found.items():
        if one.reason is None and one.chama_id is not None:
            inside, gone = cash_box.lock(conn, one.chama_id), taken.get(one.chama_id, 0)
            if one.amount_cents > inside.held_cents - gone:
                found[receipt] = replace(one, reason="it was paid in for a cash box that holds less")
            elif one.amount_cents > inside.free_cents - gone:
                found[receipt] = replace(one, reason="it was paid in for a cash box of which so much is not confirmed")
            else:
                taken[one.chama_id] = gone + one.amount_cents
    return [found.get(one.receipt, one) for one in proven]


def book_of(conn: Connection, receipt: ProvenReceipt) -> int:
    """The book of the group whose cash it was."""
    [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE id = %s", [receipt.chama_id]).fetchall()
    return int(book_id)


def banked(conn: Connection, new: Sequence[tuple[ProvenReceipt, Posted]], *, at: datetime) -> None:
    """These receipts are booked out of their boxes: who brought it is kept, officials are told, pots are looked at."""
    for receipt, entry in new:
        conn.execute(
            "INSERT INTO cash_bankings (receipt, chama_id, user_id, amount_cents, banked_at, book_id, seq) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [receipt.receipt, receipt.chama_id, receipt.payer_id, receipt.amount_cents, at, entry.book_id, entry.seq],
        )
        _tell(conn, receipt, entry, at)
        due = conn.execute(
            "SELECT id FROM rounds WHERE chama_id = %s AND pot_due_at > %s FOR NO KEY UPDATE SKIP LOCKED",
            [receipt.chama_id, at],
        ).fetchall()
        rounds.look_at_pots(conn, {round_id: at for (round_id,) in due})


def _by_account(conn: Connection, typed: Mapping[str, ProvenReceipt]) -> dict[str, ProvenReceipt]:
    """What was sent under the account of a box, by receipt: an official's of that group, or nobody's for a reason. A
    number that no group has is not spoken of: it may be read otherwise.
    """
    numbers = {receipt: read_box(one.sent.typed) for receipt, one in typed.items() if one.sent}
    rows = conn.execute("SELECT number, id FROM chamas WHERE number = ANY(%s)", [list(numbers.values())]).fetchall()
    groups: dict[str | None, int] = dict(rows)
    payers = senders.by_payer(conn, {receipt: one.sent for receipt, one in typed.items() if one.sent}, MAY_BRING)
    found = {}
    for receipt, one in typed.items():
        chama_id = groups.get(numbers[receipt])
        if chama_id is None:
            continue
        officials = [
            seat.user_id for seat in payers.get(receipt, []) if seat.chama_id == chama_id and seat.role in OFFICIALS
        ]
        if len(officials) == 1:
            found[receipt] = replace(one, purpose=PURPOSE, chama_id=chama_id, payer_id=officials[0])
        else:
            found[receipt] = replace(
                one, purpose=PURPOSE, reason="it names a cash box, and its payer no official of it"
            )
    return found


def _tell(conn: Connection, receipt: ProvenReceipt, entry: Posted, at: datetime) -> None:
    assert receipt.chama_id is not None  # noqa: S101
    box_id = books.account_id(conn, entry.book_id, BOX)
    rows = conn.execute(
        "SELECT c.name, m.user_id FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "WHERE c.id = %s AND m.role = ANY(%s) AND m.status = ANY(%s) ORDER BY m.id",
        [receipt.chama_id, list(OFFICIALS), list(MAY_BRING)],
    ).fetchall()
    facts = {
        "amount_cents": receipt.amount_cents,
        "receipt": receipt.receipt,
        "held_cents": books.balance(conn, box_id) if box_id else 0,
        "page": entry.seq,
        "words": words(entry.hash),
    }
    news = [
        Notice(f"banked:{receipt.receipt}:{user}", "cash_banked", user, receipt.chama_id, {"chama": chama, **facts})
        for chama, user in rows
    ]
    notices.queue(conn, news, at=at)
