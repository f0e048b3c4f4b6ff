"""PostgreSQL dies and comes back: turns end in words, callbacks wait on the disk, and nothing that moved is lost."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.drills.demo import Demo, until

pytestmark = pytest.mark.full


def test_postgres_is_killed_in_the_middle_of_payments(demo: Demo) -> None:
    told, before = demo.told(), len(demo.truth())
    for phone in demo.phones:
        demo.ask_to_contribute(phone, 570)
    demo.wait_for_prompts(demo.phones)
    demo.pay(demo.phones[:3])
    demo.kill("PostgreSQL")
    demo.pay(demo.phones[3:])
    until(lambda: demo.spooled() >= len(demo.phones[3:]), "the callbacks in the spool")
    demo.restart("PostgreSQL")
    demo.drain()
    demo.is_sound()
    assert len(demo.truth()) == before + len(demo.phones)
    assert demo.told() == {phone: count + 1 for phone, count in told.items()}


def test_turns_without_postgres_end_in_words_and_in_time(demo: Demo) -> None:
    demo.kill("PostgreSQL")
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda number: demo.turn(f"drill-away-{number}", demo.phones[number], ""), range(8)))
    demo.restart("PostgreSQL")
    for answer in answers:
        assert answer.status_code == 200
        assert answer.text.startswith("END ")
        assert answer.elapsed.total_seconds() < 4
    references = {answer.text.split()[-1] for answer in answers}
    assert len(references) == len(answers)
    assert until(lambda: demo.turn("drill-back", demo.phones[4], "").text.startswith("CON "), "an answer again")


def test_turns_are_answered_soon_after_a_long_outage(demo: Demo) -> None:
    """However long it was away: the next try to connect must not lie minutes ahead."""
    demo.kill("PostgreSQL")
    for number in range(16):
        assert demo.turn(f"drill-long-{number}", demo.phones[number % 8], "").text.startswith("END ")
    demo.restart("PostgreSQL")
    begun = time.monotonic()
    until(lambda: demo.turn("drill-after", demo.phones[4], "").text.startswith("CON "), "an answer again")
    assert time.monotonic() - begun < 3


def test_nobody_hears_of_a_restart_that_is_over(demo: Demo) -> None:
    """Every connection of the web was cut; each is noticed before anything is said over it."""

    def everybody_dials(when: str) -> set[str]:
        turns = [(f"drill-{when}-{number}", demo.phones[number % 8]) for number in range(40)]
        with ThreadPoolExecutor(8) as hands:
            return set(hands.map(lambda turn: demo.turn(*turn, "").text[:4], turns))

    assert everybody_dials("before") == {"CON "}
    demo.restart("PostgreSQL")
    assert demo.rows("SELECT 1 AS up") == [{"up": 1}]
    assert everybody_dials("after") == {"CON "}
