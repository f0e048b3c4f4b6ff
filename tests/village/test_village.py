"""A small village; `make village` lives in a large one for two years (docs/village.md)."""

from pathlib import Path

import pytest

from tests.conftest import a_database, as_owner
from tests.village import looks
from tests.village.days import Village
from tests.village.run import End, live

# Five people who pay every week: the first round is over and paid out on the eighth day.
SEED = 44


def test_a_small_village_holds_every_day_and_what_is_wrong_in_one_is_named(database_url: str, tmp_path: Path) -> None:
    named: list[str] = []

    def spoil(day: int, village: Village) -> None:
        if day == 8:
            village.conn.execute("UPDATE contributions SET due_cents = due_cents + 100 WHERE id = 1")
            village.arrived[99] += 2
            village.groups[0].people[0].given += 1
            named.extend(looks.wrong(village, everything=True))

    end = live(database_url, tmp_path, chamas=1, days=8, seed=SEED, told=spoil)
    assert end.wrong == [] and end.did["payments"] > 3 and end.did["payouts"]
    for word in ("asks for another amount than its rules", "payout 99 arrived 2 times", "the books have"):
        assert any(word in one for one in named), word


@pytest.mark.long
def test_the_same_seed_comes_to_the_same_end(postgres_url: str, template: str, tmp_path: Path) -> None:
    def lived(seed: int) -> End:
        with a_database(postgres_url, template) as name:
            return live(as_owner(postgres_url, name), tmp_path, chamas=2, days=20, seed=seed)

    first = lived(3)
    assert first.wrong == [] and first == lived(3) != lived(4)
