"""A small village; `make village` lives in a large one for two years (docs/village.md)."""

from pathlib import Path

import pytest

from tests.village import looks
from tests.village.days import Village
from tests.village.districts import District
from tests.village.run import live

# Five people who pay every week: the first round is over and paid out on the eighth day.
SEED = 669


def test_a_small_village_holds_every_day_and_what_is_wrong_in_one_is_named(database_url: str, tmp_path: Path) -> None:
    named: list[str] = []
    kept: list[bytes] = []

    def spoil(village: Village) -> None:
        if village.life.days == 8:
            village.conn.execute("UPDATE contributions SET due_cents = due_cents + 100 WHERE id = 1")
            village.life.arrived[99] += 2
            village.life.groups[0].people[0].given += 1
            named.extend(looks.wrong(village, last=True))

    end = live(database_url, tmp_path, places=[1], days=8, seed=SEED, keep=kept.append, told=spoil, kept_every=5)
    assert end.wrong == [] and end.did["payments"] > 3 and end.did["payouts"] and len(kept) == 1
    for word in ("asks for another amount than its rules", "payout 99 arrived 2 times", "the books have"):
        assert any(word in one for one in named), word


@pytest.mark.long
def test_the_same_seed_comes_to_the_same_end_stopped_on_the_way_or_not(
    postgres_url: str, template: str, tmp_path: Path
) -> None:
    def lived(name: str, seed: int, days: int) -> District:
        return District(postgres_url, template, tmp_path / name, seed, range(1, 3), days)

    first = lived("first", 3, 35).live()
    lived("stopped", 3, 31).live()
    assert first.wrong == [] and first == lived("stopped", 3, 35).live() != lived("other", 4, 35).live()
