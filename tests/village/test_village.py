"""A small village; `make village` lives in a large one for two years (docs/village.md)."""

from pathlib import Path

import pytest

from tests.village import looks
from tests.village.days import Village
from tests.village.districts import District
from tests.village.run import live

# Five people who pay every week and meet: the first round is over and paid out on the eighth day.
SEED = 3407
# Five who leave a deposit, meet, and are through after one turn each.
WHOLE_LIFE = 3727


def test_a_small_village_holds_every_day_and_what_is_wrong_in_one_is_named(database_url: str, tmp_path: Path) -> None:
    named: list[str] = []
    kept: list[bytes] = []

    def spoil(village: Village) -> None:
        if village.life.days == 8:
            [group], conn = village.life.groups, village.conn
            conn.execute("UPDATE contributions SET due_cents = due_cents + 100 WHERE id = 1")
            conn.execute("UPDATE accounts SET debits_posted_cents = debits_posted_cents + 7 WHERE code = 'cash'")
            village.life.arrived[99] += 2
            group.people[0].given += 1
            group.people[1].deposited += 1
            named.extend(looks.wrong(village, last=True))

    end = live(database_url, tmp_path, places=[1], days=8, seed=SEED, keep=kept.append, told=spoil, kept_every=5)
    assert end.wrong == [] and end.did["payments"] > 3 and end.did["payouts"] and len(kept) == 1
    wrong = ("asks for another amount than its rules", "payout 99 arrived 2 times", "the books have")
    for word in (*wrong, "its postings lead to", "I7 ", "I17 ", "the box of", "left 1, the books have 0"):
        assert any(word in one for one in named), (word, named)


@pytest.mark.long
def test_a_group_begins_with_deposits_and_ends_with_nobodys_money(database_url: str, tmp_path: Path) -> None:
    boxes: list[int] = []

    def told(village: Village) -> None:
        boxes.append(village.life.groups[0].box_cents)

    end = live(database_url, tmp_path, places=[1], days=75, seed=WHOLE_LIFE, told=told)
    assert end.wrong == [] and max(boxes) > 0 == boxes[-1]
    assert end.did["groups active"] == end.did["groups completed"] == 1 and end.did["meetings"] > 1
    assert end.did["cash of meetings"] and end.did["cash banked"] and end.did["refunds"] >= 5


@pytest.mark.long
def test_the_same_seed_comes_to_the_same_end_stopped_on_the_way_or_not(
    postgres_url: str, template: str, tmp_path: Path
) -> None:
    def lived(name: str, seed: int, days: int) -> District:
        return District(postgres_url, template, tmp_path / name, seed, range(1, 3), days)

    first = lived("first", 3, 35).live()
    lived("stopped", 3, 31).live()
    assert first.wrong == [] and first == lived("stopped", 3, 35).live() != lived("other", 4, 35).live()
