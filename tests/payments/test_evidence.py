"""What a callback does to an attempt, a receipt and the books; and what a false one does not."""

from tests.payments.scene import RECEIPT, Scene, paid


def test_a_paid_push_is_booked_once(scene: Scene) -> None:
    attempt = scene.sent()
    scene.hears(paid())
    assert scene.reads() == 1
    assert scene.attempt(attempt.id).state == "paid"
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert scene.verdicts() == [("applied", None)]
    (told,) = scene.book.told
    assert (told.member_id, told.chama_id, told.amount_cents) == (attempt.member_id, attempt.chama_id, 50_000)
    assert told.paid_at.isoformat() == "2026-11-20T11:03:00+00:00"
    assert scene.reads() == 0
