"""How Daraja says no: an errorCode that several meanings share, and HTTP statuses that follow its first digits."""

import json
from typing import NoReturn

from aiohttp import web

HTML = "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>"


class Refused(Exception):
    """Becomes `{"requestId","errorCode","errorMessage"}`; the HTTP status is the code's first three digits."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def response(refused: Refused, request_id: str) -> web.Response:
    body = {"requestId": request_id, "errorCode": refused.code, "errorMessage": refused.message}
    return web.json_response(body, status=int(refused.code[:3]))


def invalid(field: str) -> NoReturn:
    raise Refused("400.002.02", f"Bad Request - Invalid {field}")


def not_simulated() -> NoReturn:
    raise Refused("500.001.1001", "This API is not simulated yet")


async def body_of(request: web.Request) -> dict[str, object]:
    """The JSON object of a request; anything else is Daraja's invalid payload."""
    try:
        found = json.loads(await request.text())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("400.002.05", "Invalid Request Payload")
    return found


def word(body: dict[str, object], field: str, *, limit: int = 0, optional: bool = False) -> str:
    """A field as text, numbers included, since Daraja takes both. Refuses one that is absent or too long."""
    value = body.get(field)
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if (not text and not optional) or (limit and len(text) > limit):
        invalid(field)
    return text
