"""Dynamic QR: a picture that M-PESA's app scans, with who is paid, under which account, and how much.

Answered at once, and nothing moves. Success is "00" in practice and the name of a conversation in Safaricom's own
sample, so what counts is that a picture came.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

from payments.daraja.client import Daraja
from payments.daraja.outcomes import Outcome, Rejected, Unknown
from payments.daraja.parsing import Unparsable, loads, text_of

PATH = "/mpesa/qrcode/v1/generate"
# Pixels a side: sharp on a sheet that hangs on a wall.
SIZE = 300
# A code of that size has some kilobytes.
LARGEST_BYTES = 300_000
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Wanted:
    """`pays` is the paybill's number with the account `reference`, or the till's. Shillings."""

    merchant: str
    reference: str
    shillings: int
    pays: str
    till: bool


@dataclass(frozen=True)
class Drawn:
    """The picture, a PNG; empty when none came, and why."""

    picture: bytes = field(default=b"", repr=False)
    trouble: str = ""


def ask(daraja: Daraja, token: str, wanted: Wanted) -> Outcome:
    """Asks for the picture; `read` says what came."""
    body: dict[str, Any] = {
        "MerchantName": wanted.merchant,
        "RefNo": wanted.reference,
        "Amount": wanted.shillings,
        "TrxCode": "BG" if wanted.till else "PB",
        "CPI": wanted.pays,
        "Size": str(SIZE),
    }
    return daraja.post(PATH, token, body)


def read(outcome: Outcome) -> Drawn:
    """The picture of an answer, whatever its code."""
    if isinstance(outcome, Rejected):
        return Drawn(trouble=f"{outcome.code} {outcome.message}".strip())
    try:
        picture = base64.b64decode(text_of(loads(outcome.body), "QRCode"), validate=True)
    except (Unparsable, binascii.Error):
        return Drawn(trouble=outcome.reason if isinstance(outcome, Unknown) else "no picture in the answer")
    if not picture.startswith(PNG) or len(picture) > LARGEST_BYTES:
        return Drawn(trouble=outcome.reason if isinstance(outcome, Unknown) and not picture else "not a PNG")
    return Drawn(picture)
