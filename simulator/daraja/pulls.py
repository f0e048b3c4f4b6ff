"""Which shortcodes are registered for Pull."""

from dataclasses import dataclass

from simulator.ground import Ground
from simulator.store import Shelf


@dataclass(frozen=True)
class Registered:
    shortcode: str


class Pulls:
    """Each registers once in its life."""

    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "pulls", Registered)
        self._chance = ground.chance

    def is_registered(self, shortcode: str) -> bool:
        return shortcode in self._shelf

    def register(self, shortcode: str) -> None:
        self._shelf.put(shortcode, Registered(shortcode))

    def reference(self) -> str:
        """`feb5e3f2-fbc8-4745-844c-ee37b546f627`"""
        text = self._chance.text("pull", 32)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
