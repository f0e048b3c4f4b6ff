"""The worker dies while prompts are out, callbacks arrive and money waits to be booked."""

import pytest

from tests.drills.demo import Demo, until

pytestmark = pytest.mark.full


def test_the_worker_is_killed_in_the_middle_of_payments(demo: Demo) -> None:
    told, before = demo.told(), len(demo.truth())
    early, late, unsent = demo.phones[:4], demo.phones[4:7], demo.phones[7:]
    for phone in early + late:
        assert "M-PESA" in demo.ask_to_contribute(phone, 510)
    demo.wait_for_prompts(early + late)
    demo.pay(early)
    demo.kill("worker")
    demo.pay(late)
    for phone in unsent:
        demo.ask_to_contribute(phone, 510)
    assert demo.unfinished()
    demo.restart("worker")
    demo.wait_for_prompts(unsent)
    demo.pay(unsent)
    demo.drain()
    demo.is_sound()
    assert len(demo.truth()) == before + len(demo.phones)
    assert demo.told() == {phone: count + 1 for phone, count in told.items()}


def test_the_worker_is_killed_again_and_again(demo: Demo) -> None:
    """Wherever it stands, before and after each call that leaves the house, nobody is prompted or told twice."""
    told, moved = demo.told(), demo.truth()
    for phone in demo.phones:
        demo.ask_to_contribute(phone, 520)
    until(lambda: any(map(demo.prompted, demo.phones)), "the first M-PESA prompt")
    for _ in range(3):
        demo.kill("worker")
        demo.pay(demo.phones)
        demo.restart("worker")
    demo.pay(demo.phones)
    demo.drain()
    demo.is_sound()
    paid = [row["phone"] for row in demo.simulator.receipts() if row["receipt"] not in moved]
    assert paid
    assert demo.told() == {phone: count + paid.count(phone) for phone, count in told.items()}
    assert max(map(paid.count, paid)) == 1
