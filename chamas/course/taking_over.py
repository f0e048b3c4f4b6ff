"""The worker's part of a substitution: counts the answers, and lets the place pass once nothing of it is on its way.

Nobody takes over worse than she was told: when the place has had its turn meanwhile, has less in the books or owes
more, nothing comes of it, and it is asked anew.
"""

from datetime import datetime, timedelta

from chamas.approving.approvals import Verdict
from chamas.approving.voices import voices_in
from chamas.course import leaving, motion_news, motions, offices, substitution
from chamas.course.motions import Motion, MotionState
from chamas.dues import handing, holdings, setting_off
from chamas.entrance import invitations
from chamas.entrance.invitations import InvitationState
from chamas.members import register
from chamas.members.access import PLAYING
from chamas.members.states import MemberStatus, Role
from ledger.wires import Connection
from payments.wires import Wires

# A payout waits an hour and is sent within minutes; nobody waits for this by the minute.
LOOKED_AT_EVERY = timedelta(hours=1)


def count(conn: Connection, motion: Motion, verdict: Verdict, why: str, *, at: datetime) -> None:
    """What the others and who is invited have said. The caller holds the group."""
    answered = _answered(conn, motion)
    if motion.member_status not in PLAYING:
        refuse(conn, motion, "she is not in the group any more", at=at)
    elif answered in (InvitationState.DECLINED, InvitationState.WITHDRAWN):
        refuse(conn, motion, "who was invited does not take the place", at=at)
    elif verdict is Verdict.REFUSED or at >= motion.expires_at:
        refuse(conn, motion, why or "nobody answered in time", at=at)
    elif verdict is Verdict.AGREED and answered is InvitationState.ACCEPTED:
        motions.move(conn, motion, MotionState.GOING, at=at, due_at=at)
    else:
        motion_news.tell_asked(conn, motion, at=at)
        motions.look_again(conn, motion, motion.expires_at)
    if answered is not InvitationState.OPEN:
        motions.note_taker(conn, motion, at)


def follow(conn: Connection, motion: Motion, wires: Wires, *, at: datetime) -> None:
    """The place passes, or waits for what is on its way, or nothing comes of it. The caller holds the motion only."""
    taker = motion.other_id
    if why := _changed(conn, motion):
        refuse(conn, motion, why, at=at)
    elif substitution.under_way(conn, motion.member_id, at=at) or taker is None:
        if at >= motion.expires_at:
            refuse(conn, motion, "money of the place was on its way for too long", at=at)
        else:
            motions.look_again(conn, motion, at + LOOKED_AT_EVERY)
    else:
        posted = handing.hand_over(
            conn, motion.chama_id, leaver=motion.member_id, newcomer=taker, key=str(motion.id), at=at,
            chance=wires.chance,
        )  # fmt: skip
        _seat(conn, motion, taker, at=at)
        motions.move(conn, motion, MotionState.DONE, at=at)
        motion_news.tell_taken_over(conn, motion, posted.seq if posted else None, at=at)


def refuse(conn: Connection, motion: Motion, reason: str, *, at: datetime) -> None:
    """Nothing comes of it; whoever asked hears it, and whose place it is, and who was invited."""
    motions.move(conn, motion, MotionState.REFUSED, at=at, reason=reason)
    motion_news.tell_place_stays(conn, motion, at=at)
    substitution.release(conn, motion, at=at)


def _answered(conn: Connection, motion: Motion) -> InvitationState:
    if motion.invitation_id is None:
        raise LookupError("a place that nobody was invited to")
    return invitations.find(conn, motion.invitation_id).state


def _changed(conn: Connection, motion: Motion) -> str | None:
    """What is not any more as both were told."""
    if motion.member_status not in PLAYING:
        return "she is not in the group any more"
    means, hers = leaving.terms(conn, motion.member_id), holdings.of_member(conn, motion.member_id)
    if (means.how, means.cycle) != (motion.how, motion.cycle):
        return "her turn has come meanwhile"
    told_cents = (motion.paid_in_cents or 0) - (motion.received_cents or 0)
    if hers.paid_in_cents - hers.received_cents < told_cents:
        return "the place has less than was said"
    if setting_off.owed(conn, motion.member_id) > (motion.owed_cents or 0):
        return "the place owes more than was said"
    if offices.too_few(voices_in(conn, motion.chama_id), given=None, taken=motion.member_id):
        return "too few officials would be left"
    return None


def _seat(conn: Connection, motion: Motion, taker: int, *, at: datetime) -> None:
    """The newcomer stands where the other stood; an office does not go with a place."""
    [(position,)] = conn.execute("SELECT position FROM chama_members WHERE id = %s", [motion.member_id]).fetchall()
    register.change_role(conn, motion.member_id, Role.MEMBER, at=at)
    register.place(conn, {motion.member_id: None, taker: position})
    register.move_member(conn, motion.member_id, MemberStatus.WITHDRAWN)
    for step in (MemberStatus.CONFIRMED, MemberStatus.ACTIVE):
        register.move_member(conn, taker, step)
    if motion.member_status is MemberStatus.DEFAULTED:
        register.move_member(conn, taker, MemberStatus.DEFAULTED)
