"""A group that has agreed on a second proof: a callback alone credits nothing, whoever it is from."""

from dataclasses import replace

import pytest

from chamas.rulebook import rule_sets
from payments import pushes, tokens
from payments.witnesses import AWAITS
from tests.loop.test_forged import callback, post
from tests.whole import Whole


def agree(whole: Whole) -> None:
    """As its officials would: the next version, from now on."""
    with whole.worker.transaction() as conn:
        ((chama_id,),) = conn.execute("SELECT id FROM chamas WHERE name = 'Umoja'").fetchall()
        now = rule_sets.versions(conn, chama_id)[0].rules
        rule_sets.adopt(conn, chama_id, replace(now, corroborate=True), in_force_from=whole.worker.now())


def waits(whole: Whole) -> list[str | None]:
    rows = whole.rows("SELECT reason FROM evidence WHERE source = 'stk_callback' AND verdict = 'unread'")
    return [row["reason"] for row in rows]


def test_a_callback_alone_credits_nothing_until_safaricom_says_so_otherwise(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(whole)
    whole.simulator.wish("pays", phone=whole.phone("Wanjiku"))
    whole.ask_to_contribute("Wanjiku")
    whole.settle()
    assert (waits(whole), whole.receipts(), whole.codes("Wanjiku")) == ([AWAITS], {}, [])
    for seconds in (20, 10):
        whole.advance(seconds)
    assert len(whole.truth()) == len(whole.codes("Wanjiku")) == 1
    # Somebody has read the token of a prompt that is still out, and knows the rest of it.
    leaked: list[str] = []
    monkeypatch.setattr(pushes, "new_token", lambda chance: leaked.append(tokens.new_token(chance)) or leaked[-1])
    whole.ask_to_contribute("Njeri")
    whole.settle()
    ids = whole.value("SELECT checkout_request_id FROM payment_attempts ORDER BY id DESC LIMIT 1")
    forged = callback("TKK7RT61SV", 500, whole.phone("Njeri"))
    forged["Body"]["stkCallback"] |= {"CheckoutRequestID": ids}
    assert post(whole, leaked[-1], forged).status_code == 200
    whole.settle()
    assert set(waits(whole)) == {AWAITS} and len(whole.receipts()) == 1
    assert whole.value("SELECT count(*) FROM inquiries WHERE receipt = 'TKK7RT61SV'") == 1
    # The prompt runs out, and Safaricom knows no such receipt. What comes of it after a day: test_witnesses.py.
    for seconds in (30, 60):
        whole.advance(seconds)
    assert whole.codes("Njeri") == [] and whole.equals_truth()
