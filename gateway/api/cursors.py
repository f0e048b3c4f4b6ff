"""Where a list goes on: a token that holds the key of the last row and is signed for the list it was cut from.

Programs give back what they were given and need not know what stands in it. A token that was made up, cut short or
taken from another list (another path, filter or order) is refused, so that a walk never changes its question midway.
"""

import base64
import binascii
import hmac
import struct
from collections.abc import Callable

# A keyed hash of a value for a purpose, as `here.keyed_hash` makes it.
Sign = Callable[[str, str], bytes]

# Half of a SHA-256: nobody finds such a signature by trying.
SIGNATURE_BYTES = 16
PURPOSE = "cursor"


class StrangeCursor(ValueError):
    """Not a cursor that this list has given out."""


def written(sign: Sign, asked: str, key: tuple[int, ...]) -> str:
    """The token for `key` in the list that `asked` describes."""
    body = struct.pack(f">{len(key)}q", *key)
    return base64.urlsafe_b64encode(sign(PURPOSE, asked + body.hex())[:SIGNATURE_BYTES] + body).rstrip(b"=").decode()


def read(sign: Sign, asked: str, token: str) -> tuple[int, ...]:
    """The key in a token; raises StrangeCursor."""
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise StrangeCursor from error
    signature, body = whole[:SIGNATURE_BYTES], whole[SIGNATURE_BYTES:]
    if (
        not body
        or len(body) % 8
        or not hmac.compare_digest(sign(PURPOSE, asked + body.hex())[:SIGNATURE_BYTES], signature)
    ):
        raise StrangeCursor
    return struct.unpack(f">{len(body) // 8}q", body)
