"""Pull: registered once, 48 hours back, page by page, with a code of its own in an HTTP 200."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from simulator.clock import EAT
from tests.simulator.client import COMMAND_RESULT, SHORTCODE, WANJIKU, Simulator, Start
from tests.simulator.gateway_double import GatewayDouble

QUERY = "/pulltransactions/v1/query"


@pytest.fixture
def pulled(start: Start) -> Simulator:
    """A shortcode of its own, since registration is for life."""
    return start("--pull-page", "2")


def register(simulator: Simulator) -> dict[str, Any]:
    body = {"ShortCode": SHORTCODE, "RequestType": "Pull", "NominatedNumber": "0700000001"}
    answer = simulator.daraja("/pulltransactions/v1/register", body | {"CallBackURL": "https://example.org/pull"})
    found: dict[str, Any] = answer.json()
    return found


def window(simulator: Simulator, hours: float = 48) -> dict[str, str]:
    now = datetime.fromisoformat(simulator.get("/control/clock")["now"]).astimezone(EAT)
    ends = {"StartDate": now - timedelta(hours=hours), "EndDate": now + timedelta(seconds=1)}
    return {"ShortCode": SHORTCODE} | {key: f"{at:%Y-%m-%d %H:%M:%S}" for key, at in ends.items()}


def ask(simulator: Simulator, offset: int = 0, **changes: str) -> dict[str, Any]:
    answer = simulator.daraja(QUERY, window(simulator) | {"OffSetValue": str(offset)} | changes)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def pay(simulator: Simulator, amount: int) -> None:
    simulator.post("/control/paybill", phone=WANJIKU, amount=amount, account="482135")


def test_registered_once(pulled: Simulator) -> None:
    assert ask(pulled)["ResponseCode"] == "500"
    assert [register(pulled)["ResponseStatus"] for _ in range(2)] == ["1000", "1001"]
    assert ask(pulled)["ResponseCode"] == "1001"
    assert ask(pulled)["Response"] == [[]]


def test_rows_page_by_page_by_post_and_get(pulled: Simulator) -> None:
    register(pulled)
    for amount in (10, 20, 30):
        pay(pulled, amount)
    pages = [ask(pulled, offset) for offset in (0, 2, 4)]
    assert [page["ResponseCode"] for page in pages] == ["1000", "1000", "1001"]
    rows = [row for page in pages for row in page["Response"][0]]
    assert [row["amount"] for row in rows] == ["10.00", "20.00", "30.00"]
    assert [row["transactionId"] for row in rows] == [each["receipt"] for each in pulled.receipts()]
    assert rows[0]["trxDate"].endswith("Z")
    assert (rows[0]["msisdn"], rows[0]["billreference"]) == (254700000005, "482135")
    token = pulled.token().json()["access_token"]
    body, headers = window(pulled) | {"OffSetValue": "0"}, {"Authorization": f"Bearer {token}"}
    for told in ({"json": body}, {"params": body}):
        by_get = requests.get(pulled.url + QUERY, headers=headers, timeout=5, **told)  # type: ignore[arg-type]
        assert by_get.json()["Response"] == pages[0]["Response"]


def test_what_is_older_than_48_hours_is_gone(pulled: Simulator) -> None:
    register(pulled)
    pay(pulled, 10)
    pulled.advance(47 * 3600)
    assert ask(pulled)["ResponseCode"] == "1000"
    pulled.advance(2 * 3600)
    assert ask(pulled, **window(pulled, hours=90))["ResponseCode"] == "1001"
    assert len(pulled.receipts()) == 1


def test_an_stk_payment_is_among_the_rows_and_a_payout_is_not(pulled: Simulator) -> None:
    register(pulled)
    pulled.wish("pays_silently")
    pulled.push()
    pulled.advance(1)
    pulled.payout("600123_payout_1")
    pulled.advance(1)
    assert [row["billreference"] for row in ask(pulled)["Response"][0]] == ["UMOJA4K7Q2M9"]


def test_failures_are_http_200(pulled: Simulator) -> None:
    register(pulled)
    pulled.wish("fails", api="pull", phone="*")
    assert ask(pulled)["ResponseCode"] == "500"
    assert ask(pulled, StartDate="yesterday")["ResponseCode"] == "400.001"


def test_every_shortcode_has_lists_of_its_own(start: Start, gateway: GatewayDouble) -> None:
    simulator = start("--clock", "2026-11-20T09:00:00+03:00")
    app = {"consumer_key": "simulated-key", "consumer_secret": "simulated-secret", "passkey": "p"}
    simulator.post("/control/merchants", shortcode="700111", name="UMOJA SHOP", initiator="testapi", **app)
    register(simulator)
    pay(simulator, 10)
    assert ask(simulator, ShortCode="700111")["ResponseCode"] == "500"
    own = {"ShortCode": "700111", "RequestType": "Pull", "NominatedNumber": "0700000001"}
    simulator.daraja("/pulltransactions/v1/register", own | {"CallBackURL": "https://example.org/pull"})
    paid = simulator.post("/control/paybill", phone=WANJIKU, amount=20, account="482135", shortcode="700111")
    [row] = ask(simulator, ShortCode="700111")["Response"][0]
    assert (row["transactionId"], row["organizationname"]) == (paid["receipt"], "UMOJA SHOP")
    assert [row["amount"] for row in ask(simulator)["Response"][0]] == ["10.00"]
    for party in ("700111", SHORTCODE):
        simulator.command("/mpesa/accountbalance/v1/query", "AccountBalance", PartyA=party, IdentifierType="4")
    simulator.advance(1)
    told = [json.loads(one.body)["Result"]["ResultParameters"]["ResultParameter"] for one in gateway.on(COMMAND_RESULT)]
    utility = {items[0]["Value"].split("&")[2].split("|")[2] for items in told}
    assert utility == {"20.00", "10.00"}
    day = "2026-11-20"
    for number, receipts in (("700111", 1), (SHORTCODE, 1)):
        query = {"from": day, "to": day, "shortcode": number}
        lines = simulator.http.get(f"{simulator.url}/control/statement", params=query, timeout=5).text.splitlines()
        assert (lines[1], len(lines) - 4) == (f"Short Code:,{number}", receipts)
