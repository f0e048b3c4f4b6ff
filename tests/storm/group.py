"""One round's group: its members, and what is known of its program while it is played."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.storm.house import House


@dataclass(frozen=True)
class Member:
    """One person in the round's group. `account` is what she types at the paybill."""

    user_id: int
    member_id: int
    phone: str
    account: str


@dataclass
class Round:
    """One group and its program. `whose` are receipts with the members to whom they may be credited; None: nobody."""

    number: int
    house: House
    draw: Random
    chama_id: int
    chama_name: str
    book_id: int
    members: list[Member]
    stranger: str
    wishes: int = 0
    orders: int = 0
    whose: dict[str, set[int | None]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def member(self) -> Member:
        return self.draw.choice(self.members)
