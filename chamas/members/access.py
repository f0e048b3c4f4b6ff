"""What a person may do in a chama, decided in this one place for phone, page and API. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from chamas.members.register import OFFICIALS, ChamaStatus, MemberStatus, Role


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
    PAY_DEPOSIT = "pay_deposit"
    CONTRIBUTE = "contribute"
    RECRUIT = "recruit"
    INVITE = "invite"
    ADMIT = "admit"
    CLOSE_RECRUITING = "close_recruiting"
    START = "start"
    TURN_ROUND = "turn_round"
    COMPLETE = "complete"
    CANCEL = "cancel"
    RESEND = "resend"
    SHARE_PHONE = "share_phone"
    RECORD_CASH = "record_cash"
    BANK_CASH = "bank_cash"
    CHANGE_RULES = "change_rules"
    NAME_OFFICIALS = "name_officials"
    RECALL = "recall"
    APPROVE = "approve"
    REMIND = "remind"
    MEET = "meet"
    DEPLOY = "deploy"


@dataclass(frozen=True)
class Standing:
    """All that decides. `role` and `status` are None for who is no member; `signed_in` is False for who is not known.

    `full`: every seat is taken. `closed`: the recruitment deadline is over. `private`: into it by invitation only.
    `deposit_due`: hers is not paid. `deposits_paid`: everybody's is. `enough`: so many are in that it can start.
    `anchored`: the chama has a chain address.
    `admin`: of the house, who helps officials at a computer.
    """

    chama: ChamaStatus
    signed_in: bool = True
    full: bool = False
    closed: bool = False
    private: bool = False
    role: Role | None = None
    status: MemberStatus | None = None
    deposit_due: bool = False
    deposits_paid: bool = True
    enough: bool = True
    anchored: bool = False
    admin: bool = False

    @property
    def takes_people(self) -> bool:
        return self.chama is ChamaStatus.RECRUITING and not self.full and not self.closed


@dataclass(frozen=True)
class Access:
    """The answer: how close, and what may be done from there."""

    level: Level
    actions: frozenset[Action]

    def may(self, action: Action) -> bool:
        return action in self.actions


# Invited and pending people are not in yet: they see no names and no money.
INSIDE = frozenset({MemberStatus.CONFIRMED, MemberStatus.ACTIVE, MemberStatus.DEFAULTED, MemberStatus.COMPLETED})
# Who pays or owes in a running chama.
PLAYING = frozenset({MemberStatus.ACTIVE, MemberStatus.DEFAULTED})
# An official who has fallen behind or left decides nothing for the others.
IN_OFFICE = frozenset({MemberStatus.CONFIRMED, MemberStatus.ACTIVE})
# Before these, a chama can still be called off without anybody having been paid a pot.
NOT_RUNNING = frozenset({ChamaStatus.DRAFT, ChamaStatus.RECRUITING, ChamaStatus.WAITING})

# What an admin does for officials who ask her to. Never what moves money or changes what a group agreed on: what she
# writes down of a meeting is each member's only by that member's own word.
FOR_ADMINS = frozenset({Action.RECRUIT, Action.INVITE, Action.ADMIT, Action.MEET})


def access(standing: Standing) -> Access:
    """The access of somebody who stands like this. A withdrawn member may ask again while the chama is recruiting."""
    level = _level(standing)
    actions = {Action.JOIN} if level is Level.CAN_JOIN else set()
    if level in (Level.MEMBER, Level.CREATOR):
        actions |= _as_member(standing)
    retired = standing.chama is ChamaStatus.COMPLETED and standing.status is MemberStatus.COMPLETED
    if level is Level.CREATOR and (standing.status in IN_OFFICE or retired):
        actions |= _as_official(standing)
    if standing.signed_in and standing.admin:
        actions |= _as_official(standing) & FOR_ADMINS
    return Access(level, frozenset(actions))


def _level(standing: Standing) -> Level:
    if not standing.signed_in:
        return Level.GUEST
    if standing.status in INSIDE:
        return Level.CREATOR if standing.role in OFFICIALS else Level.MEMBER
    invited = standing.status is MemberStatus.INVITED
    outside = standing.status in (None, MemberStatus.WITHDRAWN) and not standing.private
    return Level.CAN_JOIN if standing.takes_people and (invited or outside) else Level.VIEWER


def _as_member(standing: Standing) -> set[Action]:
    actions = {Action.SEE_MONEY}
    if standing.status is MemberStatus.CONFIRMED and standing.deposit_due and standing.chama in NOT_RUNNING:
        actions.add(Action.PAY_DEPOSIT)
    # Between two rounds her money is kept as credit, so that an open round is not asked for; nor does it matter whether
    # she has had her turn: who was paid a pot goes on paying.
    if standing.status in PLAYING and standing.chama is ChamaStatus.ACTIVE:
        actions.add(Action.CONTRIBUTE)
    # Any member can ask for it: an official alone would never ask that she be replaced.
    if standing.status in IN_OFFICE and (standing.chama in NOT_RUNNING or standing.chama is ChamaStatus.ACTIVE):
        actions.add(Action.RECALL)
    return actions


def _as_official(standing: Standing) -> set[Action]:
    chama, actions = standing.chama, set[Action]()
    if chama is ChamaStatus.DRAFT or (chama is ChamaStatus.WAITING and not (standing.full or standing.closed)):
        actions.add(Action.RECRUIT)
    if chama is ChamaStatus.RECRUITING and standing.enough:
        actions.add(Action.CLOSE_RECRUITING)
    if standing.takes_people:
        actions |= {Action.INVITE, Action.ADMIT}
    if chama is ChamaStatus.WAITING:
        actions |= {Action.START} if standing.deposits_paid and standing.enough else set()
        actions |= set() if standing.anchored else {Action.DEPLOY}
    if chama in NOT_RUNNING:
        actions.add(Action.CANCEL)
    if chama is ChamaStatus.ACTIVE:
        actions |= {Action.RECORD_CASH, Action.APPROVE, Action.REMIND, Action.CANCEL}
        actions |= {Action.TURN_ROUND, Action.COMPLETE}
    if chama in NOT_RUNNING or chama is ChamaStatus.ACTIVE:
        actions |= {Action.CHANGE_RULES, Action.NAME_OFFICIALS, Action.MEET, Action.SHARE_PHONE}
    if chama not in NOT_RUNNING:
        # Of a group that goes on: what goes back to a member who leaves it. Of one that has ended, too: cash goes back.
        actions |= {Action.RESEND, Action.BANK_CASH}
    return actions
