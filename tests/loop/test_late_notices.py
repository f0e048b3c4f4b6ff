"""A receipt that somebody names before its own notice comes: nobody's money until then, and then hers."""

import requests

from chamas.arriving import unmatched
from gateway.commands.register_urls import register
from payments.daraja.outcomes import Accepted
from payments.evidence.settle import ASK_AFTER
from tests.loop.test_forged import callback
from tests.loop.test_paybill import account_of, confirmation, hers, reason, tell
from tests.whole import SHORTCODE, Whole


def named_early(whole: Whole, shillings: int) -> dict[str, object]:
    """She pays under her account, and a forger's callback tells of it before Safaricom does: Safaricom's own row."""
    whole.simulator.wish("pays_silently", api="c2b", phone=whole.phone("Wanjiku"))
    paid = whole.simulator.post(
        "/control/paybill", phone=whole.phone("Wanjiku"), amount=shillings, account=account_of(whole, "Wanjiku")
    )
    body = callback(paid["receipt"], shillings, whole.phone("Daudi"))
    assert requests.post(f"{whole.url}/pay/stk/{'ab' * 32}", json=body, timeout=10).status_code == 200
    whole.settle()
    whole.advance(ASK_AFTER.total_seconds() + 1)
    (row,) = [one for one in whole.truth() if one["receipt"] == paid["receipt"]]
    return row


def test_the_notice_that_comes_late_makes_it_hers_unless_officials_decide(whole: Whole) -> None:
    assert isinstance(register(whole.worker, "v1", SHORTCODE), Accepted)
    rows = [named_early(whole, shillings) for shillings in (300, 200)]
    first, second = (str(row["receipt"]) for row in rows)
    for receipt in (first, second):
        assert reason(whole, receipt) == "no payment waits for it"
    # An operator asks that the second one go back: nobody takes that out of her hands.
    operator, at = whole.value("SELECT id FROM users WHERE platform_role = 'admin'"), whole.worker.now()
    with whole.web.overseeing(operator) as conn:
        unmatched.ask_return(conn, second, by=operator, at=at)
    # A notice over another amount is not of this money.
    tell(whole, confirmation(rows[0] | {"amount_cents": 900_00}, "v1"))
    whole.settle()
    assert reason(whole, first) == "no payment waits for it"
    for row in rows:
        tell(whole, confirmation(row, "v1"))
        tell(whole, confirmation(row, "v1"))
    whole.settle()
    assert whole.rows("SELECT receipt, state FROM suspense ORDER BY state, receipt") == [
        {"receipt": second, "state": "open"}, {"receipt": first, "state": "resolved"}
    ]  # fmt: skip
    (credited,) = whole.rows(
        "SELECT e.kind, a.code, -p.amount_cents AS cents FROM idempotency_keys k "
        "JOIN entries e ON (e.book_id, e.seq) = (k.book_id, k.seq) "
        "JOIN postings p ON (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq) AND p.amount_cents < 0 "
        "JOIN accounts a ON a.id = p.account_id WHERE (k.scope, k.key) = ('suspense', %s)",
        first,
    )
    assert (credited["kind"], credited["code"]) == hers(whole, "Wanjiku") and credited["cents"] == 300_00
    (told,) = whole.sms("Wanjiku")
    assert first in told
    assert whole.equals_truth()
