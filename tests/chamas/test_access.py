"""Who may do what, by where she stands."""

from dataclasses import replace

import pytest

from chamas.members.access import Action, Level, Standing, access
from chamas.members.register import OFFICIALS, ChamaStatus, MemberStatus, Role

OFFICIAL, PLAIN = Role.TREASURER, Role.MEMBER
RECRUITING, ACTIVE, WAITING = ChamaStatus.RECRUITING, ChamaStatus.ACTIVE, ChamaStatus.WAITING
CONFIRMED = MemberStatus.CONFIRMED
STRANGER = Standing(RECRUITING)
MEMBER = Standing(RECRUITING, role=PLAIN, status=CONFIRMED)
CHAIR = replace(MEMBER, role=OFFICIAL)
PLAYER = Standing(ACTIVE, full=True, role=PLAIN, status=MemberStatus.ACTIVE)
SEES = {Action.SEE_MONEY}
MEMBERS = {*SEES, Action.RECALL}
BEFORE = {Action.CANCEL, Action.CHANGE_RULES, Action.NAME_OFFICIALS, Action.RECALL, Action.MEET, Action.SHARE_PHONE}
AFTERWARDS = {Action.RESEND, Action.BANK_CASH}
RUNNING = {Action.RECORD_CASH, Action.APPROVE, Action.REMIND, Action.TURN_ROUND, Action.COMPLETE, *AFTERWARDS}


@pytest.mark.parametrize(
    ("standing", "level", "actions"),
    [
        (replace(STRANGER, signed_in=False), Level.GUEST, set()),
        (STRANGER, Level.CAN_JOIN, {Action.JOIN}),
        (replace(STRANGER, full=True), Level.VIEWER, set()),
        (replace(STRANGER, closed=True), Level.VIEWER, set()),
        (replace(STRANGER, private=True), Level.VIEWER, set()),
        (replace(STRANGER, private=True, status=MemberStatus.INVITED, role=PLAIN), Level.CAN_JOIN, {Action.JOIN}),
        (replace(STRANGER, full=True, status=MemberStatus.INVITED, role=PLAIN), Level.VIEWER, set()),
        (Standing(ACTIVE), Level.VIEWER, set()),
        (replace(MEMBER, status=MemberStatus.PENDING), Level.VIEWER, set()),
        (replace(MEMBER, status=MemberStatus.WITHDRAWN), Level.CAN_JOIN, {Action.JOIN}),
        (MEMBER, Level.MEMBER, MEMBERS),
        (replace(MEMBER, deposit_due=True), Level.MEMBER, {*MEMBERS, Action.PAY_DEPOSIT}),
        (PLAYER, Level.MEMBER, {*MEMBERS, Action.CONTRIBUTE}),
        (replace(PLAYER, status=MemberStatus.DEFAULTED), Level.MEMBER, {*SEES, Action.CONTRIBUTE}),
        (Standing(ChamaStatus.COMPLETED, role=PLAIN, status=MemberStatus.COMPLETED), Level.MEMBER, SEES),
    ],
)
def test_access(standing: Standing, level: Level, actions: set[Action]) -> None:
    got = access(standing)
    assert (got.level, got.actions) == (level, actions)


@pytest.mark.parametrize(
    ("standing", "actions"),
    [
        (replace(CHAIR, chama=ChamaStatus.DRAFT), {Action.RECRUIT, *BEFORE}),
        (CHAIR, {Action.INVITE, Action.ADMIT, Action.CLOSE_RECRUITING, *BEFORE}),
        (replace(CHAIR, full=True), {Action.CLOSE_RECRUITING, *BEFORE}),
        (replace(CHAIR, enough=False), {Action.INVITE, Action.ADMIT, *BEFORE}),
        (replace(CHAIR, chama=WAITING), {Action.START, Action.DEPLOY, Action.RECRUIT, *BEFORE}),
        (replace(CHAIR, chama=WAITING, anchored=True, full=True), {Action.START, *BEFORE}),
        (replace(CHAIR, chama=WAITING, deposits_paid=False), {Action.DEPLOY, Action.RECRUIT, *BEFORE}),
        (replace(CHAIR, chama=WAITING, enough=False, closed=True), {Action.DEPLOY, *BEFORE}),
        (replace(PLAYER, role=OFFICIAL), {Action.CONTRIBUTE, *RUNNING, *BEFORE}),
        # Who has fallen behind pays like the others, and decides nothing for them.
        (replace(PLAYER, role=OFFICIAL, status=MemberStatus.DEFAULTED), {Action.CONTRIBUTE}),
        (Standing(ChamaStatus.CANCELLED, role=OFFICIAL, status=CONFIRMED), AFTERWARDS),
        (Standing(ChamaStatus.COMPLETED, role=OFFICIAL, status=MemberStatus.COMPLETED), AFTERWARDS),
    ],
)
def test_what_officials_may(standing: Standing, actions: set[Action]) -> None:
    got = access(standing)
    assert (got.level, got.actions) == (Level.CREATOR, {*actions, *SEES})


def test_an_admin_helps_people_in_and_never_touches_money_or_rules() -> None:
    helps = {Action.RECRUIT, Action.INVITE, Action.MEET, Action.ADMIT}
    for chama in ChamaStatus:
        assert access(Standing(chama, admin=True)).actions - {Action.JOIN} <= helps
    assert access(replace(STRANGER, admin=True)).actions == {Action.JOIN, Action.INVITE, Action.MEET, Action.ADMIT}


def test_nobody_who_is_out_may_do_what_members_do() -> None:
    for chama in ChamaStatus:
        for status in (None, MemberStatus.INVITED, MemberStatus.PENDING, MemberStatus.WITHDRAWN):
            for role in Role:
                assert access(Standing(chama, role=role, status=status)).actions <= {Action.JOIN}
    assert {*Role} - {Role.MEMBER} == OFFICIALS
