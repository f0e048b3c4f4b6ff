"""Everything on the status page at one instant."""

from dataclasses import dataclass
from datetime import datetime

from chamas import directory
from gateway import depths
from ledger import overview as books
from ledger.nairobi import day_begins
from ledger.wires import Connection
from payments import overview as money


@dataclass(frozen=True)
class Board:
    """What a treasurer of all groups wants to see at a glance; sums are cents."""

    arrivals: list[money.Arrival]
    booked_today: money.Sum
    held_cents: int
    oddities: list[money.Oddity]
    odd_today: int
    suspense: list[money.Suspended]
    suspense_sum: money.Sum
    queues: list[depths.Queue]
    set_aside: int
    unsealed: int
    batches: list[books.Batch]
    messages: dict[str, int]


def read(conn: Connection, at: datetime) -> Board:
    """The board as of `at` (UTC); today is the day in Nairobi."""
    today = day_begins(at)
    return Board(
        arrivals=money.arrivals(conn),
        booked_today=money.booked_since(conn, today),
        held_cents=books.held_cents(conn),
        oddities=money.oddities(conn),
        odd_today=money.oddities_since(conn, today),
        suspense=money.suspense(conn),
        suspense_sum=money.suspense_sum(conn),
        queues=depths.queues(conn),
        set_aside=depths.set_aside(conn),
        unsealed=books.unsealed(conn),
        batches=books.batches(conn, limit=6),
        messages=directory.messages_since(conn, today),
    )
