"""A member's place goes to somebody else: offering it, and the answer of who is invited to it.

Theory of operation. The member offers her place herself, or an official proposes it and she must agree; who shall have
it is invited by SMS and agrees from her own phone. Both are told what the place has paid in, what it got, and what it
owes: all of it goes with the place, and what the two pay each other is between them. As many others agree as for a
payout (motions.py). Then the worker carries it out, once nothing of the place is on its way (taking_over.py).

Accounts are of persons, what is due goes by the place: docs/decisions/0044-substitution.md.
"""

from datetime import datetime

from chamas.approving.approvers import TooFewApprovers, Voice
from chamas.approving.voices import voices_in
from chamas.course import leaving, motion_news, motions, offices
from chamas.course.leaving import OfficeNeeded
from chamas.course.motions import Motion, MotionKind
from chamas.dues import handing, holdings, setting_off
from chamas.entrance import invitations, joining
from chamas.entrance.invitations import LASTS, Invitation, InvitationState
from chamas.members import register, standing
from chamas.members.access import INSIDE, PLAYING, Action
from chamas.members.office import office
from chamas.members.refusals import AlreadyAsked, AlreadyJoined, NotNow, UnknownMember, demand
from chamas.members.states import ChamaStatus, MemberStatus
from chamas.payouts import limits
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection
from payments.pushes import OUT_FOR
from payments.states import OUT


class MoneyUnderWay(Refusal):
    """A payout, a refund, a prompt, cash without a word, or an open question about money of hers."""

    code = "money_under_way"
    status = 409
    words = "Money of this place is on its way, or waits for somebody's word. Settle it first."


class OnlyFromHerPhone(Refusal):
    """A place is taken over from the phone that was invited, and from no other one."""

    code = "only_from_her_phone"
    status = 403
    words = "Only the phone that was invited can take over this place."


class WasAMember(Refusal):
    """She was in the group before, and its books have an account of hers."""

    code = "was_a_member"
    status = 409
    words = "Who was in this chama before cannot take over a place."


def offer(
    conn: Connection,
    chama_id: int,
    *,
    by_user_id: int,
    number: int | None = None,
    phone: str,
    first_name: str,
    language: str,
    at: datetime,
    chance: Chance,
) -> Motion:
    """A member offers her own place to the owner of this phone (E.164), or an official that of member `number`; what is
    open about it stays as it was asked.

    Raises NotNow, OfficialsOnly, UnknownMember, OfficeNeeded, MoneyUnderWay, TooFewApprovers, AlreadyJoined,
    AlreadyAsked, WasAMember.
    """
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id)
    voices = voices_in(conn, chama_id)
    leaver = _whose(voices, number, by_user_id)
    if leaver.user_id != by_user_id:
        demand(here, Action.NAME_OFFICIALS, at=at)
    if here.status is not ChamaStatus.ACTIVE or here.member_id is None:
        raise NotNow
    if found := motions.open_about(conn, leaver.member_id, MotionKind.SUBSTITUTION):
        return found
    require_free(conn, leaver.member_id, at=at)
    if offices.too_few(voices, given=None, taken=leaver.member_id):
        raise OfficeNeeded
    _, agreed = limits.in_force(conn, chama_id, at)
    others = sum(one.decides and one.member_id not in (leaver.member_id, here.member_id) for one in voices)
    if not others:
        raise TooFewApprovers
    invitation = _invite(
        conn, chama_id, by_user_id=by_user_id, phone=phone, first_name=first_name, language=language, at=at,
        chance=chance,
    )  # fmt: skip
    means, hers = leaving.terms(conn, leaver.member_id), holdings.of_member(conn, leaver.member_id)
    motion = motions.add(
        conn,
        chama_id=chama_id,
        kind=MotionKind.SUBSTITUTION,
        member_id=leaver.member_id,
        asked_by=here.member_id,
        other_id=invitation.member_id,
        needed=min(agreed.needed, others),
        at=at,
        expires_after=LASTS,
        how=means.how,
        cycle=means.cycle,
        offer=(invitation.id, hers.paid_in_cents, hers.received_cents, setting_off.owed(conn, leaver.member_id)),
    )
    with office(conn):
        motion_news.tell_taker(conn, motion, here, invitation, at=at)
    return motion


def require_free(conn: Connection, member_id: int, *, at: datetime) -> None:
    """Nothing of hers is under way, and she is not leaving. Raises MoneyUnderWay, NotNow."""
    if motions.open_about(conn, member_id, MotionKind.EXIT):
        raise NotNow
    if under_way(conn, member_id, at=at):
        raise MoneyUnderWay


