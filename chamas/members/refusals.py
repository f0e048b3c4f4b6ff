"""What this room says no to when somebody's standing does not allow what she asks for, each reason in words."""

from datetime import datetime

from chamas.members.access import INSIDE, Action
from chamas.members.register import OFFICIALS, ChamaStatus, MemberStatus
from chamas.members.standing import Group
from ledger.refusals import Refusal


class ChamaFull(Refusal):
    """Every seat is taken."""

    code = "chama_full"
    status = 409
    words = "This chama is full: all its places are taken."


class AlreadyJoined(Refusal):
    """She is in it."""

    code = "already_joined"
    status = 409
    words = "This number is in this chama already."


class AlreadyAsked(Refusal):
    """Her request waits for the officials."""

    code = "already_asked"
    status = 409
    words = "This chama has the request already. An SMS comes when it answers."


class NotRecruiting(Refusal):
    """The chama has not begun to take people, or does not any more."""

    code = "not_recruiting"
    status = 409
    words = "This chama takes no new members now."


class RecruitmentOver(Refusal):
    """Its recruitment deadline has passed."""

    code = "recruitment_over"
    status = 409
    words = "The time to join this chama is over."


class ByInvitationOnly(Refusal):
    """The chama is private."""

    code = "by_invitation_only"
    status = 403
    words = "Only who is invited can join this chama. Ask its chairperson."


class OfficialsOnly(Refusal):
    """Chairperson, treasurer and secretary do this."""

    code = "officials_only"
    status = 403
    words = "Only an official of the chama can do this."


class NotNow(Refusal):
    """The chama or the membership stands where this cannot be done."""

    code = "not_now"
    status = 409
    words = "This cannot be done in this chama now."


class OwnCash(Refusal):
    """Nobody records her own."""

    code = "own_cash"
    status = 409
    words = "Another official must record your own cash."


class UnknownMember(Refusal):
    """Nobody who pays in this chama has this number."""

    code = "unknown_member"
    status = 404
    words = "No member of this chama has this number."


class UnfitAmount(Refusal):
    """Nothing, or more than can be one payment."""

    code = "unfit_amount"
    status = 422
    words = "Type whole shillings, not more than 250,000."


class NotYourFine(Refusal):
    """Somebody else's fine is disputed, or somebody decides who may not."""

    code = "not_your_fine"
    status = 403
    words = "This fine is for others to decide."


class FineSettled(Refusal):
    """The fine is not as it was shown: paid, waived, or answered already."""

    code = "fine_settled"
    status = 409
    words = "This fine has changed. Look at it again."


# What only officials do, or an admin for them.
OF_MEMBERS = frozenset({Action.SEE_MONEY, Action.PAY_DEPOSIT, Action.CONTRIBUTE, Action.RECALL})
OF_OFFICIALS = frozenset(Action) - OF_MEMBERS - {Action.JOIN}
OF_RECRUITING = frozenset({Action.JOIN, Action.INVITE, Action.ADMIT})


def demand(here: Group, action: Action, *, at: datetime) -> None:
    """Raises the refusal that says best why the person who looks may not do this; returns when she may."""
    if here.access(at).may(action):
        return
    official = here.role in OFFICIALS and here.member_status in INSIDE
    if action in OF_OFFICIALS and not official and not here.admin:
        raise OfficialsOnly
    if action is Action.JOIN and here.member_status in INSIDE:
        raise AlreadyJoined
    if action is Action.JOIN and here.member_status is MemberStatus.PENDING:
        raise AlreadyAsked
    if action in OF_RECRUITING:
        _demand_a_place(here, at=at)
    raise ByInvitationOnly if action is Action.JOIN and here.private else NotNow


def _demand_a_place(here: Group, *, at: datetime) -> None:
    if here.status is not ChamaStatus.RECRUITING:
        raise NotRecruiting
    if here.closed(at):
        raise RecruitmentOver
    if here.full:
        raise ChamaFull
