"""Transaction Status results: Safaricom's own word about a receipt, booked to an attempt or to suspense."""

import pytest

from tests.payments.scene import MERCHANT, RECEIPT, Scene, paid
from tests.payments.test_reading import status_result

OTHER_TOKEN = "b2" * 32
STATUS_TOKEN = "c3" * 32


def status_inquiry(scene: Scene, *, attempt_id: int | None = None, receipt: str | None = None) -> None:
    scene.conn.execute(
        "INSERT INTO inquiries (kind, shortcode_id, attempt_id, receipt, token_hash, state, opened_at) "
        "VALUES ('status', %s, %s, %s, sha256(%s), 'asked', %s)",
        [scene.wish.shortcode_id, attempt_id, receipt, STATUS_TOKEN.encode(), scene.wiring.now()],
    )


def test_a_status_result_posts_like_a_callback(scene: Scene) -> None:
    attempt = scene.sent()
    status_inquiry(scene, attempt_id=attempt.id)
    scene.hears(status_result(OriginatorConversationID=MERCHANT), token=STATUS_TOKEN, source="status_result")
    scene.reads()
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    scene.hears(paid())
    scene.reads()
    assert scene.verdicts() == [("applied", None), ("repeated", None)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Amount": "499"}, "wrong amount"),
        ({"DebitPartyName": "254700000006 - ATIENO"}, "wrong payer"),
    ],
)
def test_proved_money_that_fits_no_attempt_goes_to_suspense(scene: Scene, changes: dict[str, str], reason: str) -> None:
    attempt = scene.sent()
    status_inquiry(scene, attempt_id=attempt.id)
    scene.hears(status_result(**changes), token=STATUS_TOKEN, source="status_result")
    scene.reads()
    assert scene.attempt(attempt.id).state == "pending"
    assert [(row["receipt"], row["reason"]) for row in scene.rows("SELECT * FROM suspense")] == [(RECEIPT, reason)]
    assert scene.receipts()[0][2] is None


def test_a_receipt_of_nobody_and_a_double_payment_go_to_suspense(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    scene.reads()
    status_inquiry(scene, receipt="NLJ7RT61SX")
    proved = status_result(ReceiptNo="NLJ7RT61SX", OriginatorConversationID=MERCHANT)
    scene.hears(proved, token=STATUS_TOKEN, source="status_result")
    scene.reads()
    assert scene.row("SELECT * FROM suspense")["reason"] == "paid twice"
    assert [(receipt, owner is None) for receipt, _, owner in scene.receipts()] == [
        (RECEIPT, False),
        ("NLJ7RT61SX", True),
    ]


@pytest.mark.parametrize(
    ("token", "changes", "verdict"),
    [
        (OTHER_TOKEN, {}, "unmatched"),
        (STATUS_TOKEN, {"ReceiptNo": "NLJ7RT61SX"}, "refused"),
        (STATUS_TOKEN, {"TransactionStatus": "Declined"}, "applied"),
        (STATUS_TOKEN, {"DebitAccountType": "Utility Account"}, "applied"),
    ],
)
def test_a_status_result_that_proves_nothing_books_nothing(
    scene: Scene, token: str, changes: dict[str, str], verdict: str
) -> None:
    scene.sent()
    status_inquiry(scene, receipt=RECEIPT)
    scene.hears(status_result(**changes), token=token, source="status_result")
    scene.reads()
    assert scene.verdicts()[0][0] == verdict
    assert scene.receipts() == []
