"""Where a person stands with the house, whatever groups she is in.

Theory of operation. An erased person keeps her rows, and nothing in them says who she was:

    active <-> suspended; erased from either, and never back
"""

from enum import StrEnum

from ledger.moves import Moves


class PersonStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASED = "erased"


PERSON_MOVES: Moves[PersonStatus] = Moves(
    "users.status",
    {
        PersonStatus.ACTIVE: frozenset({PersonStatus.SUSPENDED, PersonStatus.ERASED}),
        PersonStatus.SUSPENDED: frozenset({PersonStatus.ACTIVE, PersonStatus.ERASED}),
        PersonStatus.ERASED: frozenset(),
    },
)

# What lists show where her name stood; any language reads it.
ERASED_NAME = "---"
