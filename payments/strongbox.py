"""Boxes in which credentials lie at rest: AES-256-GCM under a key of the settings, bound to whose they are. Pure.

A box says which key closed it, never the key itself. The first key closes, each of them opens: to change keys, a new
one is put first, everything is closed anew, and the old one is taken away.
"""

import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32  # AES-256
# NIST SP 800-38D: 96 bits, drawn anew for each box; there are a handful of boxes, so no two are ever the same.
NONCE_BYTES = 12
FORM = b"\x01"
MARK_BYTES = 4


class Closed(Exception):
    """None of the keys opens this box, or it is somebody else's. Says nothing of what is in it."""


class Strongbox:
    """Closes and opens boxes; `keys` are 32 bytes each, the one in use first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {mark(key): AESGCM(key) for key in keys}
        self._first = mark(keys[0]) if keys else None

    def __repr__(self) -> str:
        return f"Strongbox({len(self._keys)} keys)"

    @property
    def usable(self) -> bool:
        """Whether there is a key at all."""
        return self._first is not None

    def close(self, plain: bytes, *, whose: str, nonce: bytes) -> bytes:
        """The box; it opens for the same `whose` only. Raises Closed without a key, ValueError for a short nonce."""
        if self._first is None:
            raise Closed("there is no key to close with")
        if len(nonce) != NONCE_BYTES:
            raise ValueError("a nonce has 12 bytes")
        return FORM + self._first + nonce + self._keys[self._first].encrypt(nonce, plain, whose.encode())

    def open(self, box: bytes, *, whose: str) -> bytes:
        """What is in the box. Raises Closed."""
        form, used, rest = box[:1], box[1 : 1 + MARK_BYTES], box[1 + MARK_BYTES :]
        if form != FORM or used not in self._keys:
            raise Closed("no key for it")
        try:
            return self._keys[used].decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], whose.encode())
        except (InvalidTag, ValueError):
            raise Closed("another's box, or a damaged one") from None

    def is_current(self, box: bytes) -> bool:
        """Whether the first key closed it."""
        return box[1 : 1 + MARK_BYTES] == self._first


def mark(key: bytes) -> bytes:
    """How a box names the key that closed it. Raises ValueError when it is no key."""
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return hashlib.sha256(b"strongbox key " + key).digest()[:MARK_BYTES]
