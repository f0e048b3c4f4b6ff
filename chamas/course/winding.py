"""What each member of a chama that has ended is to get back, to the cent. Pure.

A deposit is never the group's. It covers what its owner still owes of what she was paid, and the rest is hers before
anything else is divided. Then everybody is owed what she paid in less what she was paid out; where the group has less
than that, because somebody was paid and did not pay back, the rest is divided in proportion, by the largest remainder.

Where it has more, because it kept fines, what is left is shared out: alike where rounds pay one after the other, else
by what each put in. Who still owes of what she was paid has no part in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ledger.remainders import divide


@dataclass(frozen=True)
class Holding:
    """What the group holds of a member as her deposit and as contributions and credit, and what it paid her. Cents."""

    deposit_cents: int
    contributed_cents: int
    paid_out_cents: int

    @property
    def debt_cents(self) -> int:
        """What she was paid beyond what she paid in: her part of what the others have lost, before her deposit."""
        return max(0, self.paid_out_cents - self.contributed_cents)

    @property
    def covered_cents(self) -> int:
        """What of it her deposit covers."""
        return min(self.deposit_cents, self.debt_cents)


@dataclass(frozen=True)
class Back:
    """What goes back to a member, out of her deposit, out of what she contributed, and of what is left to all."""

    deposit_cents: int
    contributed_cents: int
    shared_cents: int = 0

    @property
    def total_cents(self) -> int:
        return self.deposit_cents + self.contributed_cents + self.shared_cents


def owed(holding: Holding) -> Back:
    """What the group owes this member when it ends and lacks nothing."""
    contributed_cents = max(0, holding.contributed_cents - holding.paid_out_cents)
    return Back(holding.deposit_cents - holding.covered_cents, contributed_cents)


def give_back(holdings: Mapping[int, Holding], available_cents: int) -> dict[int, Back]:
    """What each member gets of `available_cents`, by her id: never more than she is owed, and together never more than
    there is.
    """
    claims = {member_id: owed(holding) for member_id, holding in holdings.items()}
    deposits = _part({one: claim.deposit_cents for one, claim in claims.items()}, available_cents)
    rest_cents = available_cents - sum(deposits.values())
    contributions = _part({one: claim.contributed_cents for one, claim in claims.items()}, rest_cents)
    return {one: Back(deposits[one], contributions[one]) for one in claims}


def share_out(backs: Mapping[int, Back], available_cents: int, weights: Mapping[int, int]) -> dict[int, Back]:
    """The same, with what is left of `available_cents` divided by these weights of members. Nothing is shared while
    nobody has a weight.
    """
    left_cents = available_cents - sum(back.total_cents for back in backs.values())
    if left_cents <= 0 or not any(weights.values()):
        return dict(backs)
    parts = divide(left_cents, weights)
    return {one: replace(back, shared_cents=parts.get(one, 0)) for one, back in backs.items()}


def _part(claims: Mapping[int, int], available_cents: int) -> dict[int, int]:
    whole = sum(claims.values())
    if whole <= available_cents:
        return dict(claims)
    return divide(max(0, available_cents), claims)
