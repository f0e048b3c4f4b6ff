"""Money that is proved to have arrived: whose it is, one entry in the right book, and word to the member.

Called in the transaction that proves the receipts, with all of a batch: each step is one statement or one trip for all
of them. The receipt is the key of its entry, so a second call finds the first one's entry and has no effect of its own.
Money that finds no member goes to suspense in the shortcode's book, with a reason: every cent that arrives is booked.
So does what comes for a group that has ended, but for what its payer owes it (receivers.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chamas.arriving import banking, cash_box, senders
from chamas.arriving.received import Kept, Told, news, news_of_kept
from chamas.arriving.receivers import ENDED, TAKES_MONEY, Receiver, receivers_of, why_nobodys
from chamas.dues import contributions
from chamas.dues.allocation import Arrived, Share
from chamas.members import deposits, register
from chamas.payouts import pot_looks
from chamas.telling import notices
from ledger.books import AccountKind, Draft, Line, Posted, account_ids, balances_after, open_account, post_all
from ledger.holds import Request
from ledger.wires import Chance, Connection
from payments import receipts, shortcodes, suspense
from payments.receipts import Placed, ProvenReceipt
from payments.suspense import Suspended

# What a prompt says that she asked for to pay her loan; what is too much for that is shared out like any money.
LOAN = "loan"


@dataclass(frozen=True)
class Booked:
    """Where the money stands: its entry, and how it was shared (empty in suspense, and when it was booked before)."""

    posted: Posted
    member_id: int | None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Where one receipt goes: to `receiver`, of it a `part` into her deposit; out of a cash box that was brought to
    M-PESA; or for `reason` to suspense, when it was `meant` for a member who may not have it. Accounts are codes of the
    book.
    """

    receipt: ProvenReceipt
    book_id: int
    kind: str
    debit: str
    credit: str
    receiver: Receiver | None = None
    part: deposits.Part | None = None
    reason: str = ""
    meant: Receiver | None = None

    @property
    def deposit(self) -> str | None:
        """The account of her deposit, when some of the money goes there."""
        return f"deposit:{self.receiver.member_id}" if self.part and self.receiver else None

    @property
    def rest_cents(self) -> int:
        """What does not go there."""
        return self.receipt.amount_cents - (self.part.amount_cents if self.part else 0)


def book(conn: Connection, proven: Sequence[ProvenReceipt], *, at: datetime, chance: Chance) -> list[Booked]:
    """Books receipts, shares each over what its member owes and queues her message. Amounts in cents.

    Raises KeyReused when the same receipt was booked with another amount, instant or member.
    """
    plans = _plans(conn, senders.resolve(conn, banking.sort(conn, proven), TAKES_MONEY), at=at)
    accounts = _accounts(conn, plans)
    posted = post_all(conn, [_draft(plan, accounts) for plan in plans], at=at, chance=chance)
    new = [(plan, entry) for plan, entry in zip(plans, posted, strict=True) if not entry.repeated]
    receipts.booked(conn, [Placed(plan.receipt.receipt, entry.book_id, entry.seq) for plan, entry in new])
    suspense.put(conn, {plan.receipt.receipt: plan.reason for plan, _ in new if plan.reason}, at=at)
    banking.banked(conn, [(plan.receipt, entry) for plan, entry in new if plan.credit == cash_box.BOX], at=at)
    shares = _settle(conn, new, at=at)
    _tell(conn, new, accounts, shares, at=at)
    kept = [Kept(plan.receipt, plan.meant, plan.reason == ENDED) for plan, _ in new if plan.meant]
    notices.queue(conn, list(news_of_kept(kept)), at=at)
    return [
        Booked(entry, plan.receiver.member_id if plan.receiver else None, shares.get(plan.receipt.receipt, ()))
        for plan, entry in zip(plans, posted, strict=True)
    ]


def credit_suspended(
    conn: Connection, money: Suspended, chama_id: int, member_id: int, *, by: int | None, at: datetime, chance: Chance
) -> Posted:
    """Money out of suspense becomes a member's, as two officials agreed, or as its notice says (`by` is None); returns
    her entry, and she is told of it. The page on which it lay is taken back, her entry names that page, and the receipt
    stands on hers from now on: for the phone, the desk and the archive of her group's books.
    """
    found = replace(money.nobodys(), chama_id=chama_id, member_id=member_id, purpose="contribution")
    [plan] = _plans(conn, [found], at=at)
    accounts = _accounts(conn, [plan])
    note = {"receipt": money.receipt, "from_book": money.book_id, "from_page": money.seq}
    back = Request("suspense", f"{money.receipt} taken back", at, {"receipt": money.receipt}, by)
    hers = replace(_draft(plan, accounts), scope="suspense", key=money.receipt, note=note, actor_id=by)
    _, posted = post_all(
        conn, [back.draft(money.book_id, "reversal", reverses_seq=money.seq), hers], at=at, chance=chance
    )
    receipts.moved(conn, Placed(money.receipt, posted.book_id, posted.seq))
    shares = _settle(conn, [(plan, posted)], at=at)
    _tell(conn, [(plan, posted)], accounts, shares, at=at)
    return posted


