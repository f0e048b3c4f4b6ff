"""Everything on the status page at one instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chamas import directory
from gateway import alarms, depths
from ledger import overview as books
from ledger.nairobi import day_begins
from ledger.wires import Connection
from payments import overview as money
from payments import watch

# What came on a Friday evening must still stand there on Monday.
LOOKED_AT_FOR = timedelta(days=3)


@dataclass(frozen=True)
class Board:
    """What a treasurer of all groups wants to see at a glance; sums are cents."""

    arrivals: list[money.Arrival]
    booked_today: money.Sum
    held: books.Held
    oddities: list[money.Oddity]
    strangers: list[money.Oddity]
    suspense: list[money.Suspended]
    suspense_sum: money.Sum
    queues: list[depths.Queue]
    set_aside: int
    unsealed: int
    batches: list[books.Batch]
    alarms: list[alarms.Alarm]
    open_money: list[watch.Open]
    messages: dict[str, int]

    @property
    def to_look_at(self) -> int:
        """How much on the board asks for a person."""
        return len(self.alarms) + len(self.oddities) + self.suspense_sum.count + self.set_aside


def read(conn: Connection, at: datetime) -> Board:
    """The board as of `at` (UTC); today is the day in Nairobi."""
    today = day_begins(at)
    return Board(
        arrivals=money.arrivals(conn),
        booked_today=money.booked_since(conn, today),
        held=books.held(conn),
        oddities=money.oddities(conn, ours=True, since=at - LOOKED_AT_FOR, limit=10),
        strangers=money.oddities(conn, ours=False, since=at - LOOKED_AT_FOR, limit=5),
        suspense=money.suspense(conn),
        suspense_sum=money.suspense_sum(conn),
        queues=depths.queues(conn),
        set_aside=depths.set_aside(conn),
        unsealed=books.unsealed(conn),
        batches=books.batches(conn, limit=6),
        alarms=alarms.read(conn, at),
        open_money=watch.open_money(conn, at=at),
        messages=directory.messages_since(conn, today),
    )
