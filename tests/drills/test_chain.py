"""The chain dies, stalls or takes blocks back while batches are sealed: all are anchored in the end, none twice."""

import pytest

from tests.drills.demo import Demo, until

# The same laws hold in tests/ledger/test_chain.py and test_sync.py, where nothing is started for them.
pytestmark = pytest.mark.full


def pay_all(demo: Demo, shillings: int) -> None:
    """Payments of everybody, booked but with their seal still under way."""
    before = len(demo.receipts())
    for phone in demo.phones:
        demo.ask_to_contribute(phone, shillings)
    demo.wait_for_prompts(demo.phones)
    demo.pay(demo.phones)
    until(lambda: len(demo.receipts()) == before + len(demo.phones), "the receipts in the books")


def act(demo: Demo, action: str, **more: int) -> None:
    answer = demo.simulator.post("/control/chain", action=action, **more)
    assert "error" not in answer, answer


def batches_at_work(demo: Demo) -> bool:
    return bool(demo.unfinished().keys() & {"leaves", "batches"})


def test_the_chain_is_killed_while_batches_are_sealed(demo: Demo) -> None:
    demo.kill("chain")
    pay_all(demo, 610)
    assert until(lambda: batches_at_work(demo), "a batch that waits for its chain")
    demo.restart("chain")
    demo.drain()
    demo.is_sound()


def test_the_chain_is_killed_with_a_transaction_in_its_pool(demo: Demo) -> None:
    act(demo, "stall")
    pay_all(demo, 620)
    until(lambda: demo.count("SELECT count(*) FROM chain_transactions WHERE state = 'sent'"), "a sent transaction")
    demo.kill("chain")
    demo.restart("chain")
    act(demo, "resume")
    demo.drain()
    demo.is_sound()


@pytest.mark.parametrize(("depth", "shillings"), [(1, 630), (3, 640)])
def test_the_chain_takes_blocks_back(demo: Demo, depth: int, shillings: int) -> None:
    pay_all(demo, shillings)
    act(demo, "reorg", depth=depth)
    demo.drain()
    taken_back = "SELECT count(*) FROM chain_logs WHERE NOT canonical"
    before = demo.count(taken_back)
    act(demo, "reorg", depth=depth)
    until(lambda: demo.count(taken_back) > before, "the notice that blocks were taken back")
    demo.drain()
    demo.is_sound()


def test_the_worker_is_killed_while_the_chain_stalls(demo: Demo) -> None:
    """The signed transaction was committed before it was sent: the next worker sends the same bytes again."""
    act(demo, "stall")
    pay_all(demo, 650)
    until(lambda: demo.count("SELECT count(*) FROM chain_transactions WHERE state <> 'mined'"), "a transaction")
    demo.kill("worker")
    act(demo, "resume")
    demo.restart("worker")
    demo.drain()
    demo.is_sound()
    signed_twice = "SELECT batch FROM chain_transactions WHERE purpose = 'anchor' GROUP BY batch HAVING count(*) > 1"
    assert demo.rows(signed_twice) == []
