"""Everything Safaricom told us: kept before it is understood (`keep`), and read afterwards (`read_due`)."""

from payments.evidence.aging import age_due
from payments.evidence.read import read_due
from payments.evidence.seen import is_ours, set_aside, strangers, unread_about, unsettled
from payments.evidence.settle import Unpaid
from payments.evidence.store import BODY_BYTES, Received, keep, pseudonymise, read_again, receive, store

__all__ = [
    "BODY_BYTES",
    "Received",
    "Unpaid",
    "age_due",
    "is_ours",
    "keep",
    "pseudonymise",
    "read_again",
    "read_due",
    "receive",
    "set_aside",
    "store",
    "strangers",
    "unread_about",
    "unsettled",
]
