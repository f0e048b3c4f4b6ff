"""A public Daraja library, not ours and unchanged, gets from the simulator what it expects from Safaricom."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.client import B2C_RESULT, CONSUMER_SECRET, SHORTCODE, WANJIKU, Simulator, Start
from tests.simulator.gateway_double import GatewayDouble
from tests.simulator.tls_front import HOST, TlsFront

pytestmark = pytest.mark.full
PEER = Path(__file__).parent / "peer"
PASSWORD = "Safaricom999#"
CALLBACK = "/pay/stk/0123456789abcdef"


@pytest.fixture
def safaricom(start: Start) -> Simulator:
    return start("--initiator-password", PASSWORD)


@pytest.fixture
def front(safaricom: Simulator, tmp_path: Path) -> Iterator[TlsFront]:
    opened = TlsFront(safaricom.url, tmp_path)
    yield opened
    opened.close()


def merchant(front: TlsFront, work: str, **more: Any) -> dict[str, Any]:
    """One call of the library, in a process of its own."""
    python = PEER / ".venv" / "bin" / "python"
    assert python.exists(), "the library is not installed: make test-full installs it"
    told = {
        "work": work,
        "consumer_key": "simulated-key",
        "consumer_secret": CONSUMER_SECRET,
        "passkey": "simulated-passkey",
        "shortcode": SHORTCODE,
        "phone": WANJIKU.lstrip("+"),
    }
    environ = {"HTTPS_PROXY": front.url, "SSL_CERT_FILE": str(front.certificate), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [str(python), str(PEER / "merchant.py")],
        input=json.dumps(told | more),
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert front.asked_for <= {f"{HOST}:443"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_push_is_asked_for_paid_and_queried(safaricom: Simulator, front: TlsFront, gateway: GatewayDouble) -> None:
    safaricom.wish("pays")
    accepted = merchant(front, "push", callback_url=gateway.url + CALLBACK)
    assert int(accepted["ResponseCode"]) == 0
    (heard,) = gateway.wait(CALLBACK, seconds=30)
    final = merchant(front, "query", checkout_request_id=accepted["CheckoutRequestID"])
    assert int(final["ResultCode"]) == 0
    (receipt,) = safaricom.receipts()
    assert (receipt["amount_cents"], receipt["reference"]) == (500_00, "UMOJA4K7Q2M9")
    read = merchant(front, "read_callback", body=heard.body)["Body"]["stkCallback"]
    assert read["CheckoutRequestID"] == accepted["CheckoutRequestID"]
    assert receipt["receipt"] in json.dumps(read)
    unknown = merchant(front, "query", checkout_request_id="ws_CO_unknown")
    assert unknown == {"refused": "The transaction does not Exist", "status": 500}


def test_a_payout_is_made_once(safaricom: Simulator, front: TlsFront, gateway: GatewayDouble) -> None:
    safaricom.post("/control/paybill", phone="+254700000001", amount=5000, account="482135")
    about = {
        "originator_conversation_id": "600123_payout_1",
        "security_credential": safaricom.credential(PASSWORD),
        "result_url": gateway.url + B2C_RESULT,
    }
    assert merchant(front, "pay_out", **about)["OriginatorConversationID"] == "600123_payout_1"
    (heard,) = gateway.wait(B2C_RESULT, seconds=30)
    again = merchant(front, "pay_out", **about)
    assert again == {"refused": "Duplicate OriginatorConversationID.", "status": 500}
    (payout,) = safaricom.get("/control/truth")["payouts"]
    assert json.loads(heard.body)["Result"]["TransactionID"] == payout["receipt"]


def test_wrong_keys_get_no_token(safaricom: Simulator, front: TlsFront, gateway: GatewayDouble) -> None:
    refused = merchant(front, "push", callback_url=gateway.url + CALLBACK, consumer_secret="wrong")
    assert refused == {"refused": "Invalid Authentication passed", "status": 400}
