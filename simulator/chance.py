"""Every choice of the simulator, from one seed.

Each kind of thing draws from a sequence of its own, and the place in the sequence is kept: what one kind does cannot
shift another, and a restart goes on where it stopped instead of giving the same receipt twice.
"""

import random
import string
from dataclasses import dataclass

from simulator.store import Shelf, Store

HEX = "0123456789abcdef"
LETTERS_AND_DIGITS = string.ascii_letters + string.digits
CAPITALS_AND_DIGITS = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Drawn:
    count: int


class Chance:
    def __init__(self, store: Store, seed: int) -> None:
        self._drawn = Shelf(store, "chance", Drawn)
        self.seed = seed

    def reset(self, seed: int) -> None:
        self._drawn.clear()
        self.seed = seed

    def of(self, kind: str) -> random.Random:
        """The next source of its kind: good for one thing."""
        count = (self._drawn.get(kind) or Drawn(0)).count + 1
        self._drawn.put(kind, Drawn(count))
        return random.Random(f"{self.seed}/{kind}/{count}")  # noqa: S311 - repeatable is the point

    def text(self, kind: str, length: int, alphabet: str = HEX) -> str:
        return "".join(self.of(kind).choices(alphabet, k=length))
