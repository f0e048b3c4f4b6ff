"""One round: its group, and what is known of its program while it is played."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.storm.house import House
from tests.storm.people import Group, Member


@dataclass
class Round:
    """One group and its program. `whose` are receipts with the members to whom they may be credited; None: nobody."""

    number: int
    house: House
    draw: Random
    group: Group
    stranger: str
    wishes: int = 0
    orders: int = 0
    # The account that payouts are for, once it is there.
    source: int = 0
    whose: dict[str, set[int | None]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def member(self) -> Member:
        return self.draw.choice(self.group.members)
