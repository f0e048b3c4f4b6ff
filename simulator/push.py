"""The push service: a service account whose statements it believes (RFC 7523), and what was pushed to devices."""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from simulator.ground import Ground
from simulator.store import Shelf

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
# As Google says in every answer.
TOKEN_SECONDS = 3599
EMAIL = "push@simulated.example"
PROJECT = "simulated"


@dataclass(frozen=True)
class Pushed:
    """One message on the device behind `to`, the token that its app registered."""

    number: int
    to: str
    title: str
    body: str
    at: datetime


@dataclass(frozen=True)
class Key:
    """PEM. It guards simulated messages only."""

    private: str


class PushService:
    def __init__(self, ground: Ground) -> None:
        self._shelf, self._keys = Shelf(ground.store, "pushed", Pushed), Shelf(ground.store, "push key", Key)
        self._clock, self._chance, self._file = ground.clock, ground.chance, ground.settings.push_account
        self.tokens: dict[str, float] = {}

    def account(self, token_uri: str) -> dict[str, str]:
        """The service account, as Google hands it out: that of the settings, or one that is made when first asked."""
        if self._file:
            return dict(json.loads(Path(self._file).read_text()))
        kept = self._keys.get("key") or self._keys.put("key", Key(_make()))
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "client_email": EMAIL,
            "token_uri": token_uri,
            "private_key": kept.private,
        }

    def issue(self, account: dict[str, str], assertion: str) -> str:
        """A token for a statement that the account has signed. Raises ValueError, InvalidSignature."""
        signed, _, signature = assertion.rpartition(".")
        key = serialization.load_pem_private_key(account["private_key"].encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("no RSA key")
        key.public_key().verify(_plain(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        header, claims = (json.loads(_plain(part)) for part in signed.split("."))
        now = self._clock.now().timestamp()
        fits = header["alg"] == "RS256" and claims["iss"] == account["client_email"] and claims["scope"] == SCOPE
        if not fits or claims["aud"] != account["token_uri"] or not claims["iat"] - 300 <= now < claims["exp"]:
            raise ValueError("another account's statement, or not of this hour")
        token = "ya29." + self._chance.text("push token", 40)
        self.tokens[token] = now + TOKEN_SECONDS
        return token

    def knows(self, token: str) -> bool:
        return self.tokens.get(token, 0) > self._clock.now().timestamp()

    def keep(self, to: str, title: str, body: str) -> int:
        number = max((one.number for one in self._shelf), default=0) + 1
        self._shelf.put(str(number), Pushed(number, to, title, body, self._clock.now()))
        return number

    def of(self, device: str | None) -> list[dict[str, Any]]:
        """Oldest first; everybody's when `device` is None."""
        return [asdict(one) | {"at": one.at.isoformat()} for one in self._shelf if device in (None, one.to)]

    def clear(self) -> None:
        self._shelf.clear()


def _plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _make() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
