"""The one clock of a process, in UTC.

In the demo all processes share the simulator's clock, which a hand can move: `CLOCK_URL` names it. A turn must not wait
for an HTTP answer to know the time, so the offset to real time is fetched by a thread of its own and read from memory.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# How often the simulated clock's offset is asked for; a moved clock is noticed within this many seconds.
POLL_SECONDS = 0.1


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class StandingClock:
    """One moment, for what is written before a simulated clock runs."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at


class OffsetClock:
    """Real time plus an offset in seconds that `fetch` tells; keeps the last offset when nobody answers."""

    def __init__(self, fetch: Callable[[], float], poll_seconds: float = POLL_SECONDS) -> None:
        self._fetch = fetch
        self._poll_seconds = poll_seconds
        self._offset = timedelta(0)
        self._stopped = threading.Event()
        self.refresh()
        threading.Thread(target=self._follow, name="clock", daemon=True).start()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def refresh(self) -> None:
        """Asks for the offset at once instead of at the next poll."""
        try:
            self._offset = timedelta(seconds=self._fetch())
        except OSError:
            # The simulator may start after us or be restarting: time goes on as last told.
            return

    def stop(self) -> None:
        self._stopped.set()

    def _follow(self) -> None:
        while not self._stopped.wait(self._poll_seconds):
            self.refresh()
