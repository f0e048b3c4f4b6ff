"""How money is shared over what members owe. Pure, and exact to the cent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True)
class Owed:
    """One contribution, or without one a fine or an instalment of a loan, and what is still missing of it, in cents.

    `ahead`: what was lent to her and is not asked for yet; only money that she pays for her loan settles it.
    """

    contribution_id: int | None
    missing_cents: int
    penalty_id: int | None = None
    instalment_id: int | None = None
    ahead: bool = False

    @property
    def key(self) -> tuple[int | None, int | None, int | None]:
        """What it is."""
        return self.contribution_id, self.penalty_id, self.instalment_id


@dataclass(frozen=True)
class Share:
    """A part of the money, in cents: for one contribution, her deposit, a fine or an instalment, or, without, her
    credit for the next round.

    What an entry takes back is negative.
    """

    contribution_id: int | None
    amount_cents: int
    deposit_id: int | None = None
    penalty_id: int | None = None
    instalment_id: int | None = None


class Arrived(NamedTuple):
    """Money of one member that came with entry `seq` of a book. `for_loan`: she paid it for her loan."""

    member_id: int
    book_id: int
    seq: int
    amount_cents: int
    for_loan: bool = False


def allocate(amount_cents: int, owed: Iterable[Owed]) -> tuple[Share, ...]:
    """Fills what is owed in the order given, and keeps the rest as credit. The shares add up to `amount_cents`.

    Raises ValueError for a negative amount.
    """
    if amount_cents < 0:
        raise ValueError("money that arrives is not negative")
    shares, left_cents = [], amount_cents
    for debt in owed:
        part_cents = min(left_cents, debt.missing_cents)
        if part_cents > 0:
            shares.append(
                Share(debt.contribution_id, part_cents, penalty_id=debt.penalty_id, instalment_id=debt.instalment_id)
            )
            left_cents -= part_cents
    if left_cents > 0:
        shares.append(Share(None, left_cents))
    return tuple(shares)


def still_owed(owed: Iterable[Owed], shares: Iterable[Share]) -> list[Owed]:
    """What is missing after these shares, in the same order; what is filled is left out."""
    paid: dict[tuple[int | None, int | None, int | None], int] = {}
    for share in shares:
        paid[share.contribution_id, share.penalty_id, share.instalment_id] = share.amount_cents
    after = [replace(debt, missing_cents=debt.missing_cents - paid.get(debt.key, 0)) for debt in owed]
    return [debt for debt in after if debt.missing_cents > 0]


def share_out(arrived: Iterable[Arrived], owed: Mapping[int, Sequence[Owed]]) -> list[tuple[Share, ...]]:
    """The shares of each sum, one sum after the other; `owed` is what each member owes, in the order to be filled."""
    left = dict(owed)
    shared = []
    for money in arrived:
        debts = left.get(money.member_id, ())
        shares = allocate(money.amount_cents, _in_turn(debts, for_loan=money.for_loan))
        left[money.member_id] = still_owed(debts, shares)
        shared.append(shares)
    return shared


def _in_turn(debts: Sequence[Owed], *, for_loan: bool) -> list[Owed]:
    """What this money settles, in order: paid for her loan it settles that before all else, ahead of time, too."""
    if not for_loan:
        return [debt for debt in debts if not debt.ahead]
    return sorted(debts, key=lambda debt: (debt.instalment_id is None, debt.ahead))


def unspent(credits: Sequence[Arrived]) -> tuple[list[Arrived], list[Arrived]]:
    """Of the credit of one member, oldest first: what is still to be used, and what stands against credit that was
    given back (negative), oldest against oldest. Together they add up to the same.

    Raises ValueError when more was given back than there ever was.
    """
    back = [money for money in credits if money.amount_cents < 0]
    gone_cents = -sum(money.amount_cents for money in back)
    left, gone = [], list(back)
    for money in credits:
        if money.amount_cents < 0:
            continue
        part_cents = min(gone_cents, money.amount_cents)
        gone_cents -= part_cents
        if part_cents:
            gone.append(money._replace(amount_cents=part_cents))
        if money.amount_cents > part_cents:
            left.append(money._replace(amount_cents=money.amount_cents - part_cents))
    if gone_cents:
        raise ValueError("more credit was given back than there was")
    return left, gone
