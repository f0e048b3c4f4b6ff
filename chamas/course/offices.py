"""The offices of a group: who holds which, naming a member for one, and recalling who holds one.

Theory of operation. An official proposes a member for an office, or any member that an official be recalled; others
decide (motion_voices.py), whoever is to take the office accepts it on her own phone, and the worker carries it out and
tells everybody (departing.py). An office has one holder: who held it before is a member like the others from then on.
What was agreed on is carried out only if the same woman still holds the office.

No change of ours leaves a group with fewer officials than LEAST, or with fewer than it had where it had not so many.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chamas.approving.approvers import TooFewApprovers, Voice, approvers
from chamas.approving.voices import by_number, voices_in
from chamas.course import motion_voices, motions
from chamas.course.motions import Motion, MotionKind, MotionState
from chamas.members import register, standing
from chamas.members.access import INSIDE, Action
from chamas.members.refusals import NotNow, demand
from chamas.members.register import Role
from chamas.payouts import limits
from ledger.refusals import Refusal
from ledger.wires import Connection

# What ends a group, unmatched money and cash need one official who asks and another who agrees: so do all rule sets,
# however many approvals they ask for, as members fill that gap.
LEAST = 2
# A weekly group meets twice, and a monthly one hears of it by SMS, before a vote of all its members is over.
RECALLED_WITHIN = timedelta(days=14)

# How an office is called in a sentence; English, as catalogues have it.
CALLED: Mapping[Role, str] = {
    Role.CHAIRPERSON: "the chairperson",
    Role.TREASURER: "the treasurer",
    Role.SECRETARY: "the secretary",
}


class CannotHoldOffice(Refusal):
    """She holds this office, proposes herself, is behind with her dues or on her way out."""

    code = "cannot_hold_office"
    status = 409
    words = "This member cannot be named for this office. Choose another one."


class TooFewOfficials(Refusal):
    """The group would be left without the officials that it needs."""

    code = "too_few_officials"
    status = 409
    words = "The chama would have too few officials. Name a member for another office first."


class NobodyInOffice(Refusal):
    """Nobody holds this office, so that nobody can be recalled from it."""

    code = "nobody_in_office"
    status = 409
    words = "Nobody holds this office."


def holders(voices: Sequence[Voice]) -> dict[Role, Voice]:
    """Who holds each office that somebody holds, whether she is behind with her dues or not."""
    inside = [one for one in voices if one.status in INSIDE and one.official]
    return {one.role: one for one in sorted(inside, key=lambda one: -one.number)}


def too_few(voices: Sequence[Voice], *, given: int | None, taken: int | None, leaves: bool = False) -> bool:
    """Whether a group would have too few officials once one member is given an office and another one has none, or
    `leaves` altogether. Who is left alone needs no second one.
    """
    now = {one.member_id for one in voices if one.official and one.decides}
    then = (now | ({given} - {None})) - {taken}
    people = sum(one.decides and not (leaves and one.member_id == taken) for one in voices)
    return len(then) < min(LEAST, max(1, people), len(now))


def name(conn: Connection, chama_id: int, *, by_user_id: int, number: int, role: Role, at: datetime) -> Motion:
    """An official proposes the member of this number for an office; asked twice it is asked once.

    Raises OfficialsOnly, NotNow, UnknownMember, CannotHoldOffice, TooFewOfficials, TooFewApprovers.
    """
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id)
    demand(here, Action.NAME_OFFICIALS, at=at)
    voices = voices_in(conn, chama_id)
    held = holders(voices).get(role)
    new = _fit(conn, chama_id, number, held)
    if here.member_id is None or new.member_id == here.member_id:
        raise CannotHoldOffice
    if too_few(voices, given=new.member_id, taken=held.member_id if held else None):
        raise TooFewOfficials
    _, agreed = limits.in_force(conn, chama_id, at)
    needed = min(agreed.needed, _heard(voices, new=new, held=held, asker=here.member_id, at=at))
    return motions.add(
        conn,
        chama_id=chama_id,
        kind=MotionKind.NAMING,
        member_id=new.member_id,
        asked_by=here.member_id,
        needed=needed,
        at=at,
        expires_after=agreed.expires_after,
        role=role,
        other_id=held.member_id if held else None,
    )


def recall(
    conn: Connection, chama_id: int, *, by_user_id: int, role: Role, successor: int | None, at: datetime
) -> Motion:
    """A member asks that who holds an office be recalled, and that the member of the number `successor` follows; all
    members decide. Raises NotNow, NobodyInOffice, UnknownMember, CannotHoldOffice, TooFewOfficials, TooFewApprovers.
    """
    here = standing.group(conn, chama_id=chama_id, user_id=by_user_id)
    demand(here, Action.RECALL, at=at)
    voices = voices_in(conn, chama_id)
    held = holders(voices).get(role)
    if held is None:
        raise NobodyInOffice
    new = _fit(conn, chama_id, successor, held) if successor else None
    if too_few(voices, given=new.member_id if new else None, taken=held.member_id):
        raise TooFewOfficials
    if here.member_id is None:
        raise NotNow
    follows = new.member_id if new else None
    needed = motion_voices.needed_for_recall(voices, about=held.member_id, asker=here.member_id, successor=follows)
    if not needed:
        raise TooFewApprovers
    return motions.add(
        conn,
        chama_id=chama_id,
        kind=MotionKind.RECALL,
        member_id=held.member_id,
        asked_by=here.member_id,
        needed=needed,
        at=at,
        expires_after=RECALLED_WITHIN,
        role=role,
        other_id=follows,
    )


def carry_out(conn: Connection, motion: Motion, *, at: datetime) -> str | None:
    """The office changes hands as it was agreed on; else why it does not. The caller holds the chama."""
    voices = voices_in(conn, motion.chama_id)
    new, old = sides(motion)
    if new is not None and not any(one.member_id == new and one.decides for one in voices):
        return "she cannot hold an office any more"
    if too_few(voices, given=new, taken=old):
        return "too few officials would be left"
    if old is not None:
        register.change_role(conn, old, Role.MEMBER, at=at)
    if new is not None and motion.role is not None:
        register.change_role(conn, new, motion.role, at=at)
    return None


def changed_hands(conn: Connection, motion: Motion) -> bool:
    """Whether the office that it is about has another holder than when it was asked."""
    held = None if motion.role is None else holders(voices_in(conn, motion.chama_id)).get(motion.role)
    return motion.role is not None and (held.member_id if held else None) != sides(motion)[1]


def open_about(conn: Connection, chama_id: int, role: Role) -> Motion | None:
    """What is asked about this office, the newest first."""
    found = (one for one in motions.of_chama(conn, chama_id) if one.role is role)
    return next((one for one in found if one.state is MotionState.ASKED), None)


def sides(motion: Motion) -> tuple[int | None, int | None]:
    """Who takes the office and who hands it over, by member id."""
    if motion.kind is MotionKind.NAMING:
        return motion.member_id, motion.other_id
    return motion.other_id, motion.member_id


def _heard(voices: Sequence[Voice], *, new: Voice, held: Voice | None, asker: int, at: datetime) -> int:
    """How many others can be asked. Nobody, where two are the whole group: whoever is named says yes or no for both.

    Raises TooFewApprovers where somebody would lose her office, or be passed over, without anybody's word.
    """
    rest = [one for one in voices if held is None or one.member_id != held.member_id]
    counted = len(approvers(rest, payee=new.member_id, asker=asker, needed=len(rest), asked_at=at))
    others = {one.member_id for one in voices if one.decides} - {new.member_id, asker}
    if not counted and others:
        raise TooFewApprovers
    return counted


def _fit(conn: Connection, chama_id: int, number: int, held: Voice | None) -> Voice:
    """The member of this number, who can take an office that `held` has now."""
    new = by_number(conn, chama_id, number)
    if not new.decides or (held is not None and new.member_id == held.member_id):
        raise CannotHoldOffice
    return new
