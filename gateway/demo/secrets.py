"""The demo's own secrets: random, made at the first start, kept so that a restart opens the same doors."""

import json
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from embedded.server import write_private


class OtherVersion(Exception):
    """The folder was written by another version of the demo."""


@dataclass(frozen=True)
class Secrets:
    """Every value is random hexadecimal text."""

    secret_key: str
    pin_pepper: str
    callback_secret: str
    at_api_key: str
    mpesa_consumer_key: str
    mpesa_consumer_secret: str
    mpesa_passkey: str
    mpesa_security_credential: str
    admin_password: str


def kept(folder: Path) -> Secrets:
    """The secrets of the demo in `folder`, made when missing; the file is readable for its owner only.

    Raises OtherVersion when the file holds other secrets than this version has.
    """
    note = folder / "secrets.json"
    if not note.exists():
        made = Secrets(**{field.name: secrets.token_hex(32) for field in fields(Secrets)})
        # A person types this one.
        made = Secrets(**{**asdict(made), "admin_password": secrets.token_urlsafe(9)})
        write_private(note, json.dumps(asdict(made), indent=1))
    try:
        return Secrets(**json.loads(note.read_text()))
    except (TypeError, ValueError) as unread:
        raise OtherVersion(f"{note} is not this version's") from unread


def kept_account(note: Path, token_uri: str) -> Path:
    """The file with the service account under which the demo pushes messages to its simulator, made when missing."""
    if not note.exists() or json.loads(note.read_text())["token_uri"] != token_uri:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        account = {"project_id": "demo", "client_email": "push@demo.example", "token_uri": token_uri}
        write_private(note, json.dumps({**account, "private_key": key.decode()}))
    return note
