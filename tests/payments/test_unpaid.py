"""A member is told why her money has not come: once for an attempt, and not when she ended it herself."""

from typing import Any

import pytest

from chamas.arriving import unpaid
from payments import evidence
from tests.payments.scene import Scene, answered, failed, paid


def reads(scene: Scene) -> list[dict[str, Any]]:
    evidence.read_due(scene.wiring, scene.book, unpaid.tell_unpaid)
    return scene.rows("SELECT dedupe_key, template, user_id, arguments FROM notifications ORDER BY id")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (1, "There is not enough money in your M-PESA."),
        (2001, "The M-PESA PIN was wrong."),
        (1037, "You did not answer the M-PESA prompt in time."),
        (1025, "M-PESA could not take the payment. We have been told."),
    ],
)
def test_she_is_told_why(scene: Scene, code: int, why: str) -> None:
    attempt = scene.sent()
    scene.hears(failed(code))
    told = {
        "dedupe_key": f"unpaid:{attempt.id}",
        "template": "contribution_not_paid",
        "user_id": attempt.payer_id,
        "arguments": {"chama": "Umoja Group", "amount_cents": 50_000, "why": why},
    }
    assert reads(scene) == [told]
    scene.hears(answered(str(code)), source="stk_query")
    scene.hears(failed(1))
    assert reads(scene) == [told]


@pytest.mark.parametrize("code", [1031, 1032, 26, 4999, 77])
def test_what_she_did_herself_or_is_not_over_is_no_news(scene: Scene, code: int) -> None:
    scene.sent()
    scene.hears(failed(code))
    assert reads(scene) == []


def test_a_failure_that_money_overtakes_in_the_same_batch_is_no_news(scene: Scene) -> None:
    scene.sent()
    scene.hears(failed(1))
    scene.hears(paid())
    assert reads(scene) == []


def test_a_forged_failure_tells_nobody(scene: Scene) -> None:
    scene.sent()
    scene.hears(failed(1), token="f6" * 32)
    assert reads(scene) == []
