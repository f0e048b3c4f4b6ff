"""The real process, and a merchant's way of talking to it."""

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.simulator import nursery

SHORTCODE = "600123"
TIMESTAMP = "20261120140203"
CONSUMER_SECRET = "simulated-secret"
WANJIKU = "+254700000005"
COMMAND_RESULT, COMMAND_TIMEOUT = "/pay/balance/0123456789abcdef/result", "/pay/balance/0123456789abcdef/timeout"
B2C_RESULT, B2C_TIMEOUT = "/pay/b2c/0123456789abcdef/result", "/pay/b2c/0123456789abcdef/timeout"


def password(timestamp: str = TIMESTAMP) -> str:
    return base64.b64encode(f"{SHORTCODE}simulated-passkey{timestamp}".encode()).decode()


@dataclass
class Simulator:
    gateway_url: str
    arguments: tuple[str, ...] = ()
    url: str = ""
    # What was last told about the time.
    clock: Any = None
    http: requests.Session = field(default_factory=requests.Session)
    _pid: int = 0

    def __post_init__(self) -> None:
        # It is on the loopback: nobody need look for a proxy in the environment, at each request.
        self.http.trust_env = False

    def start(self) -> "Simulator":
        self._pid, self.url = nursery.born(self.arguments, os.environ | {"SIM_GATEWAY_URL": self.gateway_url})
        return self

    def kill(self) -> None:
        """As a power cut would: nothing is tidied up."""
        nursery.killed(self._pid)
        self.http.close()

    def get(self, path: str, **query: str) -> Any:
        return self.http.get(self.url + path, params=query, timeout=5).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.http.post(self.url + path, json=body, timeout=15).json()

    def wish(self, outcome: str, api: str = "stk", phone: str = WANJIKU, times: int = 1) -> None:
        self.post("/control/outcomes", phone=phone, api=api, outcome=outcome, times=times)

    def wish_all(self, wishes: list[dict[str, Any]]) -> None:
        """The same for several, in their order, in one request."""
        self.post("/control/outcomes", wishes=wishes)

    def advance(self, seconds: float) -> Any:
        """Lets time pass, and all that becomes due happen; returns the time, and how much has happened so far."""
        self.clock = self.post("/control/clock", advance_seconds=seconds)
        return self.clock

    def receipts(self) -> list[dict[str, Any]]:
        return list(self.get("/control/truth")["receipts"])

    def token(self, secret: str = CONSUMER_SECRET) -> requests.Response:
        address = self.url + "/oauth/v1/generate"
        query = {"grant_type": "client_credentials"}
        return self.http.get(address, params=query, auth=("simulated-key", secret), timeout=5)

    def daraja(self, path: str, body: dict[str, Any], token: str = "") -> requests.Response:
        bearer = token or self.token().json()["access_token"]
        headers = {"Authorization": f"Bearer {bearer}"}
        return self.http.post(self.url + path, json=body, headers=headers, timeout=15)

    def push(self, token: str = "", **changes: Any) -> requests.Response:
        return self.daraja("/mpesa/stkpush/v1/processrequest", self.push_body(**changes), token)

    def push_body(self, **changes: Any) -> dict[str, Any]:
        body = {
            "BusinessShortCode": int(SHORTCODE),
            "Password": password(),
            "Timestamp": TIMESTAMP,
            "TransactionType": "CustomerPayBillOnline",
            "Amount": "500",
            "PartyA": WANJIKU.lstrip("+"),
            "PartyB": SHORTCODE,
            "PhoneNumber": WANJIKU.lstrip("+"),
            "CallBackURL": self.gateway_url + "/pay/stk/0123456789abcdef",
            "AccountReference": "UMOJA4K7Q2M9",
            "TransactionDesc": "Umoja",
        }
        return body | changes

    def query(self, checkout_id: str) -> requests.Response:
        body = {"BusinessShortCode": SHORTCODE, "Password": password(), "Timestamp": TIMESTAMP}
        return self.daraja("/mpesa/stkpushquery/v1/query", body | {"CheckoutRequestID": checkout_id})

    def payout(self, originator: str, token: str = "", version: str = "v3", **changes: Any) -> requests.Response:
        body = self.payout_body(originator) | changes
        if version == "v1":
            del body["OriginatorConversationID"]
        return self.daraja(f"/mpesa/b2c/{version}/paymentrequest", body, token)

    def payout_body(self, originator: str) -> dict[str, Any]:
        return {
            "OriginatorConversationID": originator,
            "InitiatorName": "testapi",
            "SecurityCredential": "credential",
            "CommandID": "BusinessPayment",
            "Amount": "150",
            "PartyA": SHORTCODE,
            "PartyB": WANJIKU.lstrip("+"),
            "Remarks": "Umoja",
            "QueueTimeOutURL": self.gateway_url + B2C_TIMEOUT,
            "ResultURL": self.gateway_url + B2C_RESULT,
            "Occassion": "",
        }

    def command(self, path: str, command: str, token: str = "", **more: Any) -> requests.Response:
        """A request in the operator's name; its answer goes to COMMAND_RESULT."""
        body = {
            "Initiator": "testapi",
            "SecurityCredential": "credential",
            "CommandID": command,
            "ResultURL": self.gateway_url + COMMAND_RESULT,
            "QueueTimeOutURL": self.gateway_url + COMMAND_TIMEOUT,
            "Remarks": "check",
        }
        return self.daraja(path, body | more, token)

    def credential(self, password: str) -> str:
        """As a merchant makes it from the certificate of the portal."""
        found = self.http.get(self.url + "/control/certificate", timeout=15).content
        key = x509.load_pem_x509_certificate(found).public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        return base64.b64encode(key.encrypt(password.encode(), padding.PKCS1v15())).decode()


Start = Callable[..., Simulator]
