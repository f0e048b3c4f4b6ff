"""Redis is emptied, or dies, between two turns and in the middle of payments: what it held can be had again."""

import pytest

from tests.drills.demo import Demo

pytestmark = pytest.mark.full


def lose(demo: Demo, how: str) -> None:
    if how == "flushed":
        with demo.redis() as client:
            client.flushall()
    else:
        demo.kill("Redis")
        demo.restart("Redis")


@pytest.mark.parametrize(("how", "shillings"), [("flushed", 530), ("killed", 540)])
def test_redis_is_lost_between_two_turns(demo: Demo, how: str, shillings: int) -> None:
    """A lost session is played again from its text, and what moves money is asked for once more."""
    phone, session = demo.phones[4], f"drill-redis-{how}"
    question = ""
    for text in ("", "1", f"1*{shillings}"):
        question = demo.turn(session, phone, text).text
        assert question.startswith("CON ")
    lose(demo, how)
    answer = demo.turn(session, phone, f"1*{shillings}*1").text
    if how == "flushed":
        assert answer == question
        answer = demo.turn(session, phone, f"1*{shillings}*1*1").text
    assert answer.startswith("END ")
    demo.wait_for_prompts([phone])
    demo.pay([phone])
    demo.drain()
    demo.is_sound()


@pytest.mark.parametrize(("how", "shillings"), [("flushed", 550), ("killed", 560)])
def test_redis_is_lost_in_the_middle_of_payments(demo: Demo, how: str, shillings: int) -> None:
    told = demo.told()
    for phone in demo.phones:
        demo.ask_to_contribute(phone, shillings)
    demo.wait_for_prompts(demo.phones)
    demo.pay(demo.phones[:5])
    lose(demo, how)
    demo.pay(demo.phones[5:])
    demo.drain()
    demo.is_sound()
    assert demo.told() == {phone: count + 1 for phone, count in told.items()}


def test_a_turn_without_redis_ends_in_words(demo: Demo) -> None:
    demo.kill("Redis")
    answer = demo.turn("drill-redis-away", demo.phones[4], "")
    assert answer.status_code == 200
    assert answer.text.startswith(("CON ", "END "))
    assert answer.elapsed.total_seconds() < 4
