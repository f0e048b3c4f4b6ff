"""The service account that push messages are sent under, and what it signs to get a token (RFC 7523, RS256). Pure."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# As long as Google lets a statement live.
STATEMENT_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Account:
    """A service account, as Google hands it out: JSON with these four and more."""

    project_id: str
    client_email: str
    token_uri: str
    private_key: str = field(repr=False)


def read_account(config: str) -> Account:
    """Out of FIREBASE_CONFIG. Raises ValueError when something is missing or the key is none."""
    try:
        given = json.loads(config)
        names = ("project_id", "client_email", "token_uri", "private_key")
        account = Account(**{name: str(given[name]) for name in names})
    except (KeyError, TypeError) as missing:
        raise ValueError("no service account") from missing
    _key(account)
    return account


def statement(account: Account, at: datetime) -> str:
    """What the account says of itself, signed; good for an hour from `at`."""
    claims = {
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": int(at.timestamp()),
        "exp": int((at + STATEMENT_FOR).timestamp()),
    }
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    signed = b".".join(_base64(part) for part in parts)
    return (signed + b"." + _base64(_key(account).sign(signed, padding.PKCS1v15(), hashes.SHA256()))).decode()


def _base64(plain: bytes) -> bytes:
    return base64.urlsafe_b64encode(plain).rstrip(b"=")


def _key(account: Account) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(account.private_key.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the key of a service account is an RSA key")
    return key
