"""Push messages through Firebase Cloud Messaging, HTTP v1.

With a token of the hour (gateway/push_account.py) each app of a member is one call.
What an answer proves: 200 is taken; UNREGISTERED means that the app is gone, and its token is forgotten; 401, 429 and
5xx with a body took nothing; no answer leaves it unclear. Source: firebase.google.com/docs/reference/fcm/rest/v1.
"""

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from chamas.telling import preferences
from chamas.telling.notice_states import Channel
from chamas.telling.notices import Claimed
from gateway import delivery, outbound
from gateway.delivery import Fate, Outcome
from gateway.push_account import GRANT, Account, read_account, statement
from gateway.wiring import Wiring

# A token is used until a minute before its end.
SPARE = timedelta(minutes=1)
# Nothing was taken, and it may be taken later: the token is no good, too much at once, or the service is ill.
LATER = frozenset({401, 403, 429, 500, 503})


@dataclass
class Pusher:
    """Sends push messages; keeps the token of the hour. One per process."""

    wiring: Wiring
    _token: str = field(default="", repr=False)
    _until: datetime | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def send_due(self) -> int:
        """Sends the push messages that are due; returns how many were taken up."""
        return delivery.send_due(self.wiring, Channel.PUSH, self.deliver)

    def deliver(self, notice: Claimed, text: str) -> Outcome:
        """Hands one message to each app of hers; the best that became of it counts."""
        settings = self.wiring.settings
        if not settings.firebase_config:
            return Outcome(Fate.FAILED, "no push service")
        with self.wiring.transaction() as conn:
            devices = preferences.devices(conn, notice.user_id)
        if not devices:
            return Outcome(Fate.FAILED, "no device")
        account = read_account(settings.firebase_config)
        try:
            token = self._bearer(account)
        except (OSError, ValueError) as error:
            return Outcome(Fate.NOT_SENT, f"no token: {type(error).__name__}")
        title = str(notice.arguments.get("chama", ""))
        outcomes = [self._hand_on(account, token, device, title, text) for device in devices]
        for fate in (Fate.SENT, Fate.UNCLEAR, Fate.NOT_SENT):
            for outcome in outcomes:
                if outcome.fate is fate:
                    return outcome
        return outcomes[0]

    def _hand_on(self, account: Account, token: str, device: str, title: str, text: str) -> Outcome:
        message = {"token": device, "notification": {"title": title, "body": text}}
        url = f"{self.wiring.settings.fcm_base_url}/v1/projects/{account.project_id}/messages:send"
        try:
            status, answer = outbound.exchange(url, {"message": message}, token)
        except (OSError, ValueError) as error:
            return Outcome(Fate.NOT_SENT if outbound.never_connected(error) else Fate.UNCLEAR, type(error).__name__)
        outcome = read_answer(status, answer)
        if outcome.why == "UNREGISTERED":
            with self.wiring.transaction() as conn:
                preferences.lose_device(conn, device)
        if status == HTTPStatus.UNAUTHORIZED:
            self._until = None
        return outcome

    def _bearer(self, account: Account) -> str:
        with self._turn:
            at = self.wiring.now()
            if self._until is None or at >= self._until:
                form = {"grant_type": GRANT, "assertion": statement(account, at)}
                given = json.loads(outbound.post_form(account.token_uri, form))
                if not isinstance(given, dict) or "access_token" not in given:
                    raise ValueError("an answer without a token")
                self._token = str(given["access_token"])
                self._until = at + timedelta(seconds=int(given.get("expires_in", 0))) - SPARE
            return self._token


def read_answer(status: int, answer: Any) -> Outcome:
    """What an answer of the push service proves; `answer` is its JSON."""
    if status == HTTPStatus.OK:
        name = answer.get("name") if isinstance(answer, dict) else None
        return Outcome(Fate.SENT, provider_id=name if isinstance(name, str) and 0 < len(name) <= 100 else None)
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return Outcome(Fate.UNCLEAR, f"unreadable answer {status}")
    details = error.get("details")
    told = details if isinstance(details, list) else []
    codes = [one.get("errorCode") for one in told if isinstance(one, dict) and one.get("errorCode")]
    why = str(codes[0] if codes else error.get("status", status))[:40]
    return Outcome(Fate.NOT_SENT if status in LATER else Fate.FAILED, why)
