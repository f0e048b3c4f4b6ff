"""Stands in for sandbox.safaricom.co.ke on this machine: a proxy that ends TLS itself and hands on to the simulator.

A program that honours HTTPS_PROXY and SSL_CERT_FILE then speaks to the simulator under Safaricom's own name, unchanged.
"""

import contextlib
import datetime
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HOST = "sandbox.safaricom.co.ke"
CHUNK = 65536


class TlsFront:
    def __init__(self, simulator_url: str, folder: Path) -> None:
        upstream = urlsplit(simulator_url)
        self.certificate = folder / "certificate.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*_certified(folder))
        self.asked_for: set[str] = set()
        asked_for = self.asked_for

        class Door(BaseHTTPRequestHandler):
            def do_CONNECT(self) -> None:
                asked_for.add(self.path)
                if self.path != f"{HOST}:443":
                    self.send_error(403)
                    return
                self.send_response(200)
                self.end_headers()
                self.close_connection = True
                with (
                    contextlib.suppress(OSError),
                    context.wrap_socket(self.connection, server_side=True) as inside,
                    socket.create_connection((upstream.hostname or "", upstream.port or 0)) as outside,
                ):
                    there = threading.Thread(target=_carry, args=(inside, outside), daemon=True)
                    there.start()
                    _carry(outside, inside)

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _carry(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)


def _certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of a day's life for Safaricom's name, which nobody trusts but who is told to."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
