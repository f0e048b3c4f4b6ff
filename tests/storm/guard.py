"""A guard of the payments, and how it is taken away for a run."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from psycopg import Connection

from tests.simulator.client import Simulator
from tests.storm.weather import USUAL, Weather

Way = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Guard:
    """What stands, how it is taken away, and the properties of which one at least must fail then.

    `statement` is said by the tables' owner at the beginning, `death` when the worker has died; `wished` are outcomes
    (api, outcome, times) without which nobody would come to the guard; so is a `weather`.
    """

    stands: str
    fails: tuple[str, ...]
    away: Way = nullcontext
    statement: str = ""
    death: str = ""
    wished: tuple[tuple[str, str, int], ...] = ()
    weather: Weather = USUAL

    def begin(self, owner: Connection[Any], simulator: Simulator) -> None:
        if self.statement:
            owner.execute(self.statement.encode())
        for api, outcome, times in self.wished:
            simulator.wish(outcome, api=api, phone="*", times=times)

    def at_death(self, owner: Connection[Any]) -> None:
        if self.death:
            owner.execute(self.death.encode())


def instead(module: Any, name: str, value: Any) -> Way:
    """For a run, `value` stands where the product has something else."""
    return lambda: patch.object(module, name, value)


def together(*ways: Way) -> Way:
    @contextmanager
    def away() -> Iterator[None]:
        with ExitStack() as exits:
            for way in ways:
                exits.enter_context(way())
            yield

    return away
