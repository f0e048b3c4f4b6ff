"""Pull: what customers paid to a shortcode in the last 48 hours, page by page. Asked, not told: it needs no callback.

Its answers are HTTP 200 whatever they mean, and have codes of their own: 1000 rows, 1001 none, 500 none or trouble.
Not verified: POST or GET (405 makes us ask by GET), the nesting of the rows, and the zone of the times, which are
written as Nairobi's here. A start that is three hours early and an end in Nairobi's time hold the span either way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ledger.nairobi import local
from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Accepted, Outcome, Rejected, Unknown
from payments.daraja.parsing import Unparsable, loads, text_of

REGISTER_PATH = "/pulltransactions/v1/register"
QUERY_PATH = "/pulltransactions/v1/query"
MOMENT = "%Y-%m-%d %H:%M:%S"
# Nairobi less UTC: as far as a reading in the wrong zone can be off.
ZONE_IN_DOUBT = timedelta(hours=3)

ROWS, NONE = "1000", "1001"
# 1001 of a registration: it was registered before.
REGISTERED = frozenset({"1000", "1001"})


@dataclass(frozen=True)
class Page:
    """One answer: `rows` as Safaricom wrote them, or why there is no answer. `ended`: there is nothing behind it."""

    rows: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    ended: bool = False
    trouble: str = ""


def register(daraja: Daraja, keys: Keys, token: str, *, nominated: str, callback_url: str) -> Outcome:
    """Registers the shortcode, once in its life. `nominated` is the number (2547...) in the portal's KYC."""
    body = {
        "ShortCode": keys.shortcode,
        "RequestType": "Pull",
        "NominatedNumber": nominated,
        "CallBackURL": callback_url,
    }
    outcome = daraja.post(REGISTER_PATH, token, body)
    said = _said(outcome)
    if said is not None and text_of(said, "ResponseStatus") in REGISTERED:
        return Accepted(200, said, b"")
    return outcome


def query(daraja: Daraja, keys: Keys, token: str, *, since: datetime, until: datetime, offset: int) -> Outcome:
    """Asks for the rows from `offset` on; `read` says what the answer is."""
    body = {
        "ShortCode": keys.shortcode,
        "StartDate": f"{local(since - ZONE_IN_DOUBT):{MOMENT}}",
        "EndDate": f"{local(until):{MOMENT}}",
        "OffSetValue": str(offset),
    }
    outcome = daraja.post(QUERY_PATH, token, body)
    if isinstance(outcome, Rejected) and outcome.code.startswith("405"):
        return daraja.post(QUERY_PATH, token, body, method="GET")
    return outcome


def read(outcome: Outcome) -> Page:
    """What an answer to a query says. A 500 may mean that there is nothing as well: it proves neither."""
    said = _said(outcome)
    if said is None:
        if isinstance(outcome, Unknown):
            return Page(trouble=outcome.reason)
        return Page(trouble=f"{outcome.code} {outcome.message}".strip() if isinstance(outcome, Rejected) else "no rows")
    code = text_of(said, "ResponseCode") or text_of(said, "errorCode")
    if code == NONE:
        return Page(ended=True)
    if code != ROWS:
        return Page(trouble=f"{code} {text_of(said, 'ResponseMessage')}".strip() or "no code")
    rows = tuple(_rows(said.get("Response")))
    return Page(rows, ended=not rows)


def _said(outcome: Outcome) -> dict[str, Any] | None:
    """The body of an answer that came with HTTP 2xx."""
    if outcome.status is None or not 200 <= outcome.status < 300:
        return None
    try:
        return loads(outcome.body)
    except Unparsable:
        return None


def _rows(found: Any) -> Iterator[dict[str, Any]]:
    """Rows stand in a list, in a list in it, or alone; an empty object is no row."""
    if isinstance(found, dict):
        if found:
            yield found
    elif isinstance(found, list):
        for inner in found:
            yield from _rows(inner)
