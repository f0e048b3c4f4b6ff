"""Where a chama and a membership stand, and what may follow: the words that all of this room shares.

Theory of operation. What a person may do depends on both:

    chama       draft -> recruiting <-> waiting -> active -> completed; cancelled from anywhere before completed
    membership  invited -> pending -> confirmed -> active <-> defaulted; out by completed or withdrawn, and a person
                who withdrew may be invited or ask again: it is the same membership, with the same account

A chama waits when it has its people and its deposits are still coming in; who is in pays a deposit while she is
confirmed, and is active from the start on. lifecycle.py makes a chama go these ways.
"""

from enum import StrEnum
from typing import Literal

from ledger.moves import Moves


class ChamaStatus(StrEnum):
    """Where a chama stands in its life."""

    DRAFT = "draft"
    RECRUITING = "recruiting"
    WAITING = "waiting"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


CHAMA_MOVES: Moves[ChamaStatus] = Moves(
    "chamas.status",
    {
        ChamaStatus.DRAFT: frozenset({ChamaStatus.RECRUITING, ChamaStatus.CANCELLED}),
        ChamaStatus.RECRUITING: frozenset({ChamaStatus.WAITING, ChamaStatus.CANCELLED}),
        ChamaStatus.WAITING: frozenset({ChamaStatus.RECRUITING, ChamaStatus.ACTIVE, ChamaStatus.CANCELLED}),
        ChamaStatus.ACTIVE: frozenset({ChamaStatus.COMPLETED, ChamaStatus.CANCELLED}),
        ChamaStatus.COMPLETED: frozenset(),
        ChamaStatus.CANCELLED: frozenset(),
    },
)


class MemberStatus(StrEnum):
    """Where a person stands in one chama."""

    INVITED = "invited"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    DEFAULTED = "defaulted"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


MEMBER_MOVES: Moves[MemberStatus] = Moves(
    "chama_members.status",
    {
        MemberStatus.INVITED: frozenset({MemberStatus.PENDING, MemberStatus.CONFIRMED, MemberStatus.WITHDRAWN}),
        MemberStatus.PENDING: frozenset({MemberStatus.CONFIRMED, MemberStatus.WITHDRAWN}),
        MemberStatus.CONFIRMED: frozenset({MemberStatus.ACTIVE, MemberStatus.WITHDRAWN}),
        MemberStatus.ACTIVE: frozenset({MemberStatus.DEFAULTED, MemberStatus.COMPLETED, MemberStatus.WITHDRAWN}),
        MemberStatus.DEFAULTED: frozenset({MemberStatus.ACTIVE, MemberStatus.COMPLETED, MemberStatus.WITHDRAWN}),
        MemberStatus.COMPLETED: frozenset(),
        MemberStatus.WITHDRAWN: frozenset({MemberStatus.INVITED, MemberStatus.PENDING}),
    },
)


class Role(StrEnum):
    """What a member is in her chama; all but the last are officials."""

    CHAIRPERSON = "chairperson"
    TREASURER = "treasurer"
    SECRETARY = "secretary"
    MEMBER = "member"


ChamaKind = Literal["rosca", "investment", "asca", "welfare", "mixed"]
PlatformRole = Literal["admin", "support", "auditor", "programme"]
WhenShort = Literal["wait", "cancel"]
JoinMethod = Literal["creator", "invitation", "number", "import"]

OFFICIALS = frozenset({Role.CHAIRPERSON, Role.TREASURER, Role.SECRETARY})
