"""Subscribers: their numbers, names and M-PESA balances. Who is not registered can get no payout."""

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from simulator.ground import Ground
from simulator.objections import NotNow
from simulator.store import Shelf

# Enough for years of contributions, and still an amount that somebody can overdraw on purpose.
OPENING_BALANCE_CENTS = 100_000_00
NAMES = ("Amina", "Baraka", "Chebet", "Daudi", "Esther", "Farah", "Grace", "Hassan", "Imani", "Juma", "Kamau", "Njeri")


@dataclass(frozen=True)
class Phone:
    number: str
    name: str
    balance_cents: int
    registered: bool = True


@dataclass(frozen=True)
class Person:
    """One line of the cast file that the phone page lists."""

    id: str
    name: str
    phone: str
    role: str = ""
    chama: str = ""
    language: str = ""


def normal(number: str) -> str | None:
    """`+2547XXXXXXXX` or `+2541XXXXXXXX` from any way of writing it; None when it is no Kenyan mobile number.

    A plus sign that a query string turned into a space comes back.
    """
    digits = re.sub(r"[\s+()-]", "", number)
    if re.fullmatch(r"0[17]\d{8}", digits):
        digits = "254" + digits[1:]
    return "+" + digits if re.fullmatch(r"254[17]\d{8}", digits) else None


def read_cast(path: str) -> list[Person]:
    """Empty when no file is named or it is not there yet; unknown keys are left out."""
    if not path or not Path(path).exists():
        return []
    keys = Person.__dataclass_fields__
    lines = json.loads(Path(path).read_text(encoding="utf-8"))
    return [Person(**{key: str(value) for key, value in line.items() if key in keys}) for line in lines]


class Phones:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "phones", Phone)
        self._cast_file = ground.settings.cast_file

    def of(self, number: str) -> Phone:
        """`number` is normal; a number never seen before is a subscriber from now on."""
        known = self._shelf.get(number)
        if known:
            return known
        listed = next((person.name for person in self.cast() if person.phone == number), None)
        name = listed or NAMES[int(number[-2:]) % len(NAMES)]
        return self._shelf.put(number, Phone(number, name, OPENING_BALANCE_CENTS))

    def move(self, number: str, cents: int) -> Phone:
        """Adds `cents`, which may be negative. Raises NotNow when the balance does not cover it."""
        phone = self.of(number)
        if phone.balance_cents + cents < 0:
            raise NotNow("insufficient balance")
        return self._shelf.put(number, replace(phone, balance_cents=phone.balance_cents + cents))

    def set(self, number: str, *, name: str, registered: bool) -> Phone:
        return self._shelf.put(number, replace(self.of(number), name=name, registered=registered))

    def balances(self) -> dict[str, int]:
        return {phone.number: phone.balance_cents for phone in self._shelf}

    def cast(self) -> list[Person]:
        return read_cast(self._cast_file)

    def cast_json(self) -> list[dict[str, str]]:
        return [asdict(person) for person in self.cast()]

    def clear(self) -> None:
        self._shelf.clear()
