"""A second witness, where a shortcode or a group asks for one: a token that somebody has read credits nothing alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chamas.rulebook import rule_sets
from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import Rules
from payments import witnesses
from payments.witnesses import Witness
from tests.payments.scene import RECEIPT, WANJIKU, Scene, answered, notice, paid
from tests.payments.test_reading import status_result
from tests.payments.test_status import STATUS_TOKEN

WAITS, BOOKED = ("unread", witnesses.AWAITS), ("applied", None)


def rule(scene: Scene, witness: Witness | None, **whose: Any) -> None:
    with scene.wiring.transaction() as conn:
        witnesses.ask_for(conn, witness, **(whose or {"shortcode_id": scene.wish.shortcode_id}), at=scene.wiring.now())


def later(scene: Scene, seconds: float) -> None:
    scene.wiring.clock.advance(seconds)  # type: ignore[attr-defined]
    scene.reads()


def told(scene: Scene, reference: str) -> None:
    """The paybill's notice of the same payment."""
    scene.hears(notice(account=reference), token=scene.wiring.paybill_secret, source="c2b_confirmation")
    scene.reads()


def confirmed(scene: Scene) -> None:
    """Safaricom's answer about the receipt, which says nothing about the request."""
    scene.conn.execute(
        "UPDATE inquiries SET state = 'asked', token_hash = sha256(%s) WHERE receipt = %s",
        [STATUS_TOKEN.encode(), RECEIPT],
    )
    scene.hears(status_result(), token=STATUS_TOKEN, source="status_result")
    scene.reads()


def test_our_own_question_is_a_second_witness(scene: Scene) -> None:
    rule(scene, Witness.QUERY)
    attempt = scene.sent()
    scene.hears(paid())
    scene.reads()
    assert (scene.verdicts(), scene.receipts(), scene.attempt(attempt.id).state) == ([WAITS], [], "pending")
    scene.hears(answered("0"), source="stk_query")
    scene.reads()
    later(scene, 6)
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert (scene.verdicts()[0], scene.attempt(attempt.id).state) == (BOOKED, "paid")


def test_what_nobody_confirms_is_never_credited_and_never_taken_for_poison(scene: Scene) -> None:
    rule(scene, Witness.QUERY)
    attempt = scene.sent()
    scene.hears(paid())
    scene.reads()
    scene.hears(answered("1032"), source="stk_query")
    for _ in range(50):
        later(scene, 1_790)
    assert scene.verdicts()[0] == ("refused", witnesses.NOBODY_CAME)
    assert (scene.receipts(), scene.attempt(attempt.id).state) == ([], "failed_final")
    assert scene.row("SELECT * FROM inquiries WHERE receipt = %s", RECEIPT)["attempt_id"] == attempt.id


def test_the_notice_is_one_where_a_query_is_not_enough(scene: Scene) -> None:
    rule(scene, Witness.QUERY)
    rule(scene, Witness.NOTICE, chama_id=scene.wish.chama_id)
    attempt = scene.sent()
    scene.hears(paid())
    scene.hears(answered("0"), source="stk_query")
    later(scene, 6)
    later(scene, 60)
    assert (scene.verdicts()[0], scene.receipts()) == (WAITS, [])
    told(scene, attempt.account_reference)
    later(scene, 3_600)
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert [verdict for verdict, _ in scene.verdicts()] == ["repeated", "applied", "applied"]


def test_safaricoms_word_about_the_receipt_is_the_last_one(scene: Scene) -> None:
    rule(scene, Witness.STATUS)
    attempt = scene.sent()
    scene.hears(paid())
    told(scene, attempt.account_reference)
    assert (scene.verdicts(), scene.receipts()) == ([WAITS, WAITS], [])
    confirmed(scene)
    later(scene, 3_600)
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    assert [verdict for verdict, _ in scene.verdicts()] == ["repeated", "repeated", "applied"]
    assert scene.rows("SELECT * FROM suspense") == []


def test_money_told_under_our_secret_is_booked_in_the_end_and_without_a_rule_at_once(scene: Scene) -> None:
    rule(scene, Witness.STATUS)
    attempt = scene.sent()
    told(scene, attempt.account_reference)
    later(scene, 23 * 3_600)
    assert scene.receipts() == []
    later(scene, 2 * 3_600)
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]
    rule(scene, None)
    other = scene.sent("e5" * 32, "5-5-5", "ws_CO_5", key=b"wish-2")
    scene.hears(paid(receipt="NLJ7RT61SX", checkout="ws_CO_5", phone=int(WANJIKU[1:])), token="e5" * 32)
    scene.reads()
    assert scene.attempt(other.id).state == "paid"


def test_a_groups_own_rule_is_the_one_of_when_the_prompt_was_asked_for(scene: Scene) -> None:
    """Our query proves it, a query that knows nothing does not; what is unknown is asked about."""
    rules, chama_id = Rules(500_00, Frequency.MONTHLY), scene.wish.chama_id
    begins = scene.wiring.now() + timedelta(minutes=5)
    rule_sets.adopt(scene.conn, chama_id, rules, in_force_from=scene.wiring.now())
    before = scene.sent()
    rule_sets.adopt(scene.conn, chama_id, replace(rules, corroborate=True), in_force_from=begins)
    later(scene, 300)
    scene.hears(paid())
    scene.reads()
    assert scene.attempt(before.id).state == "paid"
    after = scene.sent("e5" * 32, "5-5-5", "ws_CO_5", key=b"wish-2", amount_cents=60_000)
    scene.hears(paid(shillings=600, receipt="NLJ7RT61SX", checkout="ws_CO_5"), token="e5" * 32)
    scene.reads()
    scene.hears(answered("4999", checkout="ws_CO_5"), token="e5" * 32, source="stk_query")
    later(scene, 60)
    assert (scene.attempt(after.id).state, len(scene.receipts()), scene.verdicts()[1]) == ("pending", 1, WAITS)
    due = scene.rows("SELECT kind FROM inquiries WHERE due_at IS NOT NULL AND attempt_id = %s", after.id)
    assert {row["kind"] for row in due} >= {"status"}
    scene.hears(answered("0", checkout="ws_CO_5"), token="e5" * 32, source="stk_query")
    scene.reads()
    later(scene, 3_600)
    assert scene.attempt(after.id).state == "paid" and len(scene.receipts()) == 2
