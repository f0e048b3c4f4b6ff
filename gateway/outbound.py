"""Our few plain HTTP calls that are not to Safaricom: the simulated clock, the phone in a terminal, push messages."""

import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

TIMEOUT_SECONDS = (1.0, 15.0)


def clock_offset(url: str) -> Callable[[], float]:
    """A function that asks the simulated clock how many seconds it is ahead; raises OSError when nobody answers."""
    session = requests.Session()

    def fetch() -> float:
        answer = session.get(url, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return float(answer.json()["offset_seconds"])

    return fetch


def get_json(url: str, **params: str) -> Any:
    """GET as JSON; raises requests.RequestException (an OSError) on any other answer."""
    answer = requests.get(url, params=params, headers={"Accept": "application/json"}, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer.json()


def post_json(url: str, body: dict[str, Any], token: str = "") -> Any:
    """POST as JSON, answer as JSON; `token` goes as a bearer. Raises requests.RequestException (an OSError)."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.post(url, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer.json()


def exchange(url: str, body: dict[str, Any], token: str) -> tuple[int, Any]:
    """POST as JSON; status and JSON of any answer, None where it is no JSON. Raises requests.RequestException."""
    answer = requests.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_SECONDS)
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, None


def never_connected(error: BaseException) -> bool:
    """Whether nobody was there to take a single byte."""
    return any(isinstance(cause, ConnectionRefusedError | socket.gaierror) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def post_form(url: str, fields: Mapping[str, str]) -> str:
    """POST as a form, answer as text; raises requests.RequestException (an OSError) on any other answer."""
    answer = requests.post(url, data=dict(fields), timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer.text


def why_not(error: OSError) -> str:
    """What went wrong with a call of ours, in a few words for whoever made it; no part of what was sent."""
    if isinstance(error, requests.HTTPError):
        return f"it answered {error.response.status_code}"
    return "nobody answers" if isinstance(error, requests.ConnectionError) else "no answer came that can be read"
