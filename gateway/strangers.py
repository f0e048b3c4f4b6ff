"""Addresses that flood us with callbacks which no payment of ours explains.

Everything told is stored, a forgery too, because an operator should see it; but a stranger must not fill the disk. Who
sent more than MOST of them lately is asked for a token that we know before anything more is stored. Safaricom's own
addresses are safe: their callbacks carry our tokens, and a paybill's notices our secret. A process looks every few
seconds, so a callback pays nothing.
"""

from datetime import datetime, timedelta

from gateway.wiring import Wiring
from payments import evidence
from payments.tokens import token_hash

# A forger is seen long before he sends sixty, and sixty bodies of 64 kB harm no disk.
MOST = 60
WITHIN = timedelta(minutes=5)
# What a flood may leave behind before it is noticed.
ASK_EVERY = timedelta(seconds=5)


class Strangers:
    """What one process knows of them. `secret` stands in the path of every notice of a paybill."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._addresses: set[str] = set()
        self._asked_at: datetime | None = None

    def turned_away(self, wiring: Wiring, *, address: str | None, token: str, at: datetime) -> bool:
        """Whether this delivery is one too many from a stranger."""
        asking = self._asked_at is None or at - self._asked_at > ASK_EVERY
        if not asking and address not in self._addresses:
            return False
        with wiring.at_the_door("token", token_hash(token).hex()) as conn:
            if asking:
                self._asked_at = at
                self._addresses = evidence.strangers(conn, since=at - WITHIN, more_than=MOST, secret=self._secret)
            return address in self._addresses and not evidence.is_ours(conn, token)
