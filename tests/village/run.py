"""One district of the village on a migrated database: founded, lived through day by day, looked at after each.

Theory of operation. Everything that a district is lies in its database and in its `Life`. After every thirtieth day its
connections are closed and `keep` may put both away, whether somebody wants to go on there or not: a run that was
stopped and goes on does the same as one in one go.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
from tests.village.days import Life, Village
from tests.village.groups import found
from tests.village.money import PAYBILL

# Days after which it is put away.
KEPT_EVERY = 30


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
    places: Sequence[int],
    days: int,
    seed: int,
    kept: bytes = b"",
    keep: Callable[[bytes], None] = lambda _life: None,
    told: Callable[[Village], None] = lambda _village: None,
    kept_every: int = KEPT_EVERY,
) -> End:
    """The groups at these `places` live so many `days`, or go on after those that were `kept`; it ends early on a day
    that does not hold.
    """
    life = pickle.loads(kept) if kept else _founded(database_url, places, seed)  # noqa: S301 - our own
    while True:
        with _village(database_url, folder, life) as village:
            until = min(days, (life.days // kept_every + 1) * kept_every)
            wrong: list[str] = []
            while life.days < until and not wrong:
                village.day()
                wrong = looks.wrong(village, last=life.days == days)
                told(village)
            if wrong or life.days >= days:
                return End(life.days, dict(sorted(life.did.items())), wrong, looks.digest(village))
            life.checkpoints = Path(village.wiring.settings.checkpoint_file).read_bytes()
        keep(pickle.dumps(life))


@contextmanager
def _village(database_url: str, folder: Path, life: Life) -> Iterator[Village]:
    settings = settings_for(database_url, "redis://127.0.0.1:1/0", folder)
    Path(settings.checkpoint_file).write_bytes(life.checkpoints)
    wiring = Wiring(settings, "worker", life.clock, life.chances[0])
    mortal = MortalWiring(settings, "worker", life.clock, life.chances[1], fuse=Fuse())
    try:
        with psycopg.connect(database_url, autocommit=True) as conn:
            yield Village(conn, wiring, mortal, life)
    finally:
        wiring.close()
        mortal.close()


def _founded(database_url: str, places: Sequence[int], seed: int) -> Life:
    """Each group is drawn by its own place, whoever lives beside it."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        book_id = open_book(conn, kind="shortcode", name=PAYBILL, at=START)
        paybill = shortcodes.register(conn, number=PAYBILL, kind="paybill", name="PesaChama", book_id=book_id)
        groups = [found(conn, Random(f"{seed}/{place}"), place, START) for place in places]
    draw = Random(f"{seed}/{places[0]} days")
    first, second, third = (SeededChance(seed * 1_000_000 + places[0] * 3 + one) for one in range(3))
    return Life(HandClock(START), draw, paybill, groups, (first, second, third))
