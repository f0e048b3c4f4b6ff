"""Pull against the real simulator: what nobody told us is credited once, whoever tells it later; holes are known."""

from datetime import timedelta

import pytest

from gateway import alarms
from payments.daraja.outcomes import Accepted, Rejected
from payments.reconciliation import pull
from tests.loop.test_paybill import account_of, booked, confirmation, hers, tell
from tests.whole import SHORTCODE, Whole

KYC = "+254700000001"


@pytest.fixture
def pulled(whole: Whole) -> Whole:
    """The house, registered for Pull and not for confirmations: nobody tells of money sent to the paybill."""
    assert isinstance(pull.register(whole.worker, SHORTCODE, KYC), Accepted)
    whole.settle()
    return whole


def sends(whole: Whole, name: str, shillings: int, account: str) -> str:
    """Pays at the paybill's menu, which nobody tells us."""
    paid = whole.simulator.post("/control/paybill", phone=whole.phone(name), amount=shillings, account=account)
    assert paid["confirmation"] == "none"
    return str(paid["receipt"])


def test_money_that_nobody_told_us_is_hers_within_the_hour(pulled: Whole) -> None:
    receipt = sends(pulled, "Wanjiku", 300, account_of(pulled, "Wanjiku"))
    pulled.settle()
    assert pulled.receipts() == {}
    pulled.advance(3_600)
    assert booked(pulled, receipt) == hers(pulled, "Wanjiku")
    assert [receipt in text for text in pulled.sms("Wanjiku")] == [True]
    assert pulled.equals_truth()


def test_a_confirmation_that_comes_after_pull_says_it_once_more_and_no_more(pulled: Whole) -> None:
    receipt = sends(pulled, "Wanjiku", 300, account_of(pulled, "Wanjiku"))
    pulled.advance(3_600)
    (moved,) = pulled.truth()
    tell(pulled, confirmation(moved, "v1"))
    for _ in range(4):
        pulled.advance(3_600)
    assert pulled.value("SELECT verdict FROM evidence WHERE source = 'c2b_confirmation'") == "repeated"
    assert list(pulled.receipts()) == [receipt]
    assert len(pulled.sms("Wanjiku")) == 1
    # The span is asked about again each hour with its overlap: a row that was listed is not kept again.
    assert pulled.rows("SELECT seen_count FROM evidence WHERE source = 'pull'") == [{"seen_count": 1}]
    assert pulled.equals_truth()


def test_a_push_that_was_proven_without_a_receipt_gets_it_from_pull(pulled: Whole) -> None:
    """No callback, no confirmation, and Transaction Status refused: Pull is what is left."""
    pulled.simulator.post("/control/initiator", roles=["b2c"])
    pulled.simulator.wish("pays_silently", phone=pulled.phone("Wanjiku"))
    pulled.ask_to_contribute("Wanjiku", 400)
    pulled.settle()
    for seconds in (25, 60, 120):
        pulled.advance(seconds)
    assert pulled.rows("SELECT state FROM payment_attempts") == [{"state": "proven"}]
    assert pulled.receipts() == {}
    pulled.advance(3_600)
    assert pulled.rows("SELECT state FROM payment_attempts") == [{"state": "paid"}]
    assert pulled.rows("SELECT kind, attempt_id IS NULL AS free FROM receipts") == [{"kind": "stk", "free": False}]
    assert len(pulled.codes("Wanjiku")) == 1
    assert pulled.equals_truth()


def test_money_of_a_stranger_without_an_account_lies_in_suspense(pulled: Whole) -> None:
    receipt = sends(pulled, "Daudi", 70, "UMOJA")
    pulled.advance(3_600)
    assert booked(pulled, receipt) == ("suspense", "suspense")
    assert pulled.equals_truth()


def test_more_than_a_page_is_asked_page_by_page(pulled: Whole) -> None:
    typed = account_of(pulled, "Wanjiku")
    for _ in range(130):
        sends(pulled, "Wanjiku", 10, typed)
    pulled.advance(3_600)
    assert len(pulled.receipts()) == 130
    assert pulled.value("SELECT listed FROM pulled_windows ORDER BY id DESC LIMIT 1") == 130
    assert pulled.equals_truth()


