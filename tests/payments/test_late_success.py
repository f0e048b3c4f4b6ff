"""A success after a failure is booked, and Safaricom is asked about it; a failure after a success changes nothing."""

import pytest

from tests.payments.scene import RECEIPT, Scene, failed, paid
from tests.payments.test_reading import status_result
from tests.payments.test_status import STATUS_TOKEN


def asked(scene: Scene) -> list[str]:
    """Receipts that Safaricom is to be asked about."""
    return [row["receipt"] for row in scene.rows("SELECT receipt FROM inquiries WHERE receipt IS NOT NULL")]


def answers(scene: Scene, **changes: str) -> tuple[str, str | None]:
    """Safaricom's own word about the receipt; what we made of it."""
    scene.conn.execute(
        "UPDATE inquiries SET state = 'asked', token_hash = sha256(%s) WHERE receipt = %s",
        [STATUS_TOKEN.encode(), RECEIPT],
    )
    scene.hears(status_result(**changes), token=STATUS_TOKEN, source="status_result")
    scene.reads()
    return scene.verdicts()[-1]


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(("code", "state"), [(1037, "failed_soft"), (1032, "failed_final")])
def test_a_success_that_contradicts_a_failure_is_booked_and_asked_about(
    scene: Scene, code: int, state: str, at_once: bool
) -> None:
    attempt = scene.sent()
    scene.hears(failed(code))
    if not at_once:
        scene.reads()
        assert scene.attempt(attempt.id).state == state
    scene.hears(paid())
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert scene.verdicts()[-1] == ("applied", f"known to be {state} before")
    assert asked(scene) == [RECEIPT]
    assert answers(scene) == ("repeated", "proved already")
    assert scene.row("SELECT state FROM inquiries WHERE receipt IS NOT NULL")["state"] == "closed"


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"Amount": "5"}, "wrong amount"), ({"DebitPartyName": "254700000006 - ATIENO"}, "wrong payer")],
)
def test_safaricom_that_says_otherwise_is_a_conflict_for_people(
    scene: Scene, changes: dict[str, str], says: str
) -> None:
    attempt = scene.sent()
    scene.hears(failed(1032))
    scene.hears(paid())
    scene.reads()
    assert answers(scene, **changes) == ("conflict", f"booked already, and Safaricom says: {says}")
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]


@pytest.mark.parametrize("code", [1037, 1032])
def test_a_failure_after_a_success_is_too_late(scene: Scene, code: int) -> None:
    attempt = scene.sent()
    scene.hears(paid())
    scene.reads()
    scene.hears(failed(code))
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.verdicts() == [("applied", None), ("late", "known to be paid")]
    assert asked(scene) == []
