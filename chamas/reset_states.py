"""How far an asking for a new chama PIN has come, and by whose word. What each kind needs: vouching.py.

Theory of operation.

    open -> granted     enough people saw or heard her today, or the code of the SMS was right
         -> stopped     one of them says that it is not she, or three wrong codes
         -> lapsed      the day is over, or the minutes of the code
    granted -> used     she has chosen the PIN; -> lapsed when she has not in time
"""

from enum import StrEnum

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
