"""Where the simulator calls: a small HTTP server that keeps what comes, as the gateway's own view does."""

import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gateway.wiring import Wiring
from payments import evidence

SOURCES = {
    ("stk", None): "stk_callback",
    ("status", "result"): "status_result",
    ("status", "timeout"): "status_timeout",
    ("b2c", "result"): "b2c_result",
    ("b2c", "timeout"): "b2c_timeout",
}
PATH = re.compile(r"/pay/(stk|status|b2c)/([0-9a-f]{64})(?:/(result|timeout))?")
PATIENCE_SECONDS = 10.0


class Door:
    """Keeps callbacks with the wiring of the test that is on."""

    def __init__(self) -> None:
        self.wiring: Wiring | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                path = PATH.fullmatch(self.path)
                if path and door.wiring:
                    with door.wiring.transaction() as conn:
                        evidence.keep(
                            conn, source=SOURCES[path[1], path[3]], token=path[2], body=body,
                            headers=dict(self.headers), remote_ip=self.client_address[0], at=door.wiring.now(),
                        )  # fmt: skip
                self.send_response(200 if path else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the paths hold tokens."""

        return Handler


def soon(true: Callable[[], object]) -> None:
    """Waits for what another process does; fails after PATIENCE_SECONDS."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
