"""What an operator must see: how long money has been unclear, and that Safaricom does not call."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway import alarms
from payments import overview, watch
from tests.payments.scene import ATIENO, RECEIPT, Scene, answered, failed, notice, paid
from tests.payments.test_status import STATUS_TOKEN

PHONES = ("+254700000011", "+254700000012", "+254700000013")


def waits(scene: Scene, **given: float) -> None:
    scene.wiring.clock.advance(timedelta(**given).total_seconds())  # type: ignore[attr-defined]


def prompts(scene: Scene, count: int) -> None:
    for number, phone in enumerate(PHONES[:count]):
        with scene.wiring.transaction() as conn:
            (payer,) = conn.execute(
                "INSERT INTO users (phone, first_name, created_at) VALUES (%s, 'Somebody', %s) RETURNING id",
                [phone, scene.wiring.now()],
            ).fetchone() or [0]
        scene.sent(f"{number:064x}", f"m{number}", f"ws{number}", key=b"%d" % number, phone=phone, payer_id=payer)


def names(scene: Scene) -> list[str]:
    return [alarm.name for alarm in alarms.read(scene.conn, scene.wiring.now())]


def test_open_money_is_counted_by_age_with_its_sum(scene: Scene) -> None:
    scene.sent()
    waits(scene, days=2)
    scene.sent("b2" * 32, "m2", "ws2", key=b"2")
    scene.hears(answered("0") | {"CheckoutRequestID": "ws2"}, token="b2" * 32, source="stk_query")
    scene.reads()
    waits(scene, minutes=30)
    scene.sent("c3" * 32, "m3", "ws3", key=b"3", phone=ATIENO, payer_id=scene.other.payer_id, amount_cents=70_000)
    spans = watch.open_money(scene.conn, at=scene.wiring.now())
    assert [(one.unclear, one.pending, one.proven, one.cents) for one in spans] == [
        (0, 1, 0, 70_000),
        (0, 0, 1, 50_000),
        (0, 0, 0, 0),
        (0, 1, 0, 50_000),
    ]
    assert [one.under for one in spans] == [*watch.AGES, None]
    assert names(scene) == ["money_unclear"]


def test_settled_money_is_not_open(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    scene.reads()
    scene.sent("b2" * 32, "m2", "ws2", key=b"2", amount_cents=70_000)
    scene.hears(failed(1032, checkout="ws2"), token="b2" * 32)
    scene.reads()
    assert sum(one.count for one in watch.open_money(scene.conn, at=scene.wiring.now())) == 0


def test_accepted_prompts_without_a_callback_are_a_silence(scene: Scene) -> None:
    prompts(scene, 3)
    assert names(scene) == []
    waits(scene, minutes=4)
    silent = watch.silence(scene.conn, at=scene.wiring.now())
    assert silent is not None and silent.prompts == 3
    assert names(scene) == ["callbacks_silent"]
    scene.hears(paid(checkout="ws0"), token=f"{0:064x}")
    assert names(scene) == []


@pytest.mark.parametrize("changes", [{"token": "f6" * 32}, {"source": "stk_query", "body": answered("1037")}])
def test_neither_a_forged_callback_nor_our_own_question_breaks_the_silence(
    scene: Scene, changes: dict[str, Any]
) -> None:
    prompts(scene, 3)
    waits(scene, minutes=4)
    scene.hears(**{"body": paid(), **changes})
    scene.reads()
    assert names(scene) == ["callbacks_silent"]


def test_few_prompts_and_old_ones_are_no_silence(scene: Scene) -> None:
    prompts(scene, 2)
    waits(scene, minutes=4)
    assert watch.silence(scene.conn, at=scene.wiring.now()) is None
    waits(scene, hours=2)
    assert watch.silence(scene.conn, at=scene.wiring.now()) is None


def test_a_trouble_is_noted_once_a_day_while_it_lasts(scene: Scene) -> None:
    scene.sent()
    waits(scene, hours=25)
    assert alarms.watch(scene.wiring) == ["money_unclear"]
    assert alarms.watch(scene.wiring) == []
    row = scene.row("SELECT place, kind, detail FROM incidents")
    assert row == {
        "place": "watch",
        "kind": "money_unclear",
        "detail": "1 payments, KES 500 in all, have been unclear for more than a day",
    }
    waits(scene, hours=25)
    assert alarms.watch(scene.wiring) == ["money_unclear"]


def test_a_refused_initiator_is_an_incident(scene: Scene) -> None:
    attempt = scene.sent()
    scene.conn.execute(
        "INSERT INTO inquiries (kind, shortcode_id, attempt_id, token_hash, state, opened_at) "
        "VALUES ('status', %s, %s, sha256(%s), 'asked', %s)",
        [scene.wish.shortcode_id, attempt.id, STATUS_TOKEN.encode(), scene.wiring.now()],
    )
    scene.hears({"Result": {"ResultCode": 2001, "ResultDesc": "-"}}, token=STATUS_TOKEN, source="status_result")
    scene.reads()
    assert alarms.watch(replace(scene.wiring)) == ["initiator_refused"]
    assert scene.row("SELECT kind FROM incidents")["kind"] == "initiator_refused"


def test_a_late_success_that_nobody_confirmed_is_for_people(scene: Scene) -> None:
    scene.sent()
    scene.hears(failed(1032))
    scene.hears(paid())
    scene.reads()
    assert names(scene) == []
    scene.conn.execute(
        "UPDATE inquiries SET state = 'closed', outcome = 'gave up after a day' WHERE receipt = %s", [RECEIPT]
    )
    assert names(scene) == ["receipts_unconfirmed"]


def test_money_that_is_nobodys_for_a_week_is_a_fix_and_shows_what_was_typed(scene: Scene) -> None:
    account = "<b>4821 0712345678 and a long tale"
    told = notice(account=account, msisdn="2547 ***** 126")
    scene.hears(told, token=scene.wiring.paybill_secret, source="c2b_confirmation")
    scene.reads()
    [held] = overview.suspense(scene.conn)
    assert (held.typed, held.payer) == ("<b>4821 0712345678 a", "2547***126")
    waits(scene, days=watch.NOBODYS_FOR.days - 1)
    assert names(scene) == []
    waits(scene, days=2)
    assert names(scene) == ["suspense_old"]
    assert alarms.read(scene.conn, scene.wiring.now())[0].seen.startswith("1 payments, KES 500")
