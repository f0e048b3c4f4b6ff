"""Everything Safaricom told us: kept before it is understood (`keep`), and read afterwards (`read_due`)."""

from payments.evidence.read import read_due
from payments.evidence.settle import Unpaid
from payments.evidence.store import (
    BODY_BYTES,
    Received,
    is_ours,
    keep,
    pseudonymise,
    read_again,
    receive,
    store,
    strangers,
    unread_about,
    unsettled,
)

__all__ = [
    "BODY_BYTES",
    "Received",
    "Unpaid",
    "is_ours",
    "keep",
    "pseudonymise",
    "read_again",
    "read_due",
    "receive",
    "store",
    "strangers",
    "unread_about",
    "unsettled",
]
