"""The password of an STK request: shortcode, passkey and the very timestamp that stands in the same body."""

import base64
from datetime import datetime

from ledger.nairobi import local

TIMESTAMP = "%Y%m%d%H%M%S"


def timestamp(at: datetime) -> str:
    """An instant as Daraja writes it, in Nairobi's time: "20261120140200"."""
    return local(at).strftime(TIMESTAMP)


def signed(shortcode: str, passkey: str, at: datetime) -> dict[str, str]:
    """The two fields, from one instant, so that they cannot differ at the turn of a second."""
    stamp = timestamp(at)
    return {"Password": base64.b64encode(f"{shortcode}{passkey}{stamp}".encode()).decode(), "Timestamp": stamp}
