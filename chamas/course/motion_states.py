"""The shape of a motion: what a group can be asked about one of its members, how far it has come, and its digest.

Theory of operation. motions.py writes the rows; others answer, and the worker counts (departing.py):

    asked -> going -> done     others agreed: she is on her way out, until nothing is owed on either side
    asked -> done              others agreed, and it was done at once: somebody has an office, or has it no more
    asked, going -> refused    they said no, nobody answered in time, or things have changed since it was asked
    asked -> withdrawn         whoever asked takes it back
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chamas.approving import approvals
from chamas.approving.approvals import Subject
from chamas.members.states import ChamaStatus, MemberStatus, Role
from ledger.moves import Moves


class MotionKind(StrEnum):
    EXIT = "exit"
    SUBSTITUTION = "substitution"
    RECALL = "recall"
    NAMING = "naming"


class MotionState(StrEnum):
    ASKED = "asked"
    GOING = "going"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_M = MotionState
MOTION_MOVES: Moves[MotionState] = Moves(
    "motions.state",
    {
        _M.ASKED: frozenset({_M.GOING, _M.DONE, _M.REFUSED, _M.WITHDRAWN}),
        _M.GOING: frozenset({_M.DONE, _M.REFUSED}),
        _M.DONE: frozenset(),
        _M.REFUSED: frozenset(),
        _M.WITHDRAWN: frozenset(),
    },
)


class How(StrEnum):
    """An exit: with no turn between her and the door, before her turn of this cycle, or after it."""

    AT_ONCE = "at_once"
    BEFORE_TURN = "before_turn"
    AFTER_TURN = "after_turn"


@dataclass(frozen=True)
class Motion:
    """One of them; `name` is hers whom it is about, `asker` hers who asks. `cycle` is the one that she leaves in. UTC.

    `role` is an office. Of a naming `other_id` holds it now and hands it over; of a recall she follows in it; of a
    substitution she takes over the place: by which invitation, and what both were told that it paid, got and owes.
    """

    id: int
    chama_id: int
    chama: str
    chama_status: ChamaStatus
    kind: MotionKind
    member_id: int
    user_id: int
    number: int
    name: str
    member_status: MemberStatus
    asked_by: int
    asker: str
    other_id: int | None
    other: str | None
    role: Role | None
    how: How | None
    cycle: int | None
    needed: int
    state: MotionState
    reason: str | None
    asked_at: datetime
    expires_at: datetime
    invitation_id: int | None = None
    paid_in_cents: int | None = None
    received_cents: int | None = None
    owed_cents: int | None = None

    def __post_init__(self) -> None:
        for name, kind in (("kind", MotionKind), ("state", MotionState), ("chama_status", ChamaStatus)):
            object.__setattr__(self, name, kind(getattr(self, name)))
        object.__setattr__(self, "member_status", MemberStatus(self.member_status))
        object.__setattr__(self, "how", How(self.how) if self.how else None)
        object.__setattr__(self, "role", Role(self.role) if self.role else None)

    @property
    def digest(self) -> bytes:
        """Of exactly what is asked, as the row has it now."""
        said = (self.id, self.chama_id, self.kind, self.member_id, self.asked_by, self.other_id, self.role)
        told = (self.invitation_id, self.paid_in_cents, self.received_cents, self.owed_cents)
        # What was asked before there were substitutions is compared with what was hashed then.
        offer = told if self.kind is MotionKind.SUBSTITUTION else ()
        return approvals.digest(
            Subject.MOTION, *said, self.how, self.cycle, self.needed, self.asked_at, self.expires_at, *offer
        )