@pytest.mark.parametrize("outcome", ["fails", "html_200", "spike_arrest"])
def test_an_answer_that_proves_nothing_covers_nothing_and_is_asked_again(pulled: Whole, outcome: str) -> None:
    sends(pulled, "Wanjiku", 300, account_of(pulled, "Wanjiku"))
    pulled.simulator.wish(outcome, api="pull", phone="*", times=2)
    before = pulled.value("SELECT count(*) FROM pulled_windows")
    pulled.advance(3_600)
    assert pulled.value("SELECT count(*) FROM pulled_windows") == before
    assert pulled.value("SELECT failures FROM pulls") == 1
    assert pulled.receipts() == {}
    pulled.advance(pull.RETRY.total_seconds())
    assert pulled.value("SELECT failures FROM pulls") == 2
    pulled.advance(2 * pull.RETRY.total_seconds())
    assert pulled.value("SELECT failures FROM pulls") == 0
    assert len(pulled.receipts()) == 1
    assert pulled.equals_truth()


def test_a_dead_token_is_renewed(pulled: Whole) -> None:
    sends(pulled, "Wanjiku", 300, account_of(pulled, "Wanjiku"))
    pulled.simulator.wish("token_invalid", api="pull", phone="*")
    pulled.advance(3_600)
    assert pulled.equals_truth() and len(pulled.receipts()) == 1


def test_what_is_older_than_safaricom_keeps_is_a_hole(pulled: Whole) -> None:
    pulled.simulator.wish("fails", api="pull", phone="*", times=500)
    lost = sends(pulled, "Wanjiku", 300, account_of(pulled, "Wanjiku"))
    since = pulled.worker.now()
    for _ in range(20):
        pulled.advance(3 * 3_600)
    with pulled.worker.transaction() as conn:
        (alarm,) = [one for one in alarms.read(conn, pulled.worker.now()) if one.name == "pull_behind"]
    assert "Failed to retrieve" in alarm.seen
    pulled.simulator.post("/control/reset", seed=3)
    pulled.advance(3_600)
    with pulled.worker.transaction() as conn:
        ((from_at, to_at),) = pull.holes(conn, 1, since, pulled.worker.now() - timedelta(minutes=10))
    assert (from_at - since) < timedelta(hours=1) and to_at > since + timedelta(hours=12)
    assert lost not in pulled.receipts()


def test_a_row_that_is_no_payment_is_shown_and_holds_nothing_up(pulled: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = sends(pulled, "Wanjiku", 300, account_of(pulled, "Wanjiku"))
    true = pull.pull.read

    def with_nonsense(outcome: object) -> pull.pull.Page:
        page = true(outcome)  # type: ignore[arg-type]
        return pull.pull.Page(({"transactionId": "?", "amount": "much"}, *page.rows), page.ended) if page.rows else page

    monkeypatch.setattr(pull.pull, "read", with_nonsense)
    pulled.advance(3_600)
    assert list(pulled.receipts()) == [receipt]
    verdicts = pulled.rows("SELECT verdict FROM evidence WHERE source = 'pull' ORDER BY id")
    assert verdicts == [{"verdict": "unreadable"}, {"verdict": "applied"}]


def test_without_a_registration_nothing_is_asked(whole: Whole) -> None:
    whole.advance(7_200)
    assert whole.rows("SELECT * FROM pulls") == []


def test_a_shortcode_that_is_not_here_is_not_registered(whole: Whole) -> None:
    with whole.worker.transaction() as conn:
        conn.execute("UPDATE shortcodes SET number = '999999'")
    assert isinstance(pull.register(whole.worker, SHORTCODE, KYC), Rejected)


def test_times_that_prove_to_be_utc_are_read_as_utc() -> None:
    from payments.listings import Listed
    from tests.instruments import START

    rows = [Listed("pull", f"TKK{number}RT61SV", "in", 100, START) for number in range(3)]
    known = {rows[0].receipt: START + timedelta(hours=3), rows[1].receipt: START + timedelta(hours=3, seconds=1)}
    assert pull.zone_shift(rows, known) == timedelta(hours=3)
    assert pull.zone_shift(rows, dict.fromkeys(known, START)) == timedelta(0)
    assert pull.zone_shift(rows, {}) == timedelta(0)
