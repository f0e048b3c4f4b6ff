"""What goes wrong, and how often: the usual of everything, or more of what a guard is there for."""

from dataclasses import dataclass

from simulator.meanings import MEANINGS


@dataclass(frozen=True)
class Weather:
    """Ends of prompts and kinds of forgeries to draw from (none: all of them), and shares between 0 and 1.

    `often` is an action that comes four times as often; members who are `eager` pay whatever prompt shows besides.
    """

    outcomes: tuple[str, ...] = tuple(outcome for outcome in MEANINGS["stk"] if outcome != "any")
    forgeries: tuple[str, ...] = ()
    often: str = ""
    crashes: float = 0.5
    away: float = 0.12
    spooled: float = 0.05
    eager: bool = False


USUAL = Weather()
