"""Every outcome that the simulator knows for a payout: what we believe equals its truth, and nobody is paid twice."""

from typing import Any

import pytest

from payments import payouts
from payments.payouts import Payout
from tests.payments.scene import WANJIKU, Scene
from tests.payments.treasury import Treasury, fund, heard
from tests.simulator.client import Simulator


@pytest.fixture
def treasury(live: Scene, safaricom: Simulator) -> Treasury:
    return fund(live, safaricom)


def paid_out(safaricom: Simulator) -> list[dict[str, Any]]:
    return list(safaricom.get("/control/truth")["payouts"])


def sends(treasury: Treasury, key: str = "order-1", **changes: Any) -> Payout:
    made = treasury.ordered(key, **changes)
    assert payouts.send_due(treasury.wiring) == 1
    return treasury.payout(made.id)


def asks(treasury: Treasury, seconds: float, answers: int) -> None:
    """Our own clock moves on, what is due is asked, and so many deliveries in all are read."""
    treasury.wiring.clock.advance(seconds)
    payouts.ask_due(treasury.wiring)
    heard(treasury, answers)


def equals_truth(treasury: Treasury, safaricom: Simulator) -> None:
    """Every payout of Safaricom's is one of ours with its amount, and the books hold what its utility account does."""
    ours = treasury.scene.rows(
        "SELECT originator AS originator_conversation_id, phone, paid_cents AS amount_cents, receipt FROM payouts "
        "WHERE state = 'paid' ORDER BY receipt"
    )
    theirs = sorted(paid_out(safaricom), key=lambda row: str(row["receipt"]))
    assert ours == [{key: row[key] for key in ours[0]} for row in theirs] if ours else theirs == []
    utility = safaricom.get("/control/truth")["balances"]["paybill"]["utility_cents"]
    assert treasury.balance("mpesa:600123") == utility
    assert treasury.unsound() == []


@pytest.mark.parametrize("outcome", ["pays", "callback_early", "callback_twice", "answer_lost", "foreign_id"])
def test_money_that_is_told_is_booked_once(treasury: Treasury, safaricom: Simulator, outcome: str) -> None:
    safaricom.wish(outcome, api="b2c")
    payout = sends(treasury)
    assert payout.state == ("unknown" if outcome == "answer_lost" else "accepted")
    heard(treasury, 2 if outcome == "callback_twice" else 1)
    assert treasury.payout(payout.id).state == "paid"
    assert len(paid_out(safaricom)) == 1
    equals_truth(treasury, safaricom)
    assert payouts.send_due(treasury.wiring) == payouts.ask_due(treasury.wiring) == 0


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("insufficient", "1"),
        ("unregistered", "2040"),
        ("not_mpesa", "SFC_IC0003"),
        ("debit_party", "11"),
        ("wrong_pin", "2001"),
        ("locked", "8006"),
        ("no_role", "21"),
    ],
)
def test_a_no_is_proof_and_frees_the_money(treasury: Treasury, safaricom: Simulator, outcome: str, code: str) -> None:
    safaricom.wish(outcome, api="b2c")
    payout = sends(treasury)
    heard(treasury)
    row = treasury.scene.row("SELECT state, result_code FROM payouts WHERE id = %s", payout.id)
    assert (row["state"], row["result_code"]) == ("failed_proven", code)
    assert paid_out(safaricom) == []
    equals_truth(treasury, safaricom)
    stopped = treasury.scene.rows("SELECT stop_code FROM payout_gates WHERE stopped_at IS NOT NULL")
    assert stopped == ([{"stop_code": code}] if code in ("2001", "8006", "21") else [])


@pytest.mark.parametrize("outcome", ["timeout_echo", "timeout_unpaid"])
def test_a_queue_time_out_is_no_failure_and_is_asked_about(
    treasury: Treasury, safaricom: Simulator, outcome: str
) -> None:
    safaricom.wish(outcome, api="b2c")
    payout = sends(treasury)
    safaricom.advance(61)
    heard(treasury)
    assert treasury.payout(payout.id).state == "unknown"
    assert b"SecurityCredential" in bytes(
        treasury.scene.row("SELECT body FROM evidence WHERE source = 'b2c_timeout'")["body"]
    )
    credential = treasury.wiring.daraja.keys.security_credential.encode()
    for row in treasury.scene.rows("SELECT body FROM evidence"):
        assert credential not in bytes(row["body"])
    asks(treasury, 0, 2)
    assert treasury.payout(payout.id).state == ("paid" if outcome == "timeout_echo" else "failed_proven")
    equals_truth(treasury, safaricom)


