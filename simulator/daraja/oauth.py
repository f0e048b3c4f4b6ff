"""Tokens. One is alive at a time: a new one ends the one before, which is what breaks a token per worker process."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.chance import LETTERS_AND_DIGITS
from simulator.daraja.refusals import Refused
from simulator.ground import Ground
from simulator.store import Shelf

LIFE_SECONDS = 3599  # as Daraja says


@dataclass(frozen=True)
class Token:
    text: str
    ends_at: datetime


class Tokens:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "token", Token)
        self._clock, self._chance = ground.clock, ground.chance
        self._expected = f"{ground.settings.consumer_key}:{ground.settings.consumer_secret}"

    def issue(self, authorization: str, grant_type: str) -> dict[str, str]:
        """The answer of `/oauth/v1/generate`. `expires_in` is text, as production sends it."""
        if grant_type != "client_credentials":
            raise Refused("400.008.02", "Invalid grant type passed")
        if _basic(authorization) != self._expected:
            raise Refused("400.008.01", "Invalid Authentication passed")
        ends_at = self._clock.now() + timedelta(seconds=LIFE_SECONDS)
        token = self._shelf.put("live", Token(self._chance.text("token", 28, LETTERS_AND_DIGITS), ends_at))
        return {"access_token": token.text, "expires_in": str(LIFE_SECONDS)}

    def check(self, authorization: str) -> None:
        live = self._shelf.get("live")
        if live is None or authorization != f"Bearer {live.text}" or live.ends_at <= self._clock.now():
            raise Refused("404.001.03", "Invalid Access Token")

    def end(self) -> None:
        """The live token dies before its time."""
        self._shelf.drop("live")


def _basic(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
