"""SecurityCredential: the operator's password under the public key of Safaricom's certificate, RSA PKCS#1 v1.5.

The simulator makes a key pair of its own when its certificate is first asked for. Real certificates are Safaricom's to
give, and those that circulate have expired.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from simulator.ground import Ground
from simulator.store import Shelf

KEY_BITS = 2048  # as in Safaricom's certificates
# Nobody's test should end with a certificate.
BEGINS, ENDS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """Both PEM. The private key guards a simulated password only."""

    private: str
    certificate: str


class Credentials:
    def __init__(self, ground: Ground) -> None:
        self._shelf = Shelf(ground.store, "credentials", Pair)
        self._password = ground.settings.initiator_password

    @property
    def certificate(self) -> str:
        """PEM, as the portal hands it out. The first call makes the key pair."""
        return self._pair().certificate

    def open(self, credential: str, expected: str | None = None) -> bool:
        """Whether the `expected` password is in it, that of the settings; where none is expected every one opens."""
        password = self._password if expected is None else expected
        if not password:
            return True
        key = serialization.load_pem_private_key(self._pair().private.encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the key on the shelf is no RSA key")
        try:
            found = key.decrypt(base64.b64decode(credential, validate=True), padding.PKCS1v15())
        except (ValueError, binascii.Error):
            return False
        return found == password.encode()

    def _pair(self) -> Pair:
        return self._shelf.get("pair") or self._shelf.put("pair", _make())


def _make() -> Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated Daraja")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(x509.random_serial_number()).not_valid_before(BEGINS).not_valid_after(ENDS)
    certificate = dated.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode())
