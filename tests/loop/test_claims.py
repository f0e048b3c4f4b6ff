"""A receipt that a member shows: only its code is read, Safaricom is asked, and what it confirms is booked."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from chamas.arriving import concierge
from chamas.arriving.likeness import Reason
from payments import claims
from tests.whole import Whole

SMS = "{} Confirmed. Ksh300.00 sent to PESACHAMA for account KODI on 20/11/26 at 2:03 PM New M-PESA balance is Ksh1.00."


def forward(house: Whole, phone: str, text: str) -> None:
    body = {"from": phone, "to": "22384", "text": text, "id": "ATXid_1", "date": "2026-11-20 11:03:00", "linkId": ""}
    path = f"{house.url}/sms/incoming/{house.settings.callback_secret}"
    assert requests.post(path, data=body, timeout=10).status_code == 200
    house.settle()


def lost(house: Whole, name: str) -> str:
    """Money of hers that nobody tells us of: the paybill's addresses are not registered."""
    paid = house.simulator.post("/control/paybill", phone=house.phone(name), amount=300, account="KODI")
    house.settle()
    assert house.receipts() == {}
    return str(paid["receipt"])


def test_a_forwarded_message_brings_lost_money_into_the_books(whole: Whole) -> None:
    receipt = lost(whole, "Wanjiku")
    forward(whole, whole.phone("Wanjiku"), SMS.format(receipt))
    assert whole.receipts() == {receipt: 300_00}
    assert whole.value("SELECT reason FROM suspense") == "no payment waits for it"
    with whole.worker.transaction() as conn:
        (offer,) = concierge.of_receipt(conn, receipt)
    assert (offer.member_id, Reason.HER_PHONE in offer.reasons) == (whole.person("Wanjiku")["id"], True)
    assert whole.equals_truth()
    kept = whole.rows("SELECT receipt FROM receipt_claims")
    assert kept == [{"receipt": receipt}]
    forward(whole, whole.phone("Wanjiku"), SMS.format(receipt))
    assert whole.value("SELECT count(*) FROM inquiries WHERE receipt = %s", receipt) == 1


def test_who_shows_somebody_elses_receipt_gets_nothing(whole: Whole) -> None:
    receipt = lost(whole, "Wanjiku")
    forward(whole, whole.phone("Njeri"), receipt.lower())
    with whole.worker.transaction() as conn:
        assert [one.member_id for one in concierge.of_receipt(conn, receipt)] == [whole.person("Wanjiku")["id"]]
    assert whole.sms("Njeri") == []


def test_strangers_and_nonsense_ask_nothing(whole: Whole) -> None:
    for phone, text in (
        (whole.phone("Daudi"), SMS.format("TKK7RT61SV")),
        (whole.phone("Wanjiku"), "habari, nimelipa 0712345678 jana"),
        ("not a phone", "TKK7RT61SV"),
        (whole.phone("Wanjiku"), ""),
    ):
        forward(whole, phone, text)
    assert whole.rows("SELECT * FROM receipt_claims") == whole.rows("SELECT * FROM inquiries") == []


def test_nobody_tries_codes_through_us(whole: Whole) -> None:
    user_id = int(whole.value("SELECT id FROM users WHERE phone = %s", whole.phone("Wanjiku")))
    at = whole.web.now()
    with whole.web.acting_as(user_id) as conn:
        for number in range(claims.CLAIMS_AT_MOST):
            claims.claim(conn, user_id, f"TKK7RT61S{number}", at=at)
        with pytest.raises(claims.TooManyClaims):
            claims.claim(conn, user_id, "TKK7RT61SX", at=at)
        claims.claim(conn, user_id, "TKK7RT61S0", at=at)
        claims.claim(conn, user_id, "TKK7RT61SX", at=at + timedelta(hours=2))
        assert conn.execute("SELECT count(*) FROM receipt_claims").fetchone() == (claims.CLAIMS_AT_MOST + 1,)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SMS.format("TKK7RT61SV"), "TKK7RT61SV"),
        ("tkk7rt61sv", "TKK7RT61SV"),
        ("paid! TKK7RT61SV.", "TKK7RT61SV"),
        ("CONFIRMATION 0712345678", None),
        ("TKK7RT61SVX ATKK7RT61SV", None),
        ("TKK0000000", None),
        ("", None),
        ("x" * 5_000 + " TKK7RT61SV", None),
    ],
)
def test_only_a_code_is_read(text: str, code: Any) -> None:
    assert claims.code_in(text) == code
