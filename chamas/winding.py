"""What each member of a chama that has ended is to get back, to the cent. Pure.

A deposit is never the group's. It covers what its owner still owes of what she was paid, and the rest is hers before
anything else is divided. Then everybody is owed what she paid in less what she was paid out; where the group has less
than that, because somebody was paid and did not pay back, the rest is divided in proportion, by the largest remainder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
    """What goes back to a member, out of her deposit and out of what she contributed."""

    deposit_cents: int
    contributed_cents: int

    @property
    def total_cents(self) -> int:
        return self.deposit_cents + self.contributed_cents


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


def _part(claims: Mapping[int, int], available_cents: int) -> dict[int, int]:
    whole = sum(claims.values())
    if whole <= available_cents:
        return dict(claims)
    return divide(max(0, available_cents), claims)
