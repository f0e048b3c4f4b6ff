"""Who may do what, by where she stands."""

import pytest

from chamas.access import Action, Level, access
from chamas.register import ChamaStatus, MemberStatus, Role

OFFICIAL, PLAIN = Role.TREASURER, Role.MEMBER
RECRUITING, ACTIVE = ChamaStatus.RECRUITING, ChamaStatus.ACTIVE


@pytest.mark.parametrize(
    ("signed_in", "chama", "full", "role", "status", "level", "actions"),
    [
        (False, RECRUITING, False, None, None, Level.GUEST, set()),
        (True, RECRUITING, False, None, None, Level.CAN_JOIN, {Action.JOIN}),
        (True, RECRUITING, True, None, None, Level.VIEWER, set()),
        (True, ACTIVE, False, None, None, Level.VIEWER, set()),
        (True, RECRUITING, False, PLAIN, MemberStatus.PENDING, Level.VIEWER, set()),
        (True, RECRUITING, False, PLAIN, MemberStatus.INVITED, Level.VIEWER, set()),
        (True, RECRUITING, False, PLAIN, MemberStatus.WITHDRAWN, Level.CAN_JOIN, {Action.JOIN}),
        (True, RECRUITING, False, PLAIN, MemberStatus.CONFIRMED, Level.MEMBER, {Action.SEE_MONEY}),
        (True, RECRUITING, False, OFFICIAL, MemberStatus.CONFIRMED, Level.CREATOR, {Action.SEE_MONEY, Action.INVITE}),
        (True, RECRUITING, True, OFFICIAL, MemberStatus.CONFIRMED, Level.CREATOR, {Action.SEE_MONEY}),
        (True, ACTIVE, True, PLAIN, MemberStatus.ACTIVE, Level.MEMBER, {Action.SEE_MONEY, Action.CONTRIBUTE}),
        (True, ACTIVE, True, PLAIN, MemberStatus.DEFAULTED, Level.MEMBER, {Action.SEE_MONEY, Action.CONTRIBUTE}),
        (True, ACTIVE, True, OFFICIAL, MemberStatus.ACTIVE, Level.CREATOR, {Action.SEE_MONEY, Action.CONTRIBUTE}),
        (True, ChamaStatus.COMPLETED, True, PLAIN, MemberStatus.COMPLETED, Level.MEMBER, {Action.SEE_MONEY}),
    ],
)
def test_access(
    *,
    signed_in: bool,
    chama: ChamaStatus,
    full: bool,
    role: Role | None,
    status: MemberStatus | None,
    level: Level,
    actions: set[Action],
) -> None:
    got = access(signed_in=signed_in, chama_status=chama, full=full, role=role, status=status)
    assert (got.level, got.actions) == (level, actions)
