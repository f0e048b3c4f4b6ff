"""What a member answers to a motion: her word on exactly what she saw, as a member of the group that is asked."""

from chamas.approving.approvals import Vote
from chamas.course import motions
from chamas.course.motions import Motion
from menus.visit import Visit


def answer_motion(visit: Visit, motion: int, vote: Vote, seen: str, reason: int | None = None) -> Motion:
    """Her vote on the digest `seen` (hex). Raises what `motions.vote` raises, and for a group that she is not in."""
    visit.her.member_of(motions.by_id(visit.conn, motion).chama_id)
    return motions.vote(visit.conn, motion, visit.word(vote, seen, reason))
