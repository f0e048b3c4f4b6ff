"""What one shortcode needs to speak to Daraja. The secret parts never show in a repr, so never in a traceback."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Keys:
    """`security_credential` is the initiator's password, encrypted; empty when Transaction Status is not set up."""

    shortcode: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    passkey: str = field(repr=False)
    initiator: str = ""
    security_credential: str = field(default="", repr=False)

    @property
    def app(self) -> bytes:
        """Tells one app at Safaricom from another; several shortcodes may be served by one."""
        return hashlib.sha256(f"daraja app {self.consumer_key}".encode()).digest()

    @property
    def may_ask_status(self) -> bool:
        return bool(self.initiator and self.security_credential)
