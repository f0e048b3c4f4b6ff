"""What every part of the world stands on: time, chance, memory, and the way out to the gateway."""

from dataclasses import dataclass

from simulator.chance import Chance
from simulator.changes import Changes
from simulator.clock import Clock
from simulator.courier import Courier
from simulator.settings import Settings
from simulator.store import Store
from simulator.timetable import Timetable


@dataclass(frozen=True)
class Ground:
    settings: Settings
    store: Store
    clock: Clock
    chance: Chance
    timetable: Timetable
    courier: Courier
    changes: Changes


def lay(settings: Settings) -> Ground:
    store = Store(settings.database)
    clock = Clock(store, settings.clock, settings.begins_at)
    return Ground(
        settings=settings,
        store=store,
        clock=clock,
        chance=Chance(store, settings.seed),
        timetable=Timetable(store, clock),
        courier=Courier(store, clock),
        changes=Changes(),
    )
