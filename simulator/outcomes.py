"""What happens next without a hand on the phone: a queue of wishes per API. `meanings` explains them."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from simulator import meanings
from simulator.ground import Ground
from simulator.store import Shelf

REFUSALS = tuple(meanings.REFUSALS)
ALLOWED = {api: tuple(outcomes) for api, outcomes in meanings.MEANINGS.items()}
ANY = "*"
DRAWN = "any"


@dataclass(frozen=True)
class Wish:
    """`phone` is normal or `*`; it is used up when `times` reaches 0."""

    number: int
    phone: str
    api: str
    outcome: str
    times: int


class Outcomes:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "outcomes", Wish)
        self._chance = ground.chance
        self._last = max((wish.number for wish in self._shelf), default=0)

    def wish(self, phone: str, api: str, outcome: str, times: int) -> Wish:
        """Raises ValueError, with the list of what is allowed, for an API or outcome that is not known."""
        if api not in ALLOWED:
            raise ValueError(f"api must be one of {', '.join(ALLOWED)}")
        if outcome not in ALLOWED[api]:
            raise ValueError(f"outcome for {api} must be one of {', '.join(ALLOWED[api])}")
        if times < 1:
            raise ValueError("times must be 1 or more")
        self._last += 1
        return self._shelf.put(str(self._last), Wish(self._last, phone, api, outcome, times))

    def take(self, api: str, phone: str | None = None, among: tuple[str, ...] | None = None) -> str | None:
        """The oldest wish for exactly this phone, else the oldest for any; None leaves it to a hand on the phone.

        `among` looks only at some outcomes, where one API has two doors; the one that pays is the one that draws.
        """
        candidates = ALLOWED[api] if among is None else among
        draws = among is None or "pays" in among
        fits = {*candidates, DRAWN} if draws else set(candidates)
        fitting = (wish for wish in self._shelf if wish.api == api and wish.outcome in fits)
        open_wishes = [wish for wish in fitting if wish.phone in (phone, ANY)]
        if not open_wishes:
            return None
        wish = min(open_wishes, key=lambda each: (each.phone == ANY, each.number))
        if wish.times == 1:
            self._shelf.drop(str(wish.number))
        else:
            self._shelf.put(str(wish.number), replace(wish, times=wish.times - 1))
        if wish.outcome != DRAWN:
            return wish.outcome
        return self._chance.of("any outcome").choice([each for each in candidates if each != DRAWN])

    def pending(self) -> list[dict[str, Any]]:
        return [asdict(wish) for wish in self._shelf]

    def clear(self) -> None:
        self._shelf.clear()
