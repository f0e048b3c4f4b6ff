"""Who is registered for Pull."""

from dataclasses import dataclass

from simulator.ground import Ground
from simulator.store import Shelf


@dataclass(frozen=True)
class Registered:
    shortcode: str


class Pulls:
    """Whether the shortcode is registered, which happens once in its life."""

    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "pulls", Registered)
        self._shortcode, self._chance = ground.settings.shortcode, ground.chance

    @property
    def is_registered(self) -> bool:
        return self._shortcode in self._shelf

    def register(self) -> None:
        self._shelf.put(self._shortcode, Registered(self._shortcode))

    def reference(self) -> str:
        """`feb5e3f2-fbc8-4745-844c-ee37b546f627`"""
        text = self._chance.text("pull", 32)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
