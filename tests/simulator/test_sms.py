"""SMS: what Africa's Talking answers, what the phone gets, what is reported."""

import json
from pathlib import Path

import pytest
import requests

from tests.simulator.client import WANJIKU, Simulator
from tests.simulator.gateway_double import GatewayDouble

REPORTS = "/sms/reports"
SAMPLE = Path(__file__).parent.parent / "samples/africastalking/sms-send-reply.json"


def send(
    simulator: Simulator, to: str = WANJIKU, message: str = "Habari", key: str = "simulated-at-key"
) -> requests.Response:
    form = {"username": "sandbox", "to": to, "message": message, "from": "PESACHAMA", "bulkSMSMode": "1"}
    headers = {"apiKey": key, "Accept": "application/json"}
    return requests.post(simulator.url + "/version1/messaging", data=form, headers=headers, timeout=0.4)


def inbox(simulator: Simulator) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = simulator.get("/control/sms", phone=WANJIKU)
    return listed


def test_sent_and_reported(simulator: Simulator, gateway: GatewayDouble) -> None:
    answer = send(simulator, to=f"{WANJIKU},+254700000")
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
    good, bad = answer.json()["SMSMessageData"]["Recipients"]
    sample = json.loads(SAMPLE.read_text())["SMSMessageData"]
    assert answer.json()["SMSMessageData"]["Message"] == "Sent to 1/2 Total Cost: KES 0.8000"
    assert set(good) == set(sample["Recipients"][0])
    assert bad == sample["Recipients"][1]
    (sms,) = inbox(simulator)
    assert sms | {"at": ""} == {
        "id": good["messageId"],
        "from": "PESACHAMA",
        "to": WANJIKU,
        "text": "Habari",
        "at": "",
        "segments": 1,
    }
    simulator.advance(1)
    (report,) = gateway.on(REPORTS)
    fields = {"phoneNumber": WANJIKU, "retryCount": "0", "id": good["messageId"], "status": "Success"}
    assert report.form == fields | {"networkCode": "63902"}


def test_the_key_is_checked(simulator: Simulator) -> None:
    assert send(simulator, key="wrong").status_code == 401
    assert inbox(simulator) == []


@pytest.mark.parametrize(
    ("message", "segments"),
    [("x" * 160, 1), ("x" * 161, 2), ("x" * 307, 3), ("[" * 81, 2), ("\u201c" + "x" * 69, 1), ("\u201c" + "x" * 70, 2)],
)
def test_segments(simulator: Simulator, message: str, segments: int) -> None:
    send(simulator, message=message)
    assert [sms["segments"] for sms in inbox(simulator)] == [segments]


def test_fails(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("fails", api="sms")
    assert send(simulator).json()["SMSMessageData"]["Recipients"][0]["statusCode"] == 101
    simulator.advance(1)
    (report,) = gateway.on(REPORTS)
    assert (report.form["status"], report.form["failureReason"]) == ("Failed", "DeliveryFailure")
    assert inbox(simulator) == []


def test_blacklist(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("blacklist", api="sms")
    (refused,) = send(simulator).json()["SMSMessageData"]["Recipients"]
    assert (refused["statusCode"], refused["status"]) == (406, "UserInBlacklist")
    simulator.advance(5)
    assert (inbox(simulator), gateway.heard) == ([], [])


def test_no_report(simulator: Simulator, gateway: GatewayDouble) -> None:
    simulator.wish("no_report", api="sms")
    send(simulator)
    simulator.advance(5)
    assert (len(inbox(simulator)), gateway.heard) == (1, [])


def test_timeout(simulator: Simulator) -> None:
    simulator.wish("timeout", api="sms")
    with pytest.raises(requests.Timeout):
        send(simulator)
    assert len(inbox(simulator)) == 1
