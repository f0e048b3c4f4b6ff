"""Where a person stands with the house, whatever groups she is in.

active <-> suspended; erased from either, for good: her rows stay, and nothing in them says who she was
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
