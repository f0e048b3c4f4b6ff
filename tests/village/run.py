"""One run of the village on a migrated database: founded, lived through day by day, looked at after each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg

from gateway.wiring import Wiring
from ledger.books import open_book
from payments import shortcodes
from tests.drills.fuse import Fuse, MortalWiring
from tests.instruments import START, HandClock, SeededChance, settings_for
from tests.village import looks
from tests.village.days import Village
from tests.village.groups import found


@dataclass(frozen=True)
class End:
    """How it ended: what was done, what was wrong on the first day on which anything was, and the digest."""

    days: int
    did: dict[str, int]
    wrong: list[str]
    digest: str


def live(
    database_url: str,
    folder: Path,
    *,
    chamas: int,
    days: int,
    seed: int,
    told: Callable[[int, Village], None] = lambda _day, _village: None,
) -> End:
    """`chamas` groups for so many `days`; it ends early on a day that does not hold."""
    clock, draw = HandClock(START), Random(seed)
    settings = settings_for(database_url, "redis://127.0.0.1:1/0", folder)
    wiring = Wiring(settings, "worker", clock, SeededChance(seed))
    mortal = MortalWiring(settings, "worker", clock, SeededChance(seed + 1), fuse=Fuse())
    wrong: list[str] = []
    day = 0
    with psycopg.connect(database_url, autocommit=True) as conn:
        book_id = open_book(conn, kind="shortcode", name="600123", at=START)
        paybill = shortcodes.register(conn, number="600123", kind="paybill", name="PesaChama", book_id=book_id)
        groups = [found(conn, draw, place, START) for place in range(1, chamas + 1)]
        village = Village(conn, wiring, mortal, clock, draw, paybill, groups, SeededChance(seed + 2))
        for day in range(1, days + 1):
            village.day()
            wrong = looks.wrong(village, everything=day == days)
            told(day, village)
            if wrong:
                break
        end = End(day, dict(sorted(village.did.items())), wrong, looks.digest(village))
    wiring.close()
    mortal.close()
    return end
