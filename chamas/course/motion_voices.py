"""Whose answer to a motion counts, and what the answers come to. Pure: motions.py has the rows.

An exit, a substitution and the naming of an official are decided like money (chamas/approvers.py): as many others as
the rules say, officials first, the lowest member numbers filling the gap, and one no is enough. Whoever is to take an
office must accept it herself, too; that counts beside the others' yes.

A recall is decided by all members, because officials who hold together would never agree to it: more than half of
those whom it is not about, whoever asked among them. One no does not end it; so many that the others cannot be half do.
"""

from collections.abc import Collection, Sequence

from chamas.approving.approvals import REASONS, SOMETHING_ELSE, Said, Verdict
from chamas.approving.approvers import Voice, approvers
from chamas.course.motion_states import Motion, MotionKind

NOT_ACCEPTED = "she did not accept it"


def voters(voices: Sequence[Voice], motion: Motion) -> set[int]:
    """Whose yes or no decides, by member id."""
    if motion.kind is MotionKind.RECALL:
        return {one.member_id for one in voices if one.decides} - _beside(motion)
    chosen = approvers(
        [one for one in voices if one.member_id != motion.other_id],
        payee=motion.member_id,
        asker=motion.asked_by,
        needed=motion.needed,
        asked_at=motion.asked_at,
    )
    return set(chosen)


def accepting(motion: Motion) -> set[int]:
    """Who must accept what would become of her, by member id: whoever is to take an office, or whose place is offered
    by somebody else. Who is invited to it answers by her invitation.
    """
    if motion.kind is MotionKind.SUBSTITUTION:
        return {motion.member_id} - {motion.asked_by}
    if motion.kind is MotionKind.NAMING:
        return {motion.member_id}
    return {motion.other_id} if motion.kind is MotionKind.RECALL and motion.other_id is not None else set()


def needed_for_recall(voices: Sequence[Voice], *, about: int, asker: int, successor: int | None) -> int:
    """How many of the others must agree that she is recalled; whoever asks has said yes by that. 0: nobody is left."""
    others = {one.member_id for one in voices if one.decides} - {about, successor}
    rest = len(others - {asker})
    return min(rest, max(1, len(others) // 2 + 1 - (asker in others)))


def outcome(said: Said, motion: Motion, voices: Sequence[Voice], *, late: bool) -> tuple[Verdict, str]:
    """What it comes to, and why it is refused; `late`: nobody can answer any more."""
    by_member = {one.member_id: one.user_id for one in voices}
    counts = {by_member[one] for one in voters(voices, motion)}
    must = {by_member[one] for one in accepting(motion)}
    if must & said.no.keys():
        return Verdict.REFUSED, NOT_ACCEPTED
    if motion.kind is MotionKind.RECALL:
        verdict, why = _of_many(said, counts, motion.needed, late=late)
    else:
        verdict, why = said.outcome(counts, motion.needed, late=late)
    if verdict is Verdict.AGREED and not must <= said.yes:
        return (Verdict.REFUSED, NOT_ACCEPTED) if late else (Verdict.WAITS, "")
    return verdict, why


def _of_many(said: Said, counts: Collection[int], needed: int, *, late: bool) -> tuple[Verdict, str]:
    yes, no = said.yes & set(counts), said.no.keys() & set(counts)
    if len(yes - no) >= needed:
        return Verdict.AGREED, ""
    if len(counts) - len(no) < needed:
        return Verdict.REFUSED, REASONS[said.why(counts) or SOMETHING_ELSE]
    return (Verdict.REFUSED, "nobody answered in time") if late else (Verdict.WAITS, "")


def _beside(motion: Motion) -> set[int | None]:
    return {motion.member_id, motion.asked_by, motion.other_id}
