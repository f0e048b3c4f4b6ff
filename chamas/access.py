"""What a person may do in a chama, decided in this one place for phone, page and API. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from chamas.register import OFFICIALS, ChamaStatus, MemberStatus, Role


class Level(StrEnum):
    """How close somebody stands to a chama. CREATOR stands for every official."""

    GUEST = "guest"
    VIEWER = "viewer"
    CAN_JOIN = "can_join"
    MEMBER = "member"
    CREATOR = "creator"


class Action(StrEnum):
    """What can be done in a chama today."""

    JOIN = "join"
    SEE_MONEY = "see_money"
    CONTRIBUTE = "contribute"
    INVITE = "invite"


@dataclass(frozen=True)
class Access:
    """The answer: how close, and what may be done from there."""

    level: Level
    actions: frozenset[Action]


# Invited and pending people are not in yet: they see no names and no money.
INSIDE = frozenset({MemberStatus.CONFIRMED, MemberStatus.ACTIVE, MemberStatus.DEFAULTED, MemberStatus.COMPLETED})


def access(
    *,
    signed_in: bool,
    chama_status: ChamaStatus,
    full: bool,
    role: Role | None = None,
    status: MemberStatus | None = None,
) -> Access:
    """The access of somebody to a chama in `chama_status`; `role` and `status` are None for who is no member of it.

    A withdrawn member may ask to join again while the chama is recruiting.
    """
    level = _level(signed_in=signed_in, chama_status=chama_status, full=full, role=role, status=status)
    actions = set()
    if level is Level.CAN_JOIN:
        actions.add(Action.JOIN)
    if level in (Level.MEMBER, Level.CREATOR):
        actions.add(Action.SEE_MONEY)
        # Between two rounds her money is kept as credit, so that an open round is not asked for.
        if status in (MemberStatus.ACTIVE, MemberStatus.DEFAULTED) and chama_status is ChamaStatus.ACTIVE:
            actions.add(Action.CONTRIBUTE)
    if level is Level.CREATOR and chama_status is ChamaStatus.RECRUITING and not full:
        actions.add(Action.INVITE)
    return Access(level, frozenset(actions))


def _level(
    *, signed_in: bool, chama_status: ChamaStatus, full: bool, role: Role | None, status: MemberStatus | None
) -> Level:
    if not signed_in:
        return Level.GUEST
    if status in INSIDE:
        return Level.CREATOR if role in OFFICIALS else Level.MEMBER
    outside = status in (None, MemberStatus.WITHDRAWN)
    if outside and chama_status is ChamaStatus.RECRUITING and not full:
        return Level.CAN_JOIN
    return Level.VIEWER
