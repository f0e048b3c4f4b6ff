"""Who says yes to money that leaves a group, and whether M-PESA's name of a receiver is hers. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chamas.members.register import OFFICIALS, MemberStatus, Role
from ledger.refusals import Refusal

# Who may speak: she is in the group and its money is hers too.
SPEAKS = frozenset({MemberStatus.CONFIRMED, MemberStatus.ACTIVE})

# Who takes over a group's offices must not be able to empty it before the others have heard of the change.
NEW_FOR = timedelta(hours=72)


class TooFewApprovers(Refusal):
    """There are not enough other members to say yes."""

    code = "too_few_approvers"
    status = 409
    words = "The group has too few other members to approve this."


@dataclass(frozen=True)
class Voice:
    """One member as she is now. `role_since` (UTC) is None for what she was from the beginning; `name` is her first.
    `leaving`: it is agreed that she leaves, and she pays no more rounds.
    """

    member_id: int
    user_id: int
    number: int
    role: Role
    status: MemberStatus
    role_since: datetime | None = None
    name: str = ""
    leaving: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", Role(self.role))
        object.__setattr__(self, "status", MemberStatus(self.status))

    @property
    def inside(self) -> bool:
        """Whether she hears of the group's money."""
        return self.status in SPEAKS

    @property
    def decides(self) -> bool:
        """Whether she has a voice about it, too: hers leaves with her, and the rest is the others'."""
        return self.inside and not self.leaving

    @property
    def official(self) -> bool:
        return self.role in OFFICIALS


def new_in_office(role_since: datetime | None, asked_at: datetime) -> bool:
    """Whether her role changed less than NEW_FOR before, or after, something was asked (UTC)."""
    return role_since is not None and role_since > asked_at - NEW_FOR


def approvers(members: Sequence[Voice], *, payee: int, asker: int, needed: int, asked_at: datetime) -> list[int]:
    """Members, by id, whose yes counts: officials other than the payee and the asker, none of them new in her role;
    where they are fewer than `needed`, the members with the lowest numbers fill the gap.

    It is looked at as of when it was asked, so that who was drawn to fill a gap is not sent away by the clock.
    """
    others = [
        one
        for one in members
        if one.decides and one.member_id not in (payee, asker) and not new_in_office(one.role_since, asked_at)
    ]
    officials = [one for one in others if one.official]
    rest = sorted((one for one in others if not one.official), key=lambda one: one.number)
    return sorted(one.member_id for one in (*officials, *rest[: max(0, needed - len(officials))]))


def same_person(registered: str, told: str) -> bool:
    """Whether M-PESA's name of a receiver may be the registered one: each word of the shorter name begins, or is begun
    by, one of the other. Order, case and accents do not count: NICHOLAS JOHN SONGOK is Nicholas S.
    """
    ours, theirs = _words(registered), _words(told)
    shorter, longer = sorted((ours, theirs), key=len)
    return bool(shorter) and all(
        any(other.startswith(word) or word.startswith(other) for other in longer) for word in shorter
    )


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    return "".join(letter if letter.isalpha() else " " for letter in plain).split()
