"""Tokens. Of an app one is alive at a time: a new one ends the one before, which breaks a token per worker process."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.chance import LETTERS_AND_DIGITS
from simulator.daraja.refusals import Refused
from simulator.ground import Ground
from simulator.merchants import Merchant, Merchants
from simulator.store import Shelf

LIFE_SECONDS = 3599  # as Daraja says


@dataclass(frozen=True)
class Token:
    text: str
    ends_at: datetime


class Tokens:
    def __init__(self, ground: Ground, merchants: Merchants) -> None:
        self._shelf = Shelf(ground.store, "token", Token)
        self._clock, self._chance, self._merchants = ground.clock, ground.chance, merchants

    def issue(self, authorization: str, grant_type: str) -> dict[str, str]:
        """The answer of `/oauth/v1/generate`. `expires_in` is text, as production sends it."""
        if grant_type != "client_credentials":
            raise Refused("400.008.02", "Invalid grant type passed")
        given = _basic(authorization)
        apps = (each.consumer_key for each in self._merchants.all() if given == _joined(each))
        app = next(apps, None)
        if app is None:
            raise Refused("400.008.01", "Invalid Authentication passed")
        ends_at = self._clock.now() + timedelta(seconds=LIFE_SECONDS)
        token = self._shelf.put(app, Token(self._new_text(app), ends_at))
        return {"access_token": token.text, "expires_in": str(LIFE_SECONDS)}

    def check(self, authorization: str) -> str:
        """The consumer key of the app whose live token it is. Raises Refused."""
        for app in {each.consumer_key for each in self._merchants.all()}:
            live = self._shelf.get(app)
            if live is not None and authorization == f"Bearer {live.text}" and live.ends_at > self._clock.now():
                return app
        raise Refused("404.001.03", "Invalid Access Token")

    def _new_text(self, app: str) -> str:
        """A new run draws as the one before did: what is alive there for another app is not given away twice."""
        text = self._chance.text("token", 28, LETTERS_AND_DIGITS)
        others = {each.consumer_key for each in self._merchants.all()} - {app}
        taken = any(live.text == text for live in map(self._shelf.get, others) if live)
        return self._new_text(app) if taken else text

    def end(self) -> None:
        """Every live token dies before its time."""
        self._shelf.clear()


def _joined(merchant: Merchant) -> str:
    return f"{merchant.consumer_key}:{merchant.consumer_secret}"


def _basic(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
