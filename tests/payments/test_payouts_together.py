"""Payouts that leave, are asked about or are paid together: what is the same for all of them is read once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from payments import evidence, payouts
from tests.payments.scene import Scene
from tests.payments.treasury import Treasury, fund, heard
from tests.simulator.client import Simulator

Said = Callable[[str], int]


@pytest.fixture
def treasury(live: Scene, safaricom: Simulator) -> Treasury:
    return fund(live, safaricom)


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """How many statements with these words were said since the block began."""
    said: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *given: Any, **named: Any) -> Any:
        said.append(query if isinstance(query, str) else str(query))
        return execute(cursor, query, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", noted)
        yield lambda words: sum(words in each for each in said)


def test_keys_accounts_and_the_float_are_read_once_for_all_of_them(
    treasury: Treasury, safaricom: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    safaricom.wish("pays", api="b2c", phone="*")
    treasury.ordered()
    payouts.send_due(treasury.wiring)
    heard(treasury)
    safaricom.wish("pays_silently", api="b2c", phone="*", times=4)
    with listening(monkeypatch) as said:
        for number in range(4):
            treasury.ordered(f"together-{number}", shillings=100)
        # Each order looks once for the four accounts that it may move.
        assert said("JOIN accounts a USING") == 4 and said("open_account") == 4
    with listening(monkeypatch) as said:
        assert payouts.send_due(treasury.wiring) == 4
        assert said("FROM shortcode_credentials") == 1
    treasury.wiring.clock.advance(31)
    safaricom.advance(31)
    with listening(monkeypatch) as said:
        assert payouts.ask_due(treasury.wiring) == 4
        assert said("FROM shortcode_credentials") == 1
    heard(treasury, 5)
    states = treasury.scene.rows("SELECT state, count(*) AS many FROM payouts GROUP BY state")
    assert states == [{"state": "paid", "many": 5}] and treasury.unsound() == []


def test_balances_that_nobody_asked_for_are_looked_for_together(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        treasury.scene.hears({"Result": {"ResultCode": number}}, token=f"{number:064x}", source="balance_result")
    with listening(monkeypatch) as said:
        assert evidence.read_due(treasury.wiring, lambda *_, **__: None) == 20
        assert said("FROM balance_questions") == 1
    verdicts = treasury.scene.rows("SELECT DISTINCT verdict, reason FROM evidence WHERE source = 'balance_result'")
    assert verdicts == [{"verdict": "unmatched", "reason": "its token is not one of ours"}]
