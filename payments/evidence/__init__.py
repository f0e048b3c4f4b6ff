"""Everything Safaricom told us: kept before it is understood (`keep`), and read afterwards (`read_due`)."""

from payments.evidence.read import read_due
from payments.evidence.store import BODY_BYTES, Received, is_ours, keep, receive, store, strangers

__all__ = ["BODY_BYTES", "Received", "is_ours", "keep", "read_due", "receive", "store", "strangers"]
