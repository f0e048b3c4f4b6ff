"""How a payer is known again without her number. Pure.

Safaricom names her by a plain SHA-256, and there are so few numbers that all are tried in seconds. What we keep is made
of that hash under a secret from outside the database: money finds its owner, a thief of the database no number.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from payments.phones import daraja_hash

# Enough that no two payers meet, and no length that a plain hash has: the database tells one from the other.
KEY_BYTES = 16


@dataclass(frozen=True)
class Payers:
    """Knows payers by `secret`, which must stay the same for as long as money shall find its owner."""

    secret: bytes = field(repr=False)

    def of_phone(self, phone: str | None) -> bytes | None:
        """The key of an E.164 number; None for a payer who is hidden."""
        return None if phone is None else self.of_hash(daraja_hash(phone))

    def of_hash(self, hashed: bytes | None) -> bytes | None:
        """The same key out of Safaricom's SHA-256, so that the two can meet."""
        return None if hashed is None else hmac.digest(self.secret, hashed, hashlib.sha256)[:KEY_BYTES]
