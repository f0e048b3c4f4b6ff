"""How far an asking for a new chama PIN has come, by whose word, and when that is enough. Pure; kinds: vouching.py.

Theory of operation.

    open -> granted     enough people saw or heard her today, or the code of the SMS was right; digits that an official
                        told are asked for besides, each time
         -> stopped     one of them says that it is not she, or three wrong codes
         -> lapsed      the day is over, or the minutes of the code
    granted -> used     she has chosen the PIN; -> lapsed when she has not in time
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chamas.members.states import OFFICIALS, MemberStatus, Role
from ledger.moves import Moves


class ResetKind(StrEnum):
    VOUCHED = "vouched"
    SILENT = "silent"
    TOLD = "told"
    CODE = "code"


class ResetState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    USED = "used"
    STOPPED = "stopped"
    LAPSED = "lapsed"


RESET_MOVES: Moves[ResetState] = Moves(
    "pin_resets.state",
    {
        ResetState.OPEN: frozenset({ResetState.GRANTED, ResetState.STOPPED, ResetState.LAPSED}),
        ResetState.GRANTED: frozenset({ResetState.USED, ResetState.STOPPED, ResetState.LAPSED}),
        ResetState.USED: frozenset(),
        ResetState.STOPPED: frozenset(),
        ResetState.LAPSED: frozenset(),
    },
)


@dataclass(frozen=True)
class Reset:
    """One asking. `name`, `phone` (E.164, her own or the one that she uses), `owned` (whether it is hers), `role` and
    `status` are of the person it is about; `yes` counts those who vouched, `officials` those of them with an office,
    of `in_office` others that the group has.
    """

    id: int
    chama_id: int
    chama: str
    user_id: int
    name: str
    phone: str | None
    owned: bool
    role: Role
    status: MemberStatus
    kind: ResetKind
    state: ResetState
    tries: int
    expires_at: datetime
    yes: int
    officials: int
    in_office: int

    def __post_init__(self) -> None:
        for field, kind in (("role", Role), ("status", MemberStatus), ("kind", ResetKind), ("state", ResetState)):
            object.__setattr__(self, field, kind(getattr(self, field)))

    @property
    def needed(self) -> int:
        """How many people have to say yes; who told the digits is one of them."""
        if self.kind is ResetKind.SILENT:
            return 1
        return 3 if self.role in OFFICIALS else 2

    @property
    def officials_needed(self) -> int:
        """How many of them must be officials: for digits two, as one alone could choose her PIN in her place."""
        if self.kind is ResetKind.TOLD:
            return min(2, self.in_office)
        return int(self.kind is ResetKind.SILENT or self.role in OFFICIALS)

    @property
    def enough(self) -> bool:
        return self.yes >= self.needed and self.officials >= self.officials_needed
