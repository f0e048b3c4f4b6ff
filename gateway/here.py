"""What the request that is being answered stands on."""

import hashlib
import hmac
from ipaddress import IPv6Address, ip_address

from flask import current_app, request

from gateway.soundness import LOOPBACK
from gateway.wiring import Wiring


def wiring() -> Wiring:
    """The wiring that `create_app` put into the app."""
    return current_app.extensions["wiring"]  # type: ignore[no-any-return]


def from_this_machine() -> bool:
    """Whether the caller sits on this machine itself; behind a proxy on it everybody would seem to."""
    # A proxy says for whom it speaks.
    return request.remote_addr in LOOPBACK and "X-Forwarded-For" not in request.headers


def keyed_hash(purpose: str, value: str) -> bytes:
    """HMAC-SHA256 under the secret key; `purpose` keeps the hashes of one place useless in another."""
    return hmac.digest(wiring().settings.secret_key.encode(), f"{purpose}:{value}".encode(), hashlib.sha256)


def caller_key(purpose: str) -> bytes:
    """Who calls, for counting: the keyed hash of the address, so that no store keeps addresses.

    A household with IPv6 owns a whole /64 and could change its address with every try, so it counts as one.
    """
    text = request.remote_addr or "unknown"
    try:
        address = ip_address(text)
    except ValueError:
        return keyed_hash(purpose, "unknown")
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        text = str(int(address) >> 64)
    return keyed_hash(purpose, text)
