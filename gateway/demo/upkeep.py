"""Starts again what ends by itself while the demo is up, so that an outage can be tried by hand: `kill -9`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from embedded.server import Server, StartError

# Whoever tries an outage kills a part a few times; one that ends again and again at once has a trouble of its own.
MOST_STARTS = 5
LATELY_SECONDS = 60.0


@dataclass
class Upkeep:
    """Looks after these servers, by name."""

    servers: Mapping[str, Server]
    _starts: dict[str, list[float]] = field(default_factory=dict)

    def look(self) -> list[str]:
        """Starts again what has ended, and returns a line for each. Raises StartError for what ends too often."""
        return [self._start(name) for name, server in self.servers.items() if not server.alive]

    def _start(self, name: str) -> str:
        begun = time.monotonic()
        lately = [start for start in self._starts.get(name, []) if start > begun - LATELY_SECONDS]
        if len(lately) >= MOST_STARTS:
            raise StartError(f"{name} ended by itself {MOST_STARTS} times within {LATELY_SECONDS:.0f} s")
        self._starts[name] = [*lately, begun]
        try:
            self.servers[name].restart()
        except StartError as trouble:
            return f"{name} ended by itself and did not start: {str(trouble).splitlines()[0]}"
        return f"{name} ended by itself; it is up again after {time.monotonic() - begun:.1f} s"
