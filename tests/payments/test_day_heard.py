"""What a group hears of yesterday: its own payments only, and whether the day matched."""

from datetime import timedelta

import pytest

from menus import gsm
from menus.locale import LANGUAGES
from menus.yesterday import sentence
from payments.reconciliation import day_heard
from payments.reconciliation.comparison import State
from payments.reconciliation.day_heard import Heard
from tests.payments.scene import Scene, paid


def test_a_group_hears_of_its_own_payments_of_yesterday(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    scene.reads()
    at = scene.wiring.now() + timedelta(days=1)

    def heard() -> Heard:
        # As a member, who may not see the certificate itself.
        with scene.wiring.acting_as(scene.wish.payer_id) as conn:
            return day_heard.yesterday(conn, book_id=scene.book.book_id, at=at)

    assert heard() == Heard(1, 50_000, "not_compared")
    for version, result in enumerate(("differs", "matched"), 1):
        scene.conn.execute(
            "INSERT INTO reconciliation_days VALUES (%s, '2026-11-20', %s, %s, '', %s)",
            [scene.wish.shortcode_id, version, result, at],
        )
        assert heard() == Heard(1, 50_000, result)
    with scene.wiring.acting_as(scene.wish.payer_id) as conn:
        assert day_heard.yesterday(conn, book_id=scene.book.book_id, at=at + timedelta(days=1)).count == 0
        assert day_heard.yesterday(conn, book_id=scene.book.book_id + 1, at=at).count == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["matched", "differs", "not_compared"])
@pytest.mark.parametrize("count", [0, 1, 42, 99_999])
def test_the_sentence_fits_a_screen_with_room_to_spare(language: str, state: State, count: int) -> None:
    said = sentence(language, Heard(count, count * 250_000_00, state))
    assert gsm.septets(said) <= 120, said


def test_the_sentence_of_the_issue() -> None:
    assert sentence("en", Heard(42, 2_130_000, "matched")) == (
        "Yesterday 42 payments, KES 21,300, all matched with M-PESA."
    )
