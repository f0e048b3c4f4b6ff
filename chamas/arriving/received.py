"""What is told of money that has arrived: to the member whose it is, and to who paid for her; or that it is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chamas.arriving.receivers import Receiver
from chamas.dues import loans
from chamas.dues.allocation import Share
from chamas.telling.notices import Notice
from ledger.books import Posted
from ledger.wires import Connection
from ledger.words import words
from payments.receipts import ProvenReceipt


@dataclass(frozen=True)
class Told:
    """Money of one member on its page; `total_cents` is what stood on the account named in her message after it."""

    receipt: ProvenReceipt
    to: Receiver
    entry: Posted
    total_cents: int
    to_deposit: bool
    shares: tuple[Share, ...]

    @property
    def fine_cents(self) -> int:
        """What of it was for fines."""
        return sum(share.amount_cents for share in self.shares if share.penalty_id is not None)

    @property
    def loan_cents(self) -> int:
        """What of it was for her loan."""
        return sum(share.amount_cents for share in self.shares if share.instalment_id is not None)


# How word of kept money is known, once for its receipt.
KEPT = "kept:"


@dataclass(frozen=True)
class Kept:
    """Money that was meant for this member, and that her group may not take: it lies in suspense. `ended`: the group
    has ended; otherwise her place in it takes none.
    """

    receipt: ProvenReceipt
    meant: Receiver
    ended: bool


def news_of_kept(kept: Sequence[Kept]) -> Iterator[Notice]:
    """Word to whoever paid, once for a receipt: that it is not lost, why it does not count, and how it comes back. Who
    typed the account is not known; then it is she whose account it is.
    """
    for one in kept:
        facts = {
            "chama": one.meant.chama_name,
            "amount_cents": one.receipt.amount_cents,
            "paid_at": one.receipt.paid_at.isoformat(),
            "receipt": one.receipt.receipt,
            "name": one.meant.name,
        }
        template = "kept_after_the_end" if one.ended else "kept_without_a_place"
        whose = one.receipt.payer_id or one.meant.user_id
        yield Notice(KEPT + one.receipt.receipt, template, whose, one.meant.chama_id, facts)


def told_as_kept(conn: Connection, user_id: int, receipt: str) -> tuple[str, int, datetime] | None:
    """The group, the cents and the time (UTC) of money that this person was told is kept; None without such word."""
    row = conn.execute(
        "SELECT arguments FROM notifications WHERE dedupe_key = %s AND user_id = %s LIMIT 1", [KEPT + receipt, user_id]
    ).fetchone()
    if row is None:
        return None
    return row[0]["chama"], row[0]["amount_cents"], datetime.fromisoformat(row[0]["paid_at"])


def news(conn: Connection, told: Sequence[Told]) -> Iterator[Notice]:
    """The messages of this money."""
    fines = _fines(conn, [one.to.member_id for one in told if one.fine_cents or one.loan_cents])
    left = {one.to.member_id: _left_of_loans(conn, one.to.member_id) for one in told if one.loan_cents}
    for one in told:
        yield _to_her(one, fines, left)
        payer_id = one.receipt.payer_id
        if payer_id is not None and payer_id != one.to.user_id:
            yield _to_the_payer(one, payer_id)


def _to_her(one: Told, fines: Mapping[int, tuple[int, int]], loans_left: Mapping[int, int]) -> Notice:
    facts = _facts(one) | {"name": one.to.payer_name, "total_cents": one.total_cents}
    template = "deposit_received" if one.to_deposit else "contribution_received"
    if one.fine_cents or one.loan_cents:
        left_cents, unmoved_cents = fines.get(one.to.member_id, (0, 0))
        facts["total_cents"] = one.total_cents - unmoved_cents
    if one.loan_cents:
        template = "contribution_received_lent"
        facts |= {"fine_cents": one.fine_cents, "loan_cents": one.loan_cents}
        facts["left_cents"] = loans_left[one.to.member_id]
    elif one.fine_cents:
        template = "contribution_received_fined"
        facts |= {"fine_cents": one.fine_cents, "left_cents": left_cents}
    return Notice(f"receipt:{one.receipt.receipt}", template, one.to.user_id, one.to.chama_id, facts)


def _to_the_payer(one: Told, payer_id: int) -> Notice:
    facts = _facts(one) | {"other": one.to.name}
    return Notice(f"paid_for:{one.receipt.receipt}", "paid_for_another", payer_id, one.to.chama_id, facts)


def _facts(one: Told) -> dict[str, object]:
    return {
        "chama": one.to.chama_name,
        "amount_cents": one.receipt.amount_cents,
        "paid_at": one.receipt.paid_at.isoformat(),
        "receipt": one.receipt.receipt,
        "page": one.entry.seq,
        "words": words(one.entry.hash),
        "code": one.entry.code,
    }


def _fines(conn: Connection, member_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By member id, in cents: fines that they still owe and do not dispute; and what they paid of fines and loans that
    the worker has not moved to the group's own accounts yet (fining.py, repaying.py), though it is none of their total
    any more.
    """
    if not member_ids:
        return {}
    rows = conn.execute(
        "SELECT member_id, coalesce(sum(owed) FILTER (WHERE state = 'due'), 0)::bigint, "
        "sum(greatest(unmoved, 0))::bigint FROM (SELECT member_id, state, due_cents - paid_cents AS owed, "
        "paid_cents - booked_cents AS unmoved FROM penalties "
        "UNION ALL SELECT member_id, NULL, 0, paid_cents - booked_cents FROM instalments) AS hers "
        "WHERE member_id = ANY(%s) GROUP BY member_id",
        [list(member_ids)],
    ).fetchall()
    return {member_id: (left, unmoved) for member_id, left, unmoved in rows}


def _left_of_loans(conn: Connection, member_id: int) -> int:
    """What would pay off her loans today, in cents."""
    return sum(loan.left_cents for loan in loans.of_member(conn, member_id))
