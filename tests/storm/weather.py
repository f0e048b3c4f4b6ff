"""What goes wrong, and how often: the usual of everything, or more of what a guard is there for."""

from dataclasses import dataclass

from simulator.meanings import MEANINGS


@dataclass(frozen=True)
class Weather:
    """Ends of prompts and payouts, kinds of forgeries to draw from (none: all of them), and shares between 0 and 1.

    A worker dies at a statement up to one of `fuses`. A round does so `many` things, `only` this one when it is named;
    `often` is an action that comes four times as often; members who are `eager` pay whatever prompt shows besides.
    """

    outcomes: tuple[str, ...] = tuple(outcome for outcome in MEANINGS["stk"] if outcome != "any")
    payouts: tuple[str, ...] = tuple(outcome for outcome in MEANINGS["b2c"] if outcome != "any")
    forgeries: tuple[str, ...] = ()
    often: str = ""
    only: str = ""
    many: tuple[int, ...] = (2, 3, 4, 5)
    crashes: float = 0.5
    # A pass of the worker's has 25 statements when nothing is due, and hundreds when much is.
    fuses: tuple[int, ...] = (10, 25, 60, 150)
    away: float = 0.12
    spooled: float = 0.05
    eager: bool = False
    # Loops of the worker's that have little to do then, and come by less often.
    seldom: frozenset[str] = frozenset()


USUAL = Weather()
PAYING_OUT = Weather(only="payout", many=(10,), seldom=frozenset({"pushes", "pulls", "inquiries", "exits"}))