def test_a_time_out_before_a_late_payment_waits_for_it(treasury: Treasury, safaricom: Simulator) -> None:
    safaricom.wish("pays_late", api="b2c")
    payout = sends(treasury)
    safaricom.advance(61)
    heard(treasury)
    asks(treasury, 0, 2)
    assert treasury.payout(payout.id).state == "unknown"
    safaricom.advance(6)
    heard(treasury, 3)
    assert treasury.payout(payout.id).state == "paid"
    equals_truth(treasury, safaricom)


@pytest.mark.parametrize("outcome", ["pays_silently", "no_answer"])
def test_silence_is_asked_about_by_our_own_name(treasury: Treasury, safaricom: Simulator, outcome: str) -> None:
    safaricom.wish(outcome, api="b2c")
    payout = sends(treasury)
    asks(treasury, 31, 1)
    assert treasury.payout(payout.id).state == ("paid" if outcome == "pays_silently" else "accepted")
    if outcome == "no_answer":
        safaricom.advance(3_700)
        asks(treasury, 60, 2)
        assert treasury.payout(payout.id).state == "failed_proven"
    equals_truth(treasury, safaricom)


@pytest.mark.parametrize("outcome", ["duplicate_id", "system_error"])
def test_an_answer_that_proves_nothing_is_never_followed_by_another_request(
    treasury: Treasury, safaricom: Simulator, outcome: str
) -> None:
    safaricom.wish(outcome, api="b2c")
    payout = sends(treasury)
    assert payout.state == "unknown"
    heard(treasury)
    assert treasury.payout(payout.id).state == "paid"
    assert treasury.scene.row("SELECT count(*) AS calls FROM payout_calls WHERE kind = 'payment'")["calls"] == 1
    equals_truth(treasury, safaricom)


@pytest.mark.parametrize("outcome", ["spike_arrest", "token_invalid"])
def test_what_was_proved_not_to_be_executed_is_sent_again_under_the_same_name(
    treasury: Treasury, safaricom: Simulator, outcome: str
) -> None:
    safaricom.wish(outcome, api="b2c")
    payout = sends(treasury)
    if outcome == "spike_arrest":
        assert payout.state == "ordered"
        treasury.wiring.clock.advance(3)
        assert payouts.send_due(treasury.wiring) == 1
    heard(treasury)
    assert treasury.payout(payout.id).state == "paid"
    assert [row["originator_conversation_id"] for row in paid_out(safaricom)] == [payout.originator]
    equals_truth(treasury, safaricom)


def test_what_never_arrived_is_sent_again_once_safaricom_has_denied_it_three_times(
    treasury: Treasury, safaricom: Simulator
) -> None:
    safaricom.wish("html_200", api="b2c")
    payout = sends(treasury)
    assert payout.state == "unknown"
    for number, seconds in enumerate((31, 60, 600), 1):
        assert treasury.payout(payout.id).tries == 1
        asks(treasury, seconds, number)
    assert treasury.payout(payout.id).state == "ordered"
    assert payouts.send_due(treasury.wiring) == 1
    heard(treasury, 4)
    after = treasury.payout(payout.id)
    assert (after.state, after.tries) == ("paid", 2)
    equals_truth(treasury, safaricom)


def test_a_late_contradiction_changes_nothing(treasury: Treasury, safaricom: Simulator) -> None:
    safaricom.wish("contradicts", api="b2c")
    payout = sends(treasury)
    heard(treasury)
    safaricom.advance(2)
    heard(treasury, 2)
    assert treasury.payout(payout.id).state == "paid"
    assert [verdict for verdict, _ in treasury.verdicts()] == ["applied", "late"]
    equals_truth(treasury, safaricom)


def test_another_amount_is_asked_about_and_booked_as_it_was(treasury: Treasury, safaricom: Simulator) -> None:
    safaricom.wish("wrong_amount", api="b2c")
    payout = sends(treasury)
    heard(treasury)
    assert treasury.payout(payout.id).state == "accepted"
    asks(treasury, 0, 2)
    assert treasury.payout(payout.id).state == "paid"
    assert [row["amount_cents"] for row in paid_out(safaricom)] == [49_900]
    equals_truth(treasury, safaricom)


