"""How gateways write one turn, and what of it is the same: `USSD_GATEWAY` names the shape that is spoken to us.

    africastalking   POST, a form; `text` holds all answers of the session, joined by `*`
    get              GET, in the query; `ussd_string` likewise. What several Kenyan gateways send
    get-newest       the same names, but `ussd_string` is the newest answer alone (gateway/ussd/newest.py)

Sources: captured traffic for the first; the pages of such gateways for the names of the second. Both are answered with
`CON ...` or `END ...`. Whether a first turn is empty or repeats the code is told both ways: either is understood.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Shape(NamedTuple):
    """The names of the five fields; `whole`: whether `text` holds all answers, and not the newest alone."""

    method: Literal["GET", "POST"]
    session: str
    code: str
    phone: str
    network: str
    text: str
    whole: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Session, code, phone, network, text."""
        return self[1:6]


IN_THE_QUERY = Shape("GET", "session_id", "service_code", "msisdn", "network_code", "ussd_string")
SHAPES: Mapping[str, Shape] = {
    "africastalking": Shape("POST", "sessionId", "serviceCode", "phoneNumber", "networkCode", "text"),
    "get": IN_THE_QUERY,
    "get-newest": IN_THE_QUERY._replace(whole=False),
}


class Said(NamedTuple):
    """What was typed: `text` all answers of the session; with `newest` it is not known yet."""

    text: str
    newest: str | None = None


def said(shape: Shape, text: str, ussd_code: str) -> Said:
    """A first turn may repeat what was dialled, `*384*123*1*500#`: what stands behind the code is dialled ahead."""
    stem = ussd_code.removesuffix("#")
    if text.endswith("#") and (text == ussd_code or text.startswith(f"{stem}*")):
        return Said(text[len(stem) + 1 : -1])
    return Said(text) if shape.whole or not text else Said("", text)


def same_code(code: str, ussd_code: str) -> bool:
    """Some gateways leave the star and the hash out."""
    return code.strip("*#") == ussd_code.strip("*#")
