"""A stranger who names a member's receipt under a token of his own cannot take the money from her payment."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from payments import reconcile
from payments.evidence.settle import LEFT_FOR
from tests.payments.scene import ATIENO, MERCHANT, RECEIPT, Scene, answered, failed, paid
from tests.payments.test_reading import status_result
from tests.payments.test_status import OTHER_TOKEN, STATUS_TOKEN, status_inquiry

PUSH_STATUS_TOKEN = "d4" * 32


def by_receipt(scene: Scene) -> None:
    """Safaricom's answer about the receipt, which says nothing about the request."""
    scene.hears(status_result(), token=STATUS_TOKEN, source="status_result")


def by_push(scene: Scene) -> None:
    scene.conn.execute(
        "UPDATE inquiries SET token_hash = sha256(%s) WHERE kind = 'status' AND receipt IS NULL",
        [PUSH_STATUS_TOKEN.encode()],
    )
    scene.hears(status_result(), token=PUSH_STATUS_TOKEN, source="status_result")


def by_callback(scene: Scene) -> None:
    scene.hears(paid())


def named_by_a_stranger(scene: Scene) -> None:
    scene.hears(paid(), token=OTHER_TOKEN)
    scene.reads()
    scene.conn.execute(
        "UPDATE inquiries SET state = 'asked', token_hash = sha256(%s) WHERE receipt = %s",
        [STATUS_TOKEN.encode(), RECEIPT],
    )


# Whatever comes first; only Safaricom's answer about the receipt needs somebody who named it.
ORDERS = [
    order
    for order in permutations((named_by_a_stranger, by_receipt, by_push, by_callback))
    if order.index(named_by_a_stranger) < order.index(by_receipt)
]


@pytest.mark.parametrize("merchant", [MERCHANT, pytest.param(None, marks=pytest.mark.full)])
@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(one.__name__ for one in order))
def test_her_money_is_hers_in_whatever_order_the_answers_come(
    scene: Scene, order: tuple[Callable[[Scene], None], ...], at_once: bool, merchant: str | None
) -> None:
    attempt = scene.sent(merchant=merchant)
    scene.hears(answered("0"), source="stk_query")
    scene.reads()
    assert scene.attempt(attempt.id).state == "proven"
    for answer in order:
        answer(scene)
        if not at_once:
            scene.reads()
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert [one.attempt_id for one in scene.book.told] == [attempt.id]
    assert scene.rows("SELECT * FROM suspense") == []


@pytest.mark.parametrize(
    ("told", "source", "state"),
    [
        (None, "", "pending"),
        (failed(1037), "stk_callback", "failed_soft"),
        (answered("0"), "stk_query", "proven"),
    ],
)
def test_her_money_waits_while_her_payment_does(
    scene: Scene, told: dict[str, Any] | None, source: str, state: str
) -> None:
    attempt = scene.sent()
    if told is not None:
        scene.hears(told, source=source)
        scene.reads()
    named_by_a_stranger(scene)
    by_receipt(scene)
    scene.reads()
    assert scene.attempt(attempt.id).state == state
    assert scene.verdicts()[-1] == ("unread", "a payment that it fits still waits")
    assert scene.row("SELECT outcome FROM inquiries WHERE receipt IS NOT NULL")["outcome"] == "answered"
    assert scene.receipts() == []


@pytest.mark.parametrize("told_first", [True, False])
def test_money_that_nobody_claims_is_booked_in_the_end_though_nobody_is_asked_any_more(
    scene: Scene, told_first: bool
) -> None:
    attempt = scene.sent()
    named_by_a_stranger(scene)
    if told_first:
        by_receipt(scene)
        scene.reads()
        assert scene.receipts() == []
    # Longer than anything is asked about: nobody was there in the hours in which it would have been asked once more.
    scene.wiring.clock.advance((LEFT_FOR if not told_first else 2 * reconcile.STATUS_FOR).total_seconds())  # type: ignore[attr-defined]
    if not told_first:
        by_receipt(scene)
    scene.reads()
    assert scene.attempt(attempt.id).state == "pending"
    assert scene.receipts() == [(RECEIPT, 50_000, None)]
    assert scene.row("SELECT reason FROM suspense")["reason"] == "no payment waits for it"
    assert scene.row("SELECT state FROM inquiries WHERE receipt IS NOT NULL")["state"] == "closed"


@pytest.mark.parametrize(
    "changes",
    [
        {"Amount": "499"},
        {"DebitPartyName": f"{ATIENO[1:]} - ATIENO"},
        {"FinalisedTime": "20261120130300"},
        {"FinalisedTime": "20261122140300"},
    ],
)
def test_money_that_fits_no_waiting_payment_is_booked_at_once(scene: Scene, changes: dict[str, str]) -> None:
    scene.sent()
    status_inquiry(scene, receipt=RECEIPT)
    scene.hears(status_result(**changes), token=STATUS_TOKEN, source="status_result")
    scene.reads()
    assert [owner for _, _, owner in scene.receipts()] == [None]


def test_money_is_nobodys_once_her_payment_has_ended_without_it(scene: Scene) -> None:
    scene.sent()
    scene.hears(failed(1032))
    scene.reads()
    named_by_a_stranger(scene)
    by_receipt(scene)
    scene.reads()
    assert len(scene.rows("SELECT * FROM suspense")) == 1
