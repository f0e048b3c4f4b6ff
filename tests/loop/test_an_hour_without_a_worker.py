"""An hour in which no worker runs: callbacks, wishes and money pile up; at its start all is drained, in order, once."""

from gateway.commands.register_urls import register
from payments.reconciliation import pull
from tests.loop.test_paybill import account_of
from tests.whole import MPESA_PIN, SHORTCODE, Whole

PROMPTED = ("Amina", "Baraka", "Chebet")


def pass_by(whole: Whole, seconds: float) -> None:
    """Time goes on for Safaricom and the web, and the worker does nothing."""
    whole.simulator.advance(seconds)
    whole.refresh()


def test_all_of_an_hour_is_drained_in_order_and_told_once(whole: Whole) -> None:
    register(whole.worker, "v1", SHORTCODE)
    pull.register(whole.worker, SHORTCODE, whole.phone("Amina"))
    whole.settle()
    for name in PROMPTED:
        whole.ask_to_contribute(name, 300)
    whole.settle()
    told = {name: len(whole.sms(name)) for name in (*PROMPTED, "Wanjiku", "Njeri")}
    sent = []
    # The worker is gone. Prompts are answered, money is sent to the paybill, some of it unheard, and people dial.
    for name in PROMPTED:
        whole.press(name, MPESA_PIN)
    for number in range(12):
        pass_by(whole, 290)
        if number % 4 == 3:
            whole.simulator.wish("pays_silently", api="c2b", phone=whole.phone("Wanjiku"))
        paid = whole.simulator.post(
            "/control/paybill", phone=whole.phone("Wanjiku"), amount=100 + number, account=account_of(whole, "Wanjiku")
        )
        sent.append(paid["receipt"])
    assert "M-PESA" in whole.ask_to_contribute("Njeri", 450)
    pass_by(whole, 120)
    assert whole.receipts() == {}
    assert whole.value("SELECT count(*) FROM evidence WHERE verdict = 'unread'") >= 12
    # It starts.
    whole.settle()
    assert whole.prompt("Njeri")
    whole.press("Njeri", MPESA_PIN)
    whole.settle()
    for seconds in (60, 300, 3_600):
        whole.advance(seconds)
    assert whole.equals_truth()
    assert len(whole.truth()) == len(PROMPTED) + len(sent) + 1
    heard = [receipt for number, receipt in enumerate(sent) if number % 4 != 3]
    booked = [
        row["receipt"]
        for row in whole.rows("SELECT receipt FROM receipts WHERE kind = 'c2b' ORDER BY seq")
        if row["receipt"] in heard
    ]
    assert booked == heard
    now = {name: len(whole.sms(name)) - before for name, before in told.items()}
    assert now == dict.fromkeys(PROMPTED, 1) | {"Wanjiku": len(sent), "Njeri": 1}
