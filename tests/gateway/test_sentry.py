"""What Sentry is told, caught on the wire: enough to find the place, and nothing that a person typed or has."""

import gzip
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import pytest
import sentry_sdk

from gateway import log, sentry
from gateway.app import create_app
from gateway.wiring import Wiring
from tests.gateway.turns import NJERI

PIN, TOKEN, TEXT = "48271", "9f" * 32, "1*500*48271"


@pytest.fixture
def caught() -> Iterator[list[bytes]]:
    """What arrives at a Sentry of ours."""
    bodies: list[bytes] = []

    class Catcher(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Catcher)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    handlers = list(logging.getLogger("pesachama").handlers)
    sentry.start(f"http://key@127.0.0.1:{server.server_port}/1", "demo")
    yield bodies
    sentry_sdk.get_client().close(timeout=1)
    sentry_sdk.get_global_scope().set_client(None)
    logging.getLogger("pesachama").handlers[:] = handlers
    server.shutdown()
    server.server_close()


def test_an_error_is_found_and_nobody_in_it(web_wiring: Wiring, caught: list[bytes]) -> None:
    app = create_app(web_wiring)

    def broken(token: str) -> str:
        pin, held = PIN, {"phone": NJERI, "text": TEXT, "token": token}
        try:
            psycopg.connect(f"postgresql://{NJERI}:{pin}@127.0.0.1:1/none", connect_timeout=1)
        except psycopg.Error as trouble:
            raise RuntimeError(f"{held} {pin} {trouble}") from trouble
        return ""

    app.add_url_rule("/pay/broken/<token>", view_func=broken, methods=["POST"])
    told = {"phoneNumber": NJERI, "text": TEXT}
    answer = app.test_client().post(f"/pay/broken/{TOKEN}?pin={PIN}", data=told, headers={"Authorization": TOKEN})
    assert answer.status_code == 500
    try:
        raise ValueError(f"{PIN} {NJERI}")
    except ValueError as error:
        log.line("loop failed", level=logging.ERROR, error=error, loop="prompts", text=TEXT)
    sentry.finish()
    sent = b"\n".join(caught).decode()
    assert len(caught) == 2
    for named in (
        "RuntimeError",
        "OperationalError",
        "broken",
        "/pay/broken/<token>",
        '"loop":"prompts"',
        "ValueError",
    ):
        assert named in sent.replace(" ", ""), named
    secrets = (PIN, TOKEN, TEXT, NJERI[1:], "0" + NJERI[4:], web_wiring.settings.secret_key)
    assert [secret for secret in secrets if secret in sent] == []
    assert not any(word in sent for word in ("vars", "phoneNumber", "context_line", "server_name", "Authorization"))
