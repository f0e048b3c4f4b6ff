"""One HTTP request to Daraja, and which of the three ends it came to.

Nothing here tries again. STK has no idempotency: a second POST is a second prompt on the member's phone, so urllib3's
retries are off, redirects are not followed, and every connection is used once. A kept-alive connection that the other
side has just closed looks exactly like a lost answer, and would leave a payment unclear for nothing.
"""

from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from payments.daraja.errors import NOT_EXECUTED, WORTH_ANOTHER_TRY, meaning_of
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Accepted, Outcome, Rejected, Unknown
from payments.daraja.parsing import Unparsable, loads, text_of

# A handshake across a continent, with one packet lost and sent again.
CONNECT_SECONDS = 4.0
# Daraja answers an accepted push in one to three seconds; after this the answer counts as lost.
READ_SECONDS = 20.0

TOKEN_PATH = "/oauth/v1/generate"  # noqa: S105


@dataclass(frozen=True)
class FreshToken:
    """A token as it was issued, and its life in seconds."""

    text: str = field(repr=False)
    seconds: int


class Daraja:
    """Safaricom's API at `base_url`; `keys` are those of the first shortcode, from the settings."""

    def __init__(
        self, base_url: str, keys: Keys, *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        self.keys = keys
        self._base_url = base_url.rstrip("/")
        self._timeout = (connect_seconds, read_seconds)
        self._session = requests.Session()
        # A .netrc of the user would silently replace the Authorization header.
        self._session.trust_env = False
        self._session.headers["Connection"] = "close"
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))

    def __repr__(self) -> str:
        return f"Daraja({self._base_url})"

    def fetch_token(self, keys: Keys) -> FreshToken | Rejected:
        """A new token, which ends the life of the one before. Whatever goes wrong executed nothing."""
        try:
            answer = self._session.get(
                self._base_url + TOKEN_PATH,
                params={"grant_type": "client_credentials"},
                auth=(keys.consumer_key, keys.consumer_secret),
                timeout=self._timeout,
                allow_redirects=False,
            )
            found = loads(answer.content)
        except requests.RequestException as trouble:
            return Rejected("token", type(trouble).__name__, again=True)
        except Unparsable as trouble:
            return Rejected("token", str(trouble), again=True, status=answer.status_code)
        text, seconds = text_of(found, "access_token"), text_of(found, "expires_in")
        if answer.status_code != requests.codes.ok or not text or not seconds.isdecimal():
            code, message = text_of(found, "errorCode"), text_of(found, "errorMessage")
            return Rejected(code or "token", message or "no token in the answer", again=True, status=answer.status_code)
        return FreshToken(text, int(seconds))

    def post(self, path: str, token: str, body: dict[str, Any], *, method: str = "POST") -> Outcome:
        """Sends `body` once; Pull may want it by GET."""
        try:
            answer = self._session.request(
                method,
                self._base_url + path,
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as trouble:
            return _without_answer(trouble)
        return read_answer(answer.status_code, answer.content)


def _without_answer(trouble: requests.RequestException) -> Rejected | Unknown:
    """Proved not sent only if there never was a connection. The exception's own text names hosts and is not kept."""
    reason = getattr(trouble.args[0] if trouble.args else None, "reason", None)
    if isinstance(trouble, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        return Rejected("unreachable", type(trouble).__name__, again=True)
    return Unknown(f"no answer ({type(trouble).__name__})")


def read_answer(status: int, body: bytes) -> Outcome:
    """What an HTTP answer says about the request. HTML, with 200 or any other status, says nothing."""
    try:
        found = loads(body)
    except Unparsable as trouble:
        return Unknown(f"HTTP {status}, {trouble}", status, body=body)
    if 200 <= status < 300 and text_of(found, "ResponseCode") == "0":
        return Accepted(status, found, body)
    code, message = text_of(found, "errorCode"), text_of(found, "errorMessage")
    meaning = meaning_of(code, message)
    if status >= 400 and meaning in NOT_EXECUTED:
        return Rejected(code, message, meaning in WORTH_ANOTHER_TRY, status, body)
    return Unknown(f"HTTP {status}, {code or 'no errorCode'}", status, code, message, body)