def test_a_wrong_password_is_tried_once_however_many_payouts_wait(treasury: Treasury, safaricom: Simulator) -> None:
    safaricom.wish("wrong_pin", api="b2c", phone="*", times=9)
    for number in range(8):
        treasury.ordered(f"order-{number}", shillings=100)
    for _ in range(5):
        payouts.send_due(treasury.wiring)
        treasury.wiring.clock.advance(3)
    heard(treasury)
    for _ in range(5):
        assert payouts.send_due(treasury.wiring) == 0
        treasury.wiring.clock.advance(3)
    assert safaricom.get("/control/initiator")["failures"] == 1
    assert treasury.scene.row("SELECT count(*) AS calls FROM payout_calls")["calls"] == 1


def test_a_name_that_safaricom_has_seen_is_asked_about_and_not_paid_again(
    treasury: Treasury, safaricom: Simulator
) -> None:
    """It was sent before a backup was restored, which knows nothing of it: the same order is made again."""
    payout = treasury.ordered()
    address = f"{treasury.wiring.public_url}/pay/b2c/{'ab' * 32}"
    before = {
        "OriginatorConversationID": payout.originator,
        "InitiatorName": "testapi",
        "SecurityCredential": "sealed",
        "CommandID": "BusinessPayment",
        "Amount": "500",
        "PartyA": "600123",
        "PartyB": WANJIKU[1:],
        "Remarks": "Payout",
        "QueueTimeOutURL": f"{address}/timeout",
        "ResultURL": f"{address}/result",
    }
    assert safaricom.daraja("/mpesa/b2c/v3/paymentrequest", before).ok
    heard(treasury)
    assert payouts.send_due(treasury.wiring) == 1
    assert treasury.payout(payout.id).state == "unknown"
    asks(treasury, 0, 2)
    assert treasury.payout(payout.id).state == "paid"
    assert len(paid_out(safaricom)) == 1
    equals_truth(treasury, safaricom)


def test_no_transaction_is_open_while_daraja_is_asked(
    treasury: Treasury, safaricom: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen from the server, at the request and at the question about it."""
    open_ones = (
        "SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%' AND datname = current_database()"
    )
    post, seen = type(treasury.wiring.daraja).post, []

    def looks(*given: Any) -> Any:
        seen.append(treasury.scene.rows(open_ones))
        return post(*given)

    monkeypatch.setattr(type(treasury.wiring.daraja), "post", looks)
    safaricom.wish("pays_silently", api="b2c")
    sends(treasury)
    asks(treasury, 31, 1)
    assert seen == [[], []]


def test_a_receiver_is_only_whom_it_was_ordered_for(treasury: Treasury, safaricom: Simulator) -> None:
    safaricom.post("/control/subscriber", phone=WANJIKU, name="Wanjiku Kamau")
    payout = sends(treasury)
    heard(treasury)
    name = treasury.scene.row("SELECT receiver_name FROM payouts WHERE id = %s", payout.id)["receiver_name"]
    assert name == "WANJIKU KAMAU"


def test_a_question_that_cannot_be_put_holds_no_other_up(treasury: Treasury, safaricom: Simulator) -> None:
    """One payout's shortcode has lost its keys: the other one is asked about, and this one's row says why not."""
    safaricom.wish("pays_silently", api="b2c", times=2)
    first = sends(treasury)
    treasury.wiring.clock.advance(301)
    second = sends(treasury, "order-2")
    conn = treasury.scene.conn
    conn.execute(
        "WITH other AS (INSERT INTO shortcodes (number, kind, name, book_id) "
        "SELECT '600999', 'paybill', 'Without keys', %s RETURNING id) "
        "UPDATE payouts SET shortcode_id = other.id FROM other WHERE payouts.id = %s",
        [treasury.book_id, first.id],
    )
    asks(treasury, 31, 1)
    assert treasury.payout(second.id).state == "paid"
    assert treasury.payout(first.id).state == "accepted"
    why = treasury.scene.row("SELECT response FROM payout_calls WHERE outcome = 'rejected'")["response"]
    assert why["errorCode"] == "no_keys"