def under_way(conn: Connection, member_id: int, *, at: datetime) -> bool:
    """Whether money of hers is on its way, or waits for somebody's word: it would come, or go, under another's name."""
    [(waits,)] = conn.execute(
        """
        SELECT EXISTS (SELECT FROM disbursement_requests r WHERE r.payee_member_id = %(member)s
                       AND r.state IN ('pending', 'approved', 'sending', 'unclear'))
               -- what was lent to her is hers to repay, and does not go with a place
            OR EXISTS (SELECT FROM loans l WHERE l.member_id = %(member)s AND l.state = 'running')
            OR EXISTS (SELECT FROM disbursement_requests r WHERE r.payee_member_id = %(member)s AND r.purpose = 'loan'
                       AND r.state = 'completed' AND NOT EXISTS (SELECT FROM loans l WHERE l.request_id = r.id))
            OR EXISTS (SELECT FROM refunds r WHERE r.member_id = %(member)s AND r.state <> 'paid')
            OR EXISTS (SELECT FROM cash_claims k WHERE k.member_id = %(member)s AND k.state IN ('recorded', 'disputed'))
            OR EXISTS (SELECT FROM payment_intents i JOIN payment_attempts a ON a.intent_id = i.id
                       WHERE i.member_id = %(member)s AND a.state = ANY(%(out)s) AND a.created_at > %(since)s)
            OR EXISTS (SELECT FROM take_backs t WHERE t.member_id = %(member)s AND t.state IN ('asked', 'approved'))
            OR EXISTS (SELECT FROM settlements s WHERE s.member_id = %(member)s AND s.state IN ('asked', 'approved'))
            OR EXISTS (SELECT FROM penalties p WHERE p.member_id = %(member)s
                       AND (p.state = 'disputed' OR p.waive_asked_by IS NOT NULL))
            OR EXISTS (SELECT FROM accounts a WHERE a.owner_member_id = %(member)s
                       AND (a.debits_pending_cents <> 0 OR a.credits_pending_cents <> 0
                            OR a.code LIKE 'refund:%%' AND a.balance_cents <> 0))
        """,
        {"member": member_id, "out": list(OUT), "since": at - OUT_FOR},
    ).fetchall()
    return bool(waits) or handing.unsettled(conn, member_id)


def offered(conn: Connection, invitation_id: int) -> Motion | None:
    """The place that this invitation offers; None for an ordinary one, or for one that is over."""
    with office(conn):
        return motions.offered_by(conn, invitation_id)


def accept(conn: Connection, invitation_id: int, *, user_id: int, at: datetime) -> Motion:
    """She agrees to take over the place that she was told of. Raises NotNow, OnlyFromHerPhone, InvitationExpired,
    InvitationAnswered.
    """
    return _answer(conn, invitation_id, InvitationState.ACCEPTED, user_id=user_id, at=at)


def decline(conn: Connection, invitation_id: int, *, user_id: int, at: datetime) -> Motion:
    """She does not. Raises what `accept` raises."""
    return _answer(conn, invitation_id, InvitationState.DECLINED, user_id=user_id, at=at)


def take_back(conn: Connection, motion_id: int, *, by_member_id: int, at: datetime) -> Motion:
    """Whoever asked does not ask it any more, whatever it is; who was invited to a place is free again.

    Raises NotYourVoice, NotAsShown once it is decided.
    """
    motion = motions.take_back(conn, motion_id, by_member_id=by_member_id, at=at)
    release(conn, motion, at=at)
    return motion


def release(conn: Connection, motion: Motion, *, at: datetime) -> None:
    """Nothing came of it: whoever was invited to the place is out, and free for another one."""
    if motion.invitation_id is None or motion.other_id is None:
        return
    with office(conn):
        invitation = invitations.find(conn, motion.invitation_id)
        if invitation.state is InvitationState.OPEN:
            invitations.answer(conn, invitation, InvitationState.WITHDRAWN, at=at)
        if joining.seat_of(conn, motion.other_id).status is MemberStatus.INVITED:
            register.move_member(conn, motion.other_id, MemberStatus.WITHDRAWN)


def _whose(voices: list[Voice], number: int | None, by_user_id: int) -> Voice:
    """Whose place it is: hers who asks, or that of the member of this number. Who is behind may give hers up, too."""
    for one in voices:
        asked = one.user_id == by_user_id if number is None else one.number == number
        if asked and one.status in PLAYING:
            return one
    raise UnknownMember


def _invite(
    conn: Connection,
    chama_id: int,
    *,
    by_user_id: int,
    phone: str,
    first_name: str,
    language: str,
    at: datetime,
    chance: Chance,
) -> Invitation:
    with office(conn):
        register.lock_chamas(conn, [chama_id])
        user_id = joining.enter(conn, phone=phone, first_name=first_name, language=language, at=at)
        there = standing.group(conn, chama_id=chama_id, user_id=user_id)
        if there.member_status in INSIDE:
            raise AlreadyJoined
        if there.member_status in (MemberStatus.INVITED, MemberStatus.PENDING):
            raise AlreadyAsked
    if there.member_id is not None and _has_paid(conn, there.member_id):
        raise WasAMember
    with office(conn):
        member_id = joining.membership(conn, there, MemberStatus.INVITED, "invitation", at=at)
        return invitations.write(
            conn, chama_id=chama_id, member_id=member_id, invited_by=by_user_id, at=at, chance=chance
        )


def _has_paid(conn: Connection, member_id: int) -> bool:
    row = conn.execute(
        "SELECT FROM chama_members m WHERE m.id = %(member)s AND (EXISTS (SELECT FROM contributions k "
        "WHERE k.member_id = m.id) OR EXISTS (SELECT FROM allocations a WHERE a.member_id = m.id))",
        {"member": member_id},
    ).fetchone()
    return row is not None


def _answer(conn: Connection, invitation_id: int, new: InvitationState, *, user_id: int, at: datetime) -> Motion:
    with office(conn):
        motion = motions.offered_by(conn, invitation_id)
        if motion is None:
            raise NotNow
        register.lock_chamas(conn, [motion.chama_id])
        invitation = invitations.find(conn, invitation_id)
        invitation.demand_open(at)
        if invitation.user_id != user_id:
            raise OnlyFromHerPhone
        invitations.answer(conn, invitation, new, at=at)
        if new is InvitationState.ACCEPTED:
            register.seat(conn, invitation.member_id, terms_agreed_at=at)
        return motion
