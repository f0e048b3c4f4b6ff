"""A payout in the books of its group: held when it is ordered, in flight when it leaves, then gone or back.

    ordered   hold:  Dr what it is for / Cr in_flight:<shortcode>, pending: it cannot be promised twice
    sent      the hold is posted: the group owes the money to whoever is being paid
    paid      Dr in_flight / Cr mpesa:<shortcode>, and the charge: Dr payout_charges / Cr charges:<shortcode>
    failed    the posting is reversed; or the hold is voided, when nothing ever left

Safaricom takes charges from an account of its own, so they lessen what the group has and not the float. The charge is
that of the tariff, or what a status answer says it was.
"""

from dataclasses import dataclass
from datetime import datetime

from ledger.books import AccountKind, Draft, Line, Posted, account_ids, open_account, post
from ledger.holds import Request
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection
from payments.payouts.rows import Payout, Proven

SCOPE = "payout"


@dataclass(frozen=True)
class Places:
    """The accounts of a group's book that payouts of one shortcode move, by id."""

    in_flight: int
    float_: int
    charges: int
    charged: int


class NotEnoughMoney(Refusal):
    """The group's part of the shortcode's money, without what is held or in flight, is less than this takes."""

    code = "not_enough_money"
    status = 409
    words = "The group does not have this much in M-PESA now."


def places(conn: Connection, book_id: int, shortcode: str) -> Places:
    """The accounts, opened if need be."""
    kinds: dict[str, AccountKind] = {
        f"in_flight:{shortcode}": "liability",
        f"mpesa:{shortcode}": "asset",
        "payout_charges": "expense",
        f"charges:{shortcode}": "liability",
    }
    # Mostly all of them are there, and one look finds them.
    there = account_ids(conn, [(book_id, code) for code in kinds])
    ids = (
        there.get((book_id, code)) or open_account(conn, book_id=book_id, code=code, kind=kind)
        for code, kind in kinds.items()
    )
    return Places(*ids)


def spendable(conn: Connection, book_id: int, shortcode: str) -> int:
    """What the group can still pay out of this shortcode, in cents: its money less what is held, in flight or owed as
    charges. Reads only.
    """
    row = conn.execute(
        "SELECT coalesce(sum(CASE WHEN code = 'mpesa:' || %(number)s THEN balance_cents "
        "ELSE -balance_cents - credits_pending_cents END), 0)::bigint FROM accounts WHERE book_id = %(book)s "
        "AND code IN ('mpesa:' || %(number)s, 'in_flight:' || %(number)s, 'charges:' || %(number)s)",
        {"number": shortcode, "book": book_id},
    ).fetchone()
    return int(row[0]) if row else 0


def hold(
    conn: Connection,
    *,
    book_id: int,
    shortcode: str,
    source_account_id: int,
    order_key: str,
    amount_cents: int,
    charge_cents: int,
    at: datetime,
    expires_at: datetime,
    chance: Chance,
) -> Posted:
    """Holds the money of an order. Raises NotEnoughMoney, and what posting refuses: undo the transaction then."""
    where = places(conn, book_id, shortcode)
    draft = Draft(
        book_id=book_id,
        kind="payout_hold",
        occurred_at=at,
        lines=(Line(source_account_id, amount_cents), Line(where.in_flight, -amount_cents)),
        scope=SCOPE,
        key=order_key,
        expires_at=expires_at,
    )
    # Posting locks the head of the book, so that what is seen after it nobody else is spending.
    posted = post(conn, draft, at=at, chance=chance)
    if not posted.repeated and spendable(conn, book_id, shortcode) < charge_cents:
        raise NotEnoughMoney
    return posted


def sent(payout: Payout, *, at: datetime) -> Draft:
    """The entry that puts held money in flight."""
    request = Request(SCOPE, f"{payout.order_key}/sent", at)
    return request.draft(payout.book_id, "settlement", resolves_seq=payout.hold_seq, resolution="posted")


def given_back(payout: Payout, *, at: datetime) -> Draft:
    """The entry that takes it back: nothing was paid."""
    request = Request(SCOPE, f"{payout.order_key}/back", at)
    if payout.sent_seq is None:
        return request.draft(payout.book_id, "void", resolves_seq=payout.hold_seq, resolution="voided")
    return request.draft(payout.book_id, "reversal", reverses_seq=payout.sent_seq)


def paid(conn: Connection, payout: Payout, proven: Proven, *, from_flight: bool, charge_cents: int) -> Draft:
    """The entry of money that was paid. Out of what is in flight; or, when it had been taken back already, out of what
    it was for. Another amount than was ordered is that much more or less of what it was for.
    """
    where = places(conn, payout.book_id, payout.shortcode)
    lines = {where.float_: -proven.amount_cents}
    from_source = proven.amount_cents
    if from_flight:
        lines[where.in_flight] = payout.amount_cents
        from_source -= payout.amount_cents
    if from_source:
        lines[payout.source_account_id] = from_source
    if charge_cents:
        lines |= {where.charges: charge_cents, where.charged: -charge_cents}
    return Draft(
        book_id=payout.book_id,
        kind="payout",
        occurred_at=proven.paid_at,
        lines=tuple(Line(account_id, cents) for account_id, cents in lines.items()),
        scope=SCOPE,
        key=f"{payout.order_key}/paid",
        note={"receipt": proven.receipt},
    )
