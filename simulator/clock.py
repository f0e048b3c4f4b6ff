"""The one simulated clock: real time, or a moment at which it stands, plus an offset that only grows and is kept.

The offset of a first start is 0, or what leads from real time to the moment at which the run is to begin.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from simulator.store import Shelf, Store

# Kenya has no summer time, and a fixed offset needs no zone database on the machine.
EAT = timezone(timedelta(hours=3), "EAT")


@dataclass(frozen=True)
class Offset:
    seconds: float


class Clock:
    def __init__(self, store: Store, stands_at: str = "", begins_at: str = "") -> None:
        """ISO moments with their zone: from `stands_at` time passes by `advance` only. Raises ValueError."""
        self._stood = datetime.fromisoformat(stands_at).astimezone(UTC) if stands_at else None
        self._shelf = Shelf(store, "clock", Offset)
        self._offset = self._shelf.get("offset") or Offset(0.0)
        if begins_at and "offset" not in self._shelf:
            ahead = datetime.fromisoformat(begins_at).astimezone(UTC) - self.now()
            self._offset = self._shelf.put("offset", Offset(ahead.total_seconds()))

    def now(self) -> datetime:
        """Aware, UTC."""
        return (self._stood or datetime.now(UTC)) + timedelta(seconds=self._offset.seconds)

    @property
    def stands(self) -> bool:
        return self._stood is not None

    @property
    def offset_seconds(self) -> float:
        return self._offset.seconds

    def advance(self, seconds: float) -> None:
        """Raises ValueError for a step back: nobody's clock in the system could follow it."""
        if not seconds >= 0:
            raise ValueError("advance_seconds must be 0 or more")
        self._offset = self._shelf.put("offset", Offset(self._offset.seconds + seconds))


def daraja_digits(at: datetime) -> str:
    """`yyyyMMddHHmmss` in EAT, as in callbacks and passwords."""
    return at.astimezone(EAT).strftime("%Y%m%d%H%M%S")


def sms_moment(at: datetime) -> str:
    """`20/11/26 at 2:02 PM`, as M-PESA prints it."""
    local = at.astimezone(EAT)
    return f"{local.day}/{local.month}/{local:%y} at {local.hour % 12 or 12}:{local:%M} {local:%p}"
