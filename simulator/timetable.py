"""What is going to happen, and when, in simulated time: one heap, kept on its shelf.

An event names what shall act on it and the few words it needs, so that it survives a restart. Nothing is ever taken
off the heap early: an event that finds its prompt or session gone does nothing.
"""

import heapq
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.clock import Clock
from simulator.store import Shelf, Store

log = logging.getLogger("simulator")


@dataclass(frozen=True)
class Event:
    """`due` is aware UTC; `facts` are the words that the actor of this `kind` needs."""

    number: int
    due: datetime
    kind: str
    facts: dict[str, str]


Actor = Callable[[Event], None]


class Timetable:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._shelf = Shelf(store, "events", Event)
        self._heap = [(event.due, event.number) for event in self._shelf]
        heapq.heapify(self._heap)
        self._last = max((event.number for event in self._shelf), default=0)
        self._actors: dict[str, Actor] = {}

    def on(self, kind: str, actor: Actor) -> None:
        self._actors[kind] = actor

    def after(self, seconds: float, kind: str, facts: dict[str, str], *, start: datetime | None = None) -> None:
        """`start` is the simulated moment to count from; now, when it is left out."""
        self._last += 1
        event = Event(self._last, (start or self._clock.now()) + timedelta(seconds=seconds), kind, facts)
        self._shelf.put(str(event.number), event)
        heapq.heappush(self._heap, (event.due, event.number))

    def fire_due(self) -> None:
        """Everything due, in order, with what it makes due on the way."""
        while self._heap and self._heap[0][0] <= self._clock.now():
            _, number = heapq.heappop(self._heap)
            event = self._shelf.get(str(number))
            if event is None:
                continue
            self._shelf.drop(str(number))
            try:
                self._actors[event.kind](event)
            except Exception:
                log.exception("event %s failed and is set aside", event.kind)

    def clear(self) -> None:
        self._heap.clear()
        self._shelf.clear()
