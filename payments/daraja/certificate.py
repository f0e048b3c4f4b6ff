"""Safaricom's certificate, and the initiator's password under it: what Daraja calls a SecurityCredential. Pure.

The password alone, RSA with PKCS#1 v1.5, in base64 (Safaricom's answers about Transaction Status, number 6); a time
behind it, which some libraries add, is a wrong password. The certificate is the operator's to fetch from the portal:
those that are copied around have expired, and a wrong one locks the initiator.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa

# Of special characters Safaricom takes these, and @ as any letter; ( and ) are refused.
PASSWORD = re.compile(r"[A-Za-z0-9@#&%$]{1,100}")


class Unusable(ValueError):
    """No certificate, or a password that Safaricom would not take. Never repeats either."""


@dataclass(frozen=True)
class Certificate:
    """Of whom it is, and between which instants (UTC) it is good."""

    subject: str
    begins_at: datetime
    ends_at: datetime


def read(pem: str) -> Certificate:
    """What stands in a certificate (PEM). Raises Unusable."""
    found = _load(pem)
    return Certificate(found.subject.rfc4514_string(), found.not_valid_before_utc, found.not_valid_after_utc)


def credential(password: str, pem: str) -> str:
    """The SecurityCredential. It may be used again and again; each call makes another one. Raises Unusable."""
    if not PASSWORD.fullmatch(password):
        raise Unusable("an initiator's password has letters, digits and @ # & % $ only")
    key = _load(pem).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Unusable("the certificate has no RSA key")
    return base64.b64encode(key.encrypt(password.encode(), padding.PKCS1v15())).decode()


def _load(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise Unusable("this is no certificate in PEM form") from None