def _plans(conn: Connection, proven: Sequence[ProvenReceipt], *, at: datetime) -> list[Plan]:
    receivers = receivers_of(conn, proven)
    parts = deposits.share(conn, _coming(proven, receivers), at=at)
    own_books: dict[int, int] = {}
    room = {to.member_id: to.room_cents for to in receivers.values() if to.room_cents is not None}
    plans = []
    for receipt in proven:
        to = receivers.get(receipt.receipt)
        ended = to is not None and receipt.amount_cents > room.get(to.member_id, receipt.amount_cents)
        if to is not None and to.status in TAKES_MONEY and not ended:
            if to.member_id in room:
                room[to.member_id] -= receipt.amount_cents
            debit, credit = f"mpesa:{receipt.shortcode}", f"member:{to.member_id}"
            part = parts.get(receipt.receipt)
            kind = "deposit" if part and part.amount_cents == receipt.amount_cents else "contribution"
            plans.append(Plan(receipt, to.book_id, kind, debit, credit, to, part))
        elif receipt.purpose == banking.PURPOSE and receipt.reason is None:
            debit, book_id = f"mpesa:{receipt.shortcode}", banking.book_of(conn, receipt)
            plans.append(Plan(receipt, book_id, "cash_banked", debit, cash_box.BOX))
        else:
            reason = why_nobodys(receipt, to)
            if receipt.shortcode_id not in own_books:
                own_books[receipt.shortcode_id] = shortcodes.by_id(conn, receipt.shortcode_id).book_id
            book_id = own_books[receipt.shortcode_id]
            plans.append(Plan(receipt, book_id, "suspense", "mpesa", "suspense", reason=reason, meant=to))
    return plans


def _coming(proven: Sequence[ProvenReceipt], receivers: Mapping[str, Receiver]) -> list[deposits.Coming]:
    """What may fill a deposit: money for members of whom one is asked."""
    found = [(receipt, receivers.get(receipt.receipt)) for receipt in proven]
    return [
        deposits.Coming(receipt.receipt, to.chama_id, to.member_id, to.deposit_cents, receipt.amount_cents)
        for receipt, to in found
        if to is not None and to.deposit_cents
    ]


def _accounts(conn: Connection, plans: Sequence[Plan]) -> dict[tuple[int, str], int]:
    """The accounts of the plans by book and code; those that no money came to before are opened."""
    kinds: dict[tuple[int, str], AccountKind] = {}
    for plan in plans:
        kinds |= {(plan.book_id, plan.debit): "asset", (plan.book_id, plan.credit): "liability"}
        if plan.deposit:
            kinds[plan.book_id, plan.deposit] = "liability"
    accounts = account_ids(conn, kinds)
    owners = {(plan.book_id, plan.deposit): plan.receiver.member_id for plan in plans if plan.deposit and plan.receiver}
    for book_id, code in sorted(kinds.keys() - accounts.keys()):
        owner = owners.get((book_id, code))
        floor_cents = None if owner is None else 0
        accounts[book_id, code] = open_account(
            conn,
            book_id=book_id,
            code=code,
            kind=kinds[book_id, code],
            owner_member_id=owner,
            floor_cents=floor_cents,
        )
    return accounts


def _draft(plan: Plan, accounts: Mapping[tuple[int, str], int]) -> Draft:
    receipt = plan.receipt
    credited = {plan.credit: plan.rest_cents}
    if plan.part and plan.deposit:
        credited[plan.deposit] = plan.part.amount_cents
    return Draft(
        book_id=plan.book_id,
        kind=plan.kind,
        occurred_at=receipt.paid_at,
        lines=(
            Line(accounts[plan.book_id, plan.debit], receipt.amount_cents),
            *(Line(accounts[plan.book_id, code], -cents) for code, cents in credited.items() if cents),
        ),
        scope="receipt",
        key=receipt.receipt,
        note={"receipt": receipt.receipt},
    )


def _settle(conn: Connection, new: Sequence[tuple[Plan, Posted]], *, at: datetime) -> dict[str, tuple[Share, ...]]:
    """Settles what the receivers owe; the shares by receipt. Pots that waited for it are looked at anew."""
    told = [(plan, plan.receiver, entry) for plan, entry in new if plan.receiver]
    register.lock_chamas(conn, [receiver.chama_id for _, receiver, _ in told])
    arrived = [
        Arrived(to.member_id, entry.book_id, entry.seq, plan.rest_cents, plan.receipt.purpose == LOAN)
        for plan, to, entry in told
    ]
    kept = [(money, plan.part) for (plan, _, _), money in zip(told, arrived, strict=True) if plan.part]
    if kept:
        contributions.keep_deposits(conn, kept)
    settled = contributions.settle(conn, arrived)
    if told:
        dues = [share.contribution_id for shares in settled for share in shares if share.contribution_id is not None]
        pot_looks.look_sooner(conn, dues, [to.member_id for _, to, _ in told], at)
    return {plan.receipt.receipt: shares for (plan, _, _), shares in zip(told, settled, strict=True)}


def _tell(
    conn: Connection,
    new: Sequence[tuple[Plan, Posted]],
    accounts: Mapping[tuple[int, str], int],
    shares: Mapping[str, tuple[Share, ...]],
    *,
    at: datetime,
) -> None:
    told = [(plan, plan.receiver, entry) for plan, entry in new if plan.receiver]
    totals = balances_after(
        conn, [(entry, accounts[plan.book_id, plan.deposit or plan.credit]) for plan, _, entry in told]
    )
    arrived = [
        Told(plan.receipt, to, entry, total_cents, plan.part is not None, shares.get(plan.receipt.receipt, ()))
        for (plan, to, entry), total_cents in zip(told, totals, strict=True)
    ]
    notices.queue(conn, list(news(conn, arrived)), at=at)
